"""Where a lead can go, and that the page in the docs says the same."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.core.fields import LEAD_FIELDS
from nurture.core.lifecycle import (
    HANDOFF_MOVES,
    MEANINGS,
    MOVES,
    STAGES,
    Move,
    Stage,
    as_table,
    check_move,
    funnel,
    mermaid,
    since_recycled,
)
from nurture.core.score import Score
from nurture.errors import IllegalMove
from tests.core.agreements import AGREEMENT, NOW, form

PAGE = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def test_every_pair_of_stages_is_either_in_the_table_or_refused() -> None:
    refused = set()
    for source in STAGES:
        for target in STAGES:
            try:
                assert check_move(source, target) is MOVES[source, target]
            except IllegalMove:
                refused.add((source, target))
    assert refused == {(a, b) for a in STAGES for b in STAGES} - MOVES.keys()


NEVER: list[tuple[Stage, Stage]] = [
    # nobody stays by moving, or skips sales' answer
    ("mql", "mql"),
    ("iql", "opportunity"),
    ("mql", "opportunity"),
    ("sql", "customer"),
    ("recycled", "iql"),
    # whom sales has taken is not taken back from it; what is out comes back only by the front door
    ("opportunity", "mql"),
    ("customer", "mql"),
    ("disqualified", "mql"),
    ("disqualified", "sql"),
]


@pytest.mark.parametrize(("source", "target"), NEVER)
def test_these_moves_never_happen(source: Stage, target: Stage) -> None:
    with pytest.raises(IllegalMove, match=f"no lifecycle move from {source} to {target}; from {source} it goes to "):
        check_move(source, target)


def test_exactly_the_moves_to_sales_need_a_person_and_make_a_handoff() -> None:
    assert {target for (_, target), move in MOVES.items() if move.needs_human} == {"sql"}
    assert all(move.needs_human for (_, target), move in MOVES.items() if target == "sql")


def test_every_stage_can_be_reached_from_the_first() -> None:
    reached = {"iql"}
    for _ in STAGES:
        reached |= {target for source, target in MOVES if source in reached}
    assert reached == set(STAGES)


def test_only_an_open_handoff_can_be_answered() -> None:
    assert {source for source, _ in HANDOFF_MOVES} == {"offered"}
    assert {target for _, target in HANDOFF_MOVES} == {"accepted", "rejected", "withdrawn"}


def test_every_stage_has_one_department_and_only_a_handoff_takes_a_lead_to_sales() -> None:
    """Statement 1, and 22: the moves to sales are those that need a person; those back leave from what sales has."""
    departments = {stage: terms.department for stage, terms in AGREEMENT.stages.items()}
    assert departments.keys() == set(STAGES)
    over = {(source, target) for source, target in MOVES if departments[source] != departments[target]}
    to_sales = {(source, target) for source, target in over if departments[target] == "sales"}
    assert to_sales == {pair for pair, move in MOVES.items() if move.needs_human}
    assert {source for source, _ in over - to_sales} == {"sql", "opportunity"}


@pytest.mark.parametrize(("pair", "move"), MOVES.items())
def test_every_move_has_a_cause_and_somebody_who_may_make_it(pair: tuple[Stage, Stage], move: Move) -> None:
    assert move.cause
    assert move.by
    if "engine" not in move.by:
        with pytest.raises(IllegalMove, match="is not made by the engine"):
            check_move(*pair, by="engine")


def test_the_picture_can_go_by_the_companys_own_names() -> None:
    """Statement 21."""
    drawn = mermaid({"mql": 'Zone 1, "warm"', "sql": "Zone 2"})
    assert """    state "Zone 1, 'warm'" as mql\n    state "Zone 2" as sql\n    [*] --> iql""" in drawn


FUNNEL: list[tuple[Stage, str | None, bool, str]] = [
    ("iql", "A1", True, "tofu"),
    ("mql", None, False, "mofu"),
    ("mql", "A3", False, "mofu"),
    ("mql", "B4", False, "mofu"),
    ("mql", "D4", True, "bofu"),
    ("mql", "C2", False, "bofu"),
    ("mql", "A1", False, "bofu"),
    ("sql", None, False, "bofu"),
    ("opportunity", None, False, "bofu"),
    ("customer", "A1", True, "loyalty"),
    ("advocate", None, False, "loyalty"),
    ("recycled", "A1", True, "mofu"),
    ("disqualified", None, False, "mofu"),
]


@pytest.mark.parametrize(("stage", "grade", "intent", "expected"), FUNNEL)
def test_content_follows_the_stage(stage: Stage, grade: str | None, intent: bool, expected: str) -> None:
    assert funnel(stage, Score(50, 50, grade) if grade else None, intent) == expected


def test_engagement_up_to_the_recycling_no_longer_counts() -> None:
    acts = (form("webinar", days=3), form("ebook", days=2), form("pricing", days=1))
    assert since_recycled(acts, NOW - timedelta(days=2)) == acts[2:]
    assert since_recycled(acts, None) == acts


def test_the_page_shows_exactly_the_tables() -> None:
    """After a change of the tables: python -c "from nurture.core.lifecycle import mermaid; print(mermaid())"."""
    assert re.findall(r"```mermaid\n.*?\n```", PAGE, re.DOTALL) == mermaid().split("\n\n")
    assert as_table() in PAGE


def test_the_page_says_what_each_stage_means() -> None:
    assert [stage for stage, meaning in MEANINGS.items() if f"| {stage} | {meaning} |" not in PAGE] == []


def test_mermaid_can_read_every_label() -> None:
    labels = [line.partition(": ")[2] for line in mermaid().splitlines() if "-->" in line]
    assert len(labels) == len(MOVES) + len(HANDOFF_MOVES) + 2
    assert [label for label in labels if not label or set(label) & set(":;#")] == []


def test_the_field_catalogue_names_the_same_stages() -> None:
    assert LEAD_FIELDS["stage"] == "lifecycle stage: " + ", ".join(STAGES)
