"""`nurture handoffs`: sales' side."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Nurture


def test_a_handoff_is_listed_shown_and_accepted_once(nurture: Nurture, offered: Path) -> None:
    [handoff] = nurture("handoffs", "list", "--json").json["handoffs"]
    assert handoff["hand_raise"] is True
    assert (handoff["id"], handoff["lead_id"], handoff["state"]) == (1, 2, "offered")
    assert "token" not in handoff
    rep = handoff["owner"]
    assert "Asks for a person: Omar" in nurture("handoffs", "show", 1).out
    assert nurture("handoffs", "show", 1, "--json").json["brief"]["who"] == "Omar"
    said = ("--project", "yes", "--budget", "unknown")
    accepted = nurture("handoffs", "accept", 1, "--by", rep, *said, "--note", "call on Tuesday")
    assert (accepted.code, accepted.out) == (0, f"Handoff 1 (lead 2) is accepted by {rep}.\n")
    late = nurture("handoffs", "reject", 1, "--by", rep, "--reason", "not_ready", "--json")
    assert (late.code, late.json["state"], late.json["fresh"]) == (1, "accepted", False)
    assert nurture("handoffs", "list").out == "Handoffs: none\n"
    assert len(nurture("handoffs", "list", "--all", "--json").json["handoffs"]) == 1


def test_a_rejected_lead_is_told_when_it_comes_back(nurture: Nurture, offered: Path) -> None:
    rep = nurture("handoffs", "list", "--json").json["handoffs"][0]["owner"]
    assert "did you mean" in nurture("handoffs", "reject", 1, "--by", rep, "--reason", "not_redy").err
    rejected = nurture("handoffs", "reject", 1, "--by", rep, "--reason", "not_ready")
    assert rejected.code == 0
    assert "nurtured again from" in rejected.out
    [chance] = nurture("leads", "explain", 2, "--json").json["chances"]
    assert chance["trigger"] == "handoff_rejected"


@pytest.mark.parametrize(
    "words",
    [["accept", "1", "--by", "nobody"], ["reject", "7", "--by", "kari", "--reason", "not_ready"], ["show", "7"]],
)
def test_wrong_reps_and_numbers_are_wrong_words(nurture: Nurture, offered: Path, words: list[str]) -> None:
    assert nurture("handoffs", *words).code == 2
