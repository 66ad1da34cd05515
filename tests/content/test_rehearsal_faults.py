"""Faults in tests of sequences: each is found with its line, its column and its rule, by `validate` as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.content import load_project, validate
from nurture.content.rehearsals import read_rehearsals
from nurture.errors import Problem
from tests.content.projects import write_project

FILE = "sequences/tests/try-out.yaml"
SEQUENCE = """\
sequence: try-out
title: Try-out
owner: marketing
stage: tofu
enter:
  trigger: [lead_created, manual]
steps:
  - email: tofu/welcome
  - split:
      - {share: 50%, steps: [{wait: 1 day}]}
      - {share: 50%, steps: []}
"""
BY_FORM = """\
sequence: by-form
title: By form
owner: marketing
stage: tofu
enter:
  trigger: form_submitted
steps:
  - email: tofu/welcome
"""
WHOLE = """\
sequence: try-out
tests:
  - name: one
    {}
    expect: {{ended: finished}}
"""


def faults(root: Path, text: str, **files: str) -> list[Problem]:
    written = {FILE: text, "sequences/try-out.yaml": SEQUENCE, "sequences/by-form.yaml": BY_FORM}
    project = load_project(write_project(root, written | files))
    return read_rehearsals(project)[1]


@pytest.mark.parametrize(
    ("line", "column", "rule", "message"),
    [
        ("led: {}", 5, "unknown_key", "unknown key 'led', did you mean 'lead'?"),
        ("lead: {cuntry: SE}", 12, "unknown_key", "unknown key 'cuntry', did you mean 'country'?"),
        ("lead: {country: Sweden}", 21, "name", "'Sweden' does not fit; write it like: NO"),
        ("lead: {timezone: Oslo}", 22, "timezone", "'Oslo' is not a time zone; write it like Europe/Oslo"),
        ("lead: {stage: lead}", 19, "choice", "'lead' is not known here"),
        ("lead: {employees: many}", 23, "type", "a whole number is expected here"),
        ("starts: mon 09:00", 13, "moment", "is no date with a time of day"),
        ("starts: tue 2026-03-02 09:00", 13, "moment", "that day is a monday"),
        ("enter: stage_changed", 12, "test_name", "is not entered by 'stage_changed'; it is by: lead_created, manual"),
        ("form: pricing", 5, "test_name", "is not entered by a form"),
        ("lots: {tofu/welcome/split-2: 1}", 12, "test_name", "there is no split 'tofu/welcome/split-2', did you mean"),
        ("lots: {tofu/welcome/split-1: 3}", 34, "test_name", "this split has the arms 1 to 2"),
        ("for: long", 10, "time", "'long' is not a length of time"),
        ("with: [by-from]", 11, "test_name", "there is no sequence 'by-from', did you mean 'by-form'?"),
        ("events: [{click: tofu/welcom}]", 22, "template", "no template 'tofu/welcom', did you mean 'tofu/welcome'?"),
        ("events: [{click: welcome, form: pricing}]", 14, "event", "say one thing that happens"),
        ("events: [{sales: reject}]", 14, "event", "a rejection needs its 'reason:'"),
        ("events: [{sales: reject, reason: later}]", 38, "test_name", "the agreement has no reason 'later'"),
        ("events: [{sales: reject, reason: other}]", 38, "event", "reason 'other' needs a note"),
        ("events: [{form: princing}]", 21, "form", "the agreement has no form 'princing', did you mean 'pricing'?"),
        ("events: [{form: pricing, at: wed}]", 34, "moment", "'wed' has no time of day"),
        ("events: [{form: pricing, at: 'wed 9:00', after: 1 day}]", 14, "event", "say 'at:' or 'after:', not both"),
        ("events: [{reply: call}]", 22, "choice", "'call' is not known here: it is 'stop', 'call-me'"),
        ("events: [{reply: question, to: tofu/welcom}]", 36, "template", "did you mean 'tofu/welcome'?"),
        ("events: [{form: pricing, to: tofu/welcome}]", 30, "event", "'to:' says which mail a reply answers"),
        ("events: [{visit: pricing}]", 22, "name", "'pricing' does not fit; write it like: /pricing"),
        ("events: [{track: Trial Started}]", 22, "name", "does not fit; write it like: trial_started"),
        ("events: [{stage: bought}]", 22, "choice", "'bought' is not known here"),
    ],
)  # fmt: skip
def test_a_fault_of_a_test_is_shown_where_it_is(
    tmp_path: Path, line: str, column: int, rule: str, message: str
) -> None:
    [problem] = faults(tmp_path, WHOLE.format(line))
    assert (problem.file, problem.line, problem.column, problem.rule) == (FILE, 4, column, rule)
    assert message in problem.message
    assert problem.frame.splitlines()[1].endswith(line)


@pytest.mark.parametrize(
    ("expect", "column", "rule", "message"),
    [
        ("{}", 13, "expected", "say what is to come of it; there are: mails, stage"),
        ("{mails: [tofu/welcome on monday]}", 22, "expected", "is not understood; write it like"),
        ("{mails: [tofu/welcome at monthly]}", 22, "expected", "'monthly' is no day of the week"),
        ("{mails: [tofu/welcome after a while]}", 22, "expected", "is not a length of time"),
        ("{mails: [bofu/q]}", 22, "template", "there is no template 'bofu/q'; it has: tofu/welcome"),
        ("{waiting: tofu/welcome/wait-2}", 23, "test_name", "there is no step 'tofu/welcome/wait-2', did you mean"),
        ("{end: finished}", 14, "unknown_key", "unknown key 'end', did you mean 'ended'?"),
    ],
)
def test_a_fault_of_what_is_expected_is_shown_where_it_is(
    tmp_path: Path, expect: str, column: int, rule: str, message: str
) -> None:
    [problem] = faults(tmp_path, f"sequence: try-out\ntests:\n  - name: one\n    expect: {expect}\n")
    assert (problem.line, problem.column, problem.rule) == (4, column, rule)
    assert message in problem.message


def test_a_test_of_a_sequence_entered_by_a_form_says_which(tmp_path: Path) -> None:
    text = WHOLE.format("starts: 2026-03-02 09:00").replace("try-out", "by-form")
    [problem] = faults(tmp_path, text)
    assert (problem.line, problem.column, problem.rule) == (3, 11, "test_name")
    assert "is entered by a form: say which with 'form:'; there are: call-me, " in problem.message


def test_a_mail_of_another_sequence_is_expected_only_where_that_one_is_let_in(tmp_path: Path) -> None:
    other = BY_FORM.replace("by-form", "other").replace("tofu/welcome", "tofu/second")
    mails = {f"templates/tofu/second.{end}": (write_project(tmp_path) / f"templates/tofu/welcome.{end}").read_text()
             for end in ("txt", "html")}  # fmt: skip
    text = "sequence: try-out\ntests:\n  - name: one\n    expect: {mails: [tofu/second]}\n"
    [problem] = faults(tmp_path, text, **{"sequences/other.yaml": other}, **mails)
    assert problem.message.startswith("'tofu/second' is no mail of 'try-out'")
    allowed = text.replace("    expect", "    with: other\n    expect")
    assert faults(tmp_path, allowed, **{"sequences/other.yaml": other}, **mails) == []


def test_tests_have_names_of_their_own(tmp_path: Path) -> None:
    [problem] = faults(tmp_path, WHOLE.format("lead: {}") + "  - name: one\n    expect: {stage: iql}\n")
    assert (problem.line, problem.column, problem.rule) == (6, 11, "test_name")


@pytest.mark.parametrize("name", ["try-ot", "by-from"])
def test_an_unknown_sequence_is_guessed(tmp_path: Path, name: str) -> None:
    [problem] = faults(tmp_path, WHOLE.format("lead: {}").replace("try-out", name))
    assert (problem.line, problem.column, problem.rule) == (1, 11, "test_name")
    assert "did you mean" in problem.message


def test_of_a_sequence_with_faults_it_is_said_that_they_come_first(tmp_path: Path) -> None:
    [problem] = faults(tmp_path, WHOLE.format("lead: {}"), **{"sequences/try-out.yaml": "sequence: try-out\n"})
    assert problem.message == "'try-out' has faults: mend sequences/try-out.yaml first"
    assert {problem.file for problem in validate(tmp_path)} == {"sequences/try-out.yaml"}, "there it is told already"


def test_what_no_yaml_file_may_have_is_found_here_too(tmp_path: Path) -> None:
    assert [problem.rule for problem in faults(tmp_path, "sequence: &a try-out\ntests: *a\n")] == ["alias"]
    assert [problem.rule for problem in faults(tmp_path, "")] == ["type"]


def test_validate_looks_at_tests_and_a_faulty_file_leaves_the_others_playable(tmp_path: Path) -> None:
    sound = WHOLE.format("lead: {}")
    root = write_project(tmp_path, {FILE: sound, "sequences/tests/more.yaml": sound.replace("try-out", "nothing"),
                                    "sequences/try-out.yaml": SEQUENCE})  # fmt: skip
    assert [(problem.file, problem.rule) for problem in validate(root)] == [("sequences/tests/more.yaml", "test_name")]
    files, _ = read_rehearsals(load_project(root))
    assert [(file.document.file, file.sequence, len(file.tests)) for file in files] == [(FILE, "try-out", 1)]
