"""`nurture test` on the command line: what it prints, for people and for programs, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Nurture

SOUND = """\
sequence: welcome
tests:
  - name: gets both
    starts: 2026-03-02 10:00
    expect: {mails: [tofu/one at mon 10:00, tofu/two after 5 days]}
"""
FAILING = """\
  - name: opts out too late
    starts: 2026-03-02 10:00
    events: [{opt_out: tofu/two}]
    expect: {mails: [tofu/one, tofu/two after 2 days], ended: opted out}
"""


@pytest.fixture
def tests(project: Path) -> Path:
    path = project / "sequences" / "tests" / "welcome.yaml"
    path.parent.mkdir()
    path.write_text(SOUND)
    return path


def test_tests_that_pass_are_listed(nurture: Nurture, tests: Path) -> None:
    answer = nurture("test")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "welcome\n  ok      gets both\n\n1 test, 0 failed\n"


def test_of_one_that_fails_the_difference_is_shown_and_all_that_happened(nurture: Nurture, tests: Path) -> None:
    tests.write_text(SOUND + FAILING)
    answer = nurture("test", "welcome")
    assert (answer.code, answer.err) == (1, "")
    assert answer.out.splitlines() == [
        "welcome",
        "  ok      gets both",
        "  FAILED  opts out too late",
        "            sequences/tests/welcome.yaml:6",
        "            mails, expected (-) and seen (+)",
        "            tofu/one  Mon 2 Mar 10:00 Oslo",
        "          - tofu/two  after 2 days",
        "          + tofu/two  Sat 7 Mar 10:00 Oslo, because 5 days after tofu/one",
        "            ended: expected opted out; it left: finished",
        "            what happened",
        "              Mon 2 Mar 10:00 Oslo: enters welcome, because it came in",
        "              Mon 2 Mar 10:00 Oslo: mail tofu/one",
        "              Sat 7 Mar 10:00 Oslo: mail tofu/two, because 5 days after tofu/one",
        "              Sat 7 Mar 10:00 Oslo: leaves welcome, because finished",
        "              Sat 7 Mar 11:00 Oslo: opts out of tofu/two",
        "              it must not be mailed: opted out",
        "",
        "2 tests, 1 failed",
    ]


def test_for_programs_it_is_one_object(nurture: Nurture, tests: Path) -> None:
    tests.write_text(SOUND + FAILING)
    answer = nurture("test", "--json")
    assert answer.code == 1
    found = answer.json
    assert (found["tests"], found["failed"], found["problems"]) == (2, 1, [])
    passed, failed = found["results"]
    assert (passed["name"], passed["ok"], passed["differences"]) == ("gets both", True, [])
    assert [line["mark"] for line in failed["mails"]] == [" ", "-", "+"]
    assert failed["differences"] == [{"what": "ended", "expected": "opted out", "seen": "it left: finished"}]
    assert failed["timeline"]["entries"][0]["what"] == "enters welcome"


def test_a_faulty_file_is_shown_with_the_place_while_the_others_are_played(nurture: Nurture, tests: Path) -> None:
    (tests.parent / "more.yaml").write_text(SOUND.replace("tofu/two", "tofu/tow"))
    answer = nurture("test")
    assert answer.code == 1
    assert (
        "sequences/tests/more.yaml:5:45 error there is no template 'tofu/tow', did you mean 'tofu/two'?" in answer.out
    )
    assert ">   5 |     expect:" in answer.out
    assert answer.out.endswith("1 test, 0 failed; 1 fault keeps tests from being played\n")
    assert nurture("test", "welcome").code == 0
    assert nurture("validate", "sequences/tests").code == 1


def test_without_a_test_or_with_an_unknown_sequence_it_was_called_wrongly(nurture: Nurture, project: Path) -> None:
    answer = nurture("test")
    assert (answer.code, answer.out) == (2, "")
    assert "Tests are written in sequences/tests/<sequence>.yaml." in answer.err
    assert "did you mean 'welcome'?" in nurture("test", "welcom").err


def test_the_database_of_the_project_is_not_touched(nurture: Nurture, tests: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tests.parents[2].glob("*.db*")}
    assert before
    nurture("test")
    assert {path: path.stat().st_mtime_ns for path in tests.parents[2].glob("*.db*")} == before
