"""What looks wrong about an agreement that reads well, told with its place."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from nurture.content import validate
from nurture.errors import Problem
from tests.core.agreements import TERMS
from tests.support import write_project


def found(root: Path, **changed: Any) -> list[Problem]:
    return [problem for problem in validate(write_project(root, **changed)) if problem.file == "nurture.yaml"]


def rule(**asked: Any) -> dict[str, Any]:
    return {"text": "As we both say", **asked}


def and_rule(gate: str, **asked: Any) -> dict[str, Any]:
    return {gate: [*TERMS[gate], rule(**asked)]}


def capped(points: int) -> dict[str, Any]:
    """Signals that together never give many points."""
    signal = {"about": "did something", "kind": "submitted", "forms": ["ebook"], "points": points,
              "half_life_days": 7, "at_most": {"points": points, "per": "week"}, "intent": True}  # fmt: skip
    return {"signals": {"ebook": signal}}


ODD = [
    # nobody can ever meet it
    ("never_met", "fit reaches", and_rule("mql", fit_at_least=100) | {"fit": TERMS["fit"] | {"base": 0}}),
    ("never_met", "all signals together give 10", capped(5) | {"mql": [rule(score_at_least=30)]}),
    ("never_met", "keep every lead out", and_rule("sql", cell_in=["D1"])),
    ("never_met", "kinds of things", and_rule("mql", kinds_at_least=19, within_days=30)),
    ("never_met", "5 days are not 7", and_rule("mql", days_at_least=7, within_days=5)),
    ("never_met", "no signal tells of visit", and_rule("mql", did_at_least=3, of=["visit"], within_days=7)),
    ("never_met", "no signal tells of event", and_rule("mql", first="event", then="form", within_days=7)),
    ("never_met", "no company has", and_rule("mql", attribute="employees", at_least=50, at_most=10)),
    ("never_met", "3 of 1 answers", and_rule("sql", answers_at_least=3, of=["need"])),
    (
        "never_met",
        "no signal is a sign of it",
        {"signals": {name: one | {"intent": False} for name, one in TERMS["signals"].items()}},
    ),
    # everybody does
    ("always_met", "fit is never below", and_rule("mql", fit_at_least=5)),
    ("always_met", "first and then are the same", and_rule("mql", first="form", then="form", within_days=7)),
    ("same_rule", "checks the same as", {"sql": [*TERMS["sql"], rule(score_at_least=15)]}),
    # intent so old that it gives next to no points any more: 5 half-lives of 10 days
    ("stale_intent", "at most 50 days", {"sql": [rule(intent_within_days=51), *TERMS["sql"][1:]]}),
    # countries that no lead ever has
    (
        "country_code",
        "'UK' is no country of ISO 3166, did you mean GB?",
        {"owners": [TERMS["owners"][0] | {"countries": ["NO", "UK"]}]},
    ),
    ("country_code", "'XX' is no country", {"owners": [TERMS["owners"][0] | {"country": "XX"}]}),
    ("country_code", "'EN' is no country", {"fit": TERMS["fit"] | {"countries": [{"codes": ["EN"], "points": 5}]}}),
    ("country_code", "'UK' is no", {"disqualify": [{"because": "far away", "countries": ["UK"]}]}),
    # promises that cannot be kept together
    ("slow_answer", "waits longer", {"sla": TERMS["sla"] | {"hand_raise_minutes": 600, "accept_hours": 4}}),
    ("playbook", "another order", {"playbook": [{"day": n, "do": "call"} for n in (0, 2, 1, 3, 4)]}),
    ("playbook", "is after the 10 days", {"playbook": [{"day": n, "do": "call"} for n in (0, 1, 2, 3, 14)]}),
    ("playbook", "2 attempts", {"playbook": [{"day": n, "do": "call"} for n in (0, 1)]}),
]


@pytest.mark.parametrize(("wanted", "says", "changed"), ODD)
def test_odd_terms_are_told_with_their_place(tmp_path: Path, wanted: str, says: str, changed: dict[str, Any]) -> None:
    problems = found(tmp_path, **deepcopy(changed))
    assert {problem.rule for problem in problems} == {wanted}
    assert says in problems[0].message
    assert problems[0].line > 1
    assert {problem.severity for problem in problems} == {"warning"}


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ({"hand_raise": {"forms": ["demo", "call_me"]}}, '"call_me"'),
        ({"signals": TERMS["signals"] | {"guide": TERMS["signals"]["guide"] | {"forms": ["ebook", "checklists"]}}},
         '"checklists"'),
    ],
)  # fmt: skip
def test_a_form_that_the_site_calls_something_else_is_told_at_its_place(
    tmp_path: Path, part: dict[str, Any], line: str
) -> None:
    root = write_project(tmp_path, **part)
    path = root / "nurture.yaml"
    config = json.loads(path.read_text())
    config["forms"] = {"call-me": {}, "checklist": {}, "ebook": {"asset": "night-load"}}
    path.write_text(json.dumps(config, indent=1))
    (odd,) = validate(root)
    assert (odd.rule, odd.severity) == ("form_name", "warning")
    assert "did you mean" in odd.message
    assert line in odd.frame.splitlines()[1]


def closed_mondays() -> list[str]:
    return [f"{date(2026, 1, 5) + timedelta(weeks=week):%Y-%m-%d}" for week in range(54)]


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        # each Monday of 2026 is closed
        ({"days": ["mon"], "closed": closed_mondays()}, "2026-01-05"),
        # all but Easter Monday are, and that is a holiday where the rep is
        ({"days": ["mon"], "closed": [day for day in closed_mondays() if day != "2026-04-06"]}, "2026-01-05"),
    ],
)
def test_business_hours_that_never_come_are_told(tmp_path: Path, hours: dict[str, Any], says: str) -> None:
    owners = [TERMS["owners"][0] | {"country": "NO"}, *TERMS["owners"][1:]]
    (odd,) = found(tmp_path, hours=hours, owners=owners)
    assert (odd.rule, odd.severity) == ("no_hours", "warning")
    assert says in odd.message
    assert '"closed"' in odd.frame


def test_closed_days_beside_open_ones_are_nothing_odd(tmp_path: Path) -> None:
    assert found(tmp_path, hours={"days": ["mon", "tue"], "closed": closed_mondays()}) == []


def test_the_agreement_of_the_tests_has_nothing_odd(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize("part", ["mql", "sql", "hand_raise"])
def test_statement_40_without_a_handoff_point_nothing_starts(tmp_path: Path, part: str) -> None:
    root = write_project(tmp_path)
    config = json.loads((root / "nurture.yaml").read_text())
    del config["agreement"][part]
    (root / "nurture.yaml").write_text(json.dumps(config, indent=1))
    (fault,) = [problem for problem in validate(root) if problem.file == "nurture.yaml"]
    assert (fault.rule, fault.severity) == ("handoff_point", "error")
    assert "there is no handoff point without it, and nothing starts" in fault.message


def test_a_key_of_two_reps_is_told_at_the_second(tmp_path: Path) -> None:
    tom = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"}
    (fault,) = found(tmp_path, owners=[*TERMS["owners"], tom, TERMS["owners"][0] | {"name": "Kari Vik"}])
    assert (fault.severity, fault.message) == ("error", "another rep has the key 'kari' already")
    lines = (tmp_path / "nurture.yaml").read_text().splitlines()
    assert '"key": "kari"' in lines[fault.line - 1]
    assert '"Kari Vik"' in lines[fault.line]


def stages(**changed: Any) -> dict[str, Any]:
    names = ("iql", "mql", "sql", "opportunity", "customer", "advocate", "recycled", "disqualified")
    told = {name: {"name": name, "department": "marketing"} for name in names}
    told["sql"]["department"] = told["opportunity"]["department"] = "sales"
    return {"stages": told | changed}


def test_statement_1_every_stage_has_one_owner(tmp_path: Path) -> None:
    whole = stages()
    assert found(tmp_path, **whole) == []
    del whole["stages"]["recycled"]
    (unowned,) = found(tmp_path, **whole)
    assert (unowned.severity, "add recycled" in unowned.message) == ("error", True)
    (nobody,) = found(tmp_path, **stages(iql={"name": "New"}))
    assert (nobody.severity, "'department' is missing" in nobody.message) == ("error", True)
    text = (write_project(tmp_path, **stages()) / "nurture.yaml").read_text()
    twice = text.replace('"name": "iql",', '"name": "iql", "department": "sales",')
    (tmp_path / "nurture.yaml").write_text(twice)
    assert "stands here twice" in str([problem.message for problem in validate(tmp_path)])
