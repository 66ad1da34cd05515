"""The benchmarks are asked for by name, and say so before they run for minutes."""

from __future__ import annotations

from functools import partial

import pytest

from benchmarks import __main__ as benchmarks


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What was run, and whether quickly, without running it; each breaks one promise."""
    done: list[tuple[str, bool]] = []

    def run(name: str, quick: bool) -> int:
        done.append((name, quick))
        return 1

    for name in benchmarks.BENCHMARKS:
        monkeypatch.setitem(benchmarks.BENCHMARKS, name, partial(run, name))
    return done


def test_help_names_every_benchmark_and_runs_none(
    ran: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        benchmarks.main(["--help"])
    told = capsys.readouterr().out
    assert all(f"\n  {name} " in told for name in benchmarks.BENCHMARKS)
    assert ran == []


@pytest.mark.parametrize("wrong", ["--fast", "evnets"])
def test_what_is_not_there_runs_nothing(ran: list[tuple[str, bool]], wrong: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        benchmarks.main([wrong])
    assert ran == []


def test_those_that_are_named_run_and_all_where_none_is(ran: list[tuple[str, bool]]) -> None:
    assert benchmarks.main(["events", "--quick"]) == 1
    assert ran == [("events", True)]
    ran.clear()
    assert benchmarks.main([]) == len(benchmarks.BENCHMARKS)
    assert ran == [(name, False) for name in benchmarks.BENCHMARKS]
