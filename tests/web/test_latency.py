"""Whoever asks is answered in seconds: a few requests over the real app; `make bench` measures with many."""

from __future__ import annotations

from pathlib import Path

from benchmarks import latency
from tests.support import REPOSITORY


def test_what_is_asked_for_and_who_asks_for_a_person_arrive_within_seconds(tmp_path: Path) -> None:
    found = latency.run(REPOSITORY, tmp_path, 4)
    assert [(one.what, len(one.seconds)) for one in found] == [
        ("requested mail accepted", 4),
        ("form 'please call me' to alert", 4),
        ("form 'please call me' to chat channel", 4),
        ("reply 'please call me' to alert", 4),
    ]
    assert {one.what: one.percentile(0.95) for one in found if one.percentile(0.95) >= latency.PROMISE} == {}


def test_a_percentile_is_what_so_many_did_not_exceed() -> None:
    found = latency.Latency("", tuple(map(float, range(1, 41))))
    assert (found.percentile(0.5), found.percentile(0.95), found.percentile(1)) == (20, 38, 40)
