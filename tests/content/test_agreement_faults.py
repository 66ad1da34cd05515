"""A slip in the agreement is told where it stands, with what would do there."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.content import validate
from nurture.content.faults import check
from nurture.content.source import read_file
from nurture.core.project import ProjectConfig
from tests.content.projects import ROOT, write_project

#: what stands in nurture.yaml -> what somebody writes instead, and what is told of it
SLIPS = [
    ("fit_at_least: 30", "fit_at_leest: 30", "'fit_at_leest' is none of them, did you mean 'fit_at_least'?"),
    ("fit_at_least: 30", "fit_at_least: 300", "300 is too much: 100 or less is expected here"),
    ("after_days: 365", "after_days: -3", "-3 is too little: 1 or more is expected here"),
    ("text: Is engaged", "text: Is", "'Is' is too short: at least 3 letters are expected here"),
    ("cell_in: [A1, A2, B1]", "cell_in: [A1, E2]", "'E2' does not fit; write it like: A1, A2, B1"),
    ("backup: aisha", "backup: anna", "tom's backup 'anna' is no other rep; there are: kari, aisha"),
    ("of: [form, reply]", "of: [form, replies]", "names 'replies', which is no signal and none of click"),
    ("Europe/London", "Europe/Londn", "did you mean 'Europe/London'?"),
]


@pytest.mark.parametrize(("good", "slip", "told"), SLIPS, ids=[slip for _, slip, _ in SLIPS])
def test_a_slip_is_told_in_its_own_line(tmp_path: Path, good: str, slip: str, told: str) -> None:
    text = (ROOT / "nurture.yaml").read_text(encoding="utf-8")
    assert text.count(good) == 1
    edited = text.replace(good, slip)
    [problem] = [one for one in validate(write_project(tmp_path, {"nurture.yaml": edited})) if one.severity == "error"]
    assert told in problem.message
    assert problem.line == edited[: edited.index(slip)].count("\n") + 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "Price: no_buget",
            "'no_buget' is no reason of the agreement, did you mean 'no_budget'? There are: not_ready, ",
        ),
        ("Price: dear", "'dear' is no reason of the agreement. There are: not_ready, no_budget, wrong_person, "),
        ("too  DEAR: other", "'too  DEAR' stands here twice: small letters are as good as capitals"),
    ],
)
def test_a_word_of_the_crm_means_one_reason_of_the_agreement(tmp_path: Path, line: str, told: str) -> None:
    text = (ROOT / "nurture.yaml").read_text(encoding="utf-8")
    file = tmp_path / "nurture.yaml"
    file.write_text(f"{text}\ncrm_reasons:\n  Too dear: no_budget\n  {line}\n", encoding="utf-8")
    read, [problem] = check(ProjectConfig, read_file(file, "nurture.yaml"))
    assert read is None
    assert told in problem.message
    assert problem.line == text.count("\n") + 4


@pytest.mark.parametrize(
    ("good", "slip", "told", "key"),
    [
        ("at_percent: 150", "at_percent: 40", "the rungs of the ladder come in order", "    ladder:"),
        ("  mql:\n", "  mql:\n" + "    - {text: Once more, fit_at_least: 1}\n" * 3, "at most 7 are expected", "  mql:"),
    ],
    ids=["ladder", "rules"],
)
def test_a_list_that_does_not_hold_together_is_told_where_it_begins(
    tmp_path: Path, good: str, slip: str, told: str, key: str
) -> None:
    edited = (ROOT / "nurture.yaml").read_text(encoding="utf-8").replace(good, slip)
    [problem] = [one for one in validate(write_project(tmp_path, {"nurture.yaml": edited})) if one.severity == "error"]
    assert told in problem.message
    assert problem.line == edited[: edited.index(f"\n{key}") + 1].count("\n") + 2
