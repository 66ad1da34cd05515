"""What a sequence that reads well may still get wrong: each with its line, its column, its rule, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from nurture.content import load_project, parse_sequence, validate
from nurture.content.lint import MAX_STEPS, lint_sequence
from nurture.content.source import read_yaml
from nurture.content.worlds import Worlds
from nurture.errors import Problem
from tests.content.examples import merged
from tests.content.projects import SEQUENCE, TEXT, shipped, write_project

HEAD = SEQUENCE.partition("steps:")[0]
MAIL = f"{HEAD}steps:\n  - email: tofu/night-load\n"
IF = f"{MAIL}  - wait: 1 day\n    when: "
GOAL = f"{HEAD}goal:\n  when: "
ARM = "      - when: {}\n        steps:\n          - wait: 1 day\n"
LEAVES = "      - when: {}\n        steps:\n          - exit: enough\n"
SHARE = "      - share: 50%\n        steps:\n          - exit: enough\n"
STEPS = "steps:\n  - email: tofu/night-load\n"


def _faults(text: str) -> list[Problem]:
    file, project = "sequences/try-out.yaml", shipped()
    sequence, problems = parse_sequence(text, file, project.config)
    assert sequence is not None, problems
    return [*problems, *lint_sequence(read_yaml(text, file), project.config, project.templates, set())]


#: text -> (line, column, rule, severity), and a part of the message
FAULTS = [
    # values that a field never has
    (f"{GOAL}lead.stage == 'lead'\n{STEPS}", (8, 23, "known_value", "error"), "one of: iql, mql"),
    (f"{GOAL}lead.stage == 'MQL'\n{STEPS}", (8, 23, "known_value", "error"), "did you mean 'mql'?"),
    (f"{GOAL}lead.stage in ['sql', 'oportunity']\n{STEPS}", (8, 31, "known_value", "error"), "'opportunity'?"),
    (f"{IF}lead.funnel == 'bottom'\n", (10, 26, "known_value", "error"), "tofu, mofu, bofu, loyalty"),
    (f"{IF}lead.grade in ['A1', 'E1']\n", (10, 32, "known_value", "error"), "lead.grade is never 'E1'"),
    (f"{IF}lead.is_customer == 'yes'\n", (10, 31, "known_value", "error"), "one of: true, false"),
    (f"{IF}lead.country == 'Norway'\n", (10, 27, "known_value", "error"), "two capital letters"),
    (f"{IF}lead.language in ['nb', 'nor']\n", (10, 35, "known_value", "error"), "two small letters"),
    (f"{IF}lead.score >= 140\n", (10, 25, "known_value", "error"), "goes from 0 to 100"),
    (f"{IF}lead.fit > -1\n", (10, 22, "known_value", "error"), "goes from 0 to 100"),
    (f"{IF}lead.employees > -5\n", (10, 28, "known_value", "error"), "never below 0"),
    (f"{IF}lead.score >= '40'\n", (10, 25, "known_value", "error"), "write 40 without quotes"),
    (f"{IF}lead.source == 3\n", (10, 26, "known_value", "error"), "put 3 in quotes"),
    (f"{IF}lead.owner == 'karo'\n", (10, 25, "known_value", "warning"), "did you mean 'kari'?"),
    # a part of a longer question is found as well
    (f"{IF}lead.score > 3 or lead.stage == 'msql'\n", (10, 43, "known_value", "error"), "did you mean"),
    # never
    (f"{GOAL}lead.stage == 'mql' and lead.stage == 'sql'\n{STEPS}", (8, 9, "never_true", "error"), "never met"),
    (f"{IF}lead.score > 100\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{IF}lead.score > 60 and lead.score < 40\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{IF}lead.is_customer and lead.stage == 'mql'\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{IF}lead.funnel == 'loyalty' and lead.stage == 'iql'\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{IF}clicked('night-load') and not clicked()\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{IF}tagged('a') and not tagged('a')\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{IF}lead.company == none and lead.company in ['Acme', 'Nordvik']\n", (10, 11, "never_true", "error"), "never"),
    # what brought a lead in is known while it comes in
    (f"{IF}trigger == 'lead_created'\n", (10, 11, "never_true", "error"), "never taken"),
    (f"{HEAD}  when: trigger == 'form_submitted'\n{STEPS}", (7, 9, "never_true", "error"), "nobody comes in"),
    (f"{HEAD}exit:\n  - when: 1 > 2\n    because: odd\n{STEPS}", (8, 11, "never_true", "error"), "nobody leaves"),
    (f"{MAIL}  - wait_for: lead.fit > 100\n    at_most: 1 day\n", (9, 15, "never_true", "error"), "write 'wait'"),
    (f"{MAIL}  - branch:\n{ARM.format('lead.fit > 100')}", (10, 15, "never_true", "error"), "nobody goes this way"),
    # always
    (f"{GOAL}lead.score >= 0\n{STEPS}", (8, 9, "always_true", "error"), "before the first mail"),
    (f"{HEAD}exit:\n  - when: 1 < 2\n    because: odd\n{STEPS}",
     (8, 11, "always_true", "error"), "before the first mail"),
    (f"{HEAD}  when: lead.score >= 0\n{STEPS}", (7, 9, "always_true", "warning"), "keeps nobody out"),
    (f"{IF}lead.stage != 'mql' or lead.stage == 'mql'\n",
     (10, 11, "always_true", "warning"), "leave the condition out"),
    (f"{MAIL}  - wait_for: lead.fit >= 0\n    at_most: 1 day\n", (9, 15, "always_true", "warning"), "nobody waits"),
    (f"{MAIL}  - branch:\n{ARM.format('lead.fit >= 0')}", (10, 15, "always_true", "warning"), "'otherwise'"),
    # out of reach
    (f"{HEAD}steps:\n  - exit: enough\n  - email: tofu/night-load\n",
     (9, 5, "unreachable_step", "warning"), "gets here"),
    (f"{MAIL}  - branch:\n{LEAVES.format('clicked()')}      - otherwise:\n          - exit: bye\n  - promote: mql\n",
     (15, 5, "unreachable_step", "warning"), "the end for everyone"),
    (f"{MAIL}  - split:\n{SHARE}{SHARE}  - promote: mql\n", (16, 5, "unreachable_step", "warning"), "the end"),
    (f"{MAIL}  - branch:\n{ARM.format('lead.fit >= 0')}{ARM.format('clicked()')}",
     (13, 9, "unreachable_step", "warning"), "the arms above"),
    (f"{MAIL}  - branch:\n{ARM.format('lead.fit >= 40')}{ARM.format('lead.fit >= 60')}",
     (13, 9, "unreachable_step", "warning"), "put it first"),
    (f"{MAIL}  - branch:\n{ARM.format('clicked()')}{ARM.format('not clicked()')}      - otherwise:\n"
     "          - wait: 1 day\n", (16, 9, "unreachable_step", "warning"), "nobody goes this way"),
    (f"{MAIL}  - wait_for: lead.fit >= 0\n    at_most: 1 day\n    if_not:\n      - promote: mql\n",
     (11, 5, "unreachable_step", "warning"), "always true"),
    # clicks in mails that were not sent
    (f"{HEAD}steps:\n  - wait_for: clicked('night-load')\n    at_most: 1 day\n  - email: tofu/night-load\n",
     (8, 23, "not_sent", "warning"), "before this step"),
    (f"{IF}clicked('mofu/four-ways')\n", (10, 19, "not_sent", "warning"), "does not send 'mofu/four-ways'"),
    (f"{GOAL}clicked('four-ways')\n{STEPS}", (8, 17, "not_sent", "warning"), "at all"),
    (f"{MAIL}  - branch:\n      - when: clicked()\n        steps:\n          - email: tofu/compressed-air\n"
     "      - otherwise:\n          - wait: 1 day\n            when: clicked('compressed-air')\n",
     (15, 27, "not_sent", "warning"), "'compressed-air'"),
    # names that nurture.yaml does not know
    (f"{IF}submitted('ebok')\n", (10, 21, "form", "warning"), "did you mean 'ebook'?"),
    (f"{MAIL}    topic: gides\n", (9, 12, "topic", "error"), "did you mean 'guides'?"),
    (f"{HEAD}topic: weather\n{STEPS}", (7, 8, "topic", "error"), "there are: customers, guides, offers"),
    (f"{MAIL}  - webhook: crm\n", (9, 14, "webhook", "error"), "'webhooks:'"),
    (f"{MAIL}    subject: [Hello, Hello]\n", (9, 22, "same_subject", "error"), "against itself"),
    (f"{MAIL}    transactional: true\n    stale_after: 3 days\n",
     (10, 5, "stale_after", "warning"), "goes out at once"),
    (f"{HEAD}  when: lead.stage == 'iql'\nsteps:\n  - email: tofu/night-load\n    from: owner\n",
     (10, 11, "no_owner", "warning"), "'brand'"),
    (f"{HEAD}  when: lead.owner == none\nsteps:\n  - alert: owner\n    note: x\n",
     (9, 12, "no_owner", "warning"), "'mark"),
    # what a step says in a subject of its own
    (f"{MAIL}    subject: Book a demo today\n", (9, 14, "tofu_ask", "warning"), "'Book a demo'"),
    (f"{MAIL}    subject: [Short, {'long ' * 20}]\n", (9, 22, "subject_length", "warning"), "more than 60"),
    (f"{MAIL}    subject: [Short, \"{{{{ lead.company or '' }}}}\"]\n", (9, 22, "subject", "error"), "is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message"), FAULTS, ids=[f"{case[1][2]}-{case[2]}" for case in FAULTS])
def test_a_fault_is_shown_where_it_is(text: str, place: tuple[int, int, str, str], message: str) -> None:
    faults = _faults(text)
    assert [(fault.line, fault.column, fault.rule, fault.severity) for fault in faults] == [place]
    assert message in faults[0].message


@pytest.mark.parametrize(
    "text",
    [
        f"{IF}lead.company == none and lead.source == 'ebook'\n",
        f"{IF}lead.employees > 20 or lead.employees <= 20\n",  # nobody knows it of some
        f"{IF}lead.score > 99\n",
        f"{IF}lead.score == 37 and lead.fit == lead.score\n",  # a few values of each do not tell
        f"{IF}lead.score in [37, lead.fit] and lead.fit == 41\n",
        f"{IF}\"'ql' in lead.stage and 'N' in lead.country\"\n",  # a part of the value
        f"{IF}lead.stage == 'advocate' and lead.is_customer\n",
        f"{IF}lead.grade < 'B1' and lead.country > 'M'\n",
        f"{IF}\"'@gmail.com' in lead.email or 'manager' in lead.title\"\n",
        f"{IF}lead.stage == 'mql' and lead.funnel == 'bofu'\n",
        f"{IF}clicked('night-load', link='pricing') and not clicked('night-load', link='guide')\n",
        f"{IF}tagged('compressed-air') and not tagged('night-load')\n",
        f"{IF}lead.language == 'no' and lead.country in ['NO', 'SE']\n",
        f"{GOAL}clicked('night-load')\n{STEPS}",  # a goal is looked at again after each step
        f"{HEAD}  when: clicked('mofu/four-ways')\n{STEPS}",  # what a lead did before it came in
        f"{MAIL}  - branch:\n{LEAVES.format('clicked()')}  - promote: mql\n",
        f"{MAIL}  - split:\n{SHARE}      - share: 50%\n        steps: []\n  - promote: mql\n",
        f"{MAIL}  - exit: enough\n    when: clicked()\n  - promote: mql\n",
        f"{MAIL}  - branch:\n{ARM.format('lead.fit >= 60')}{ARM.format('lead.fit >= 40')}",
        f"{HEAD}  when: lead.stage in ['iql', 'recycled']\nsteps:\n  - email: tofu/night-load\n    from: owner\n",
        f"{HEAD}send:\n  holidays: skip\n  spread: 15 minutes\n{STEPS}",
    ],
)
def test_what_is_right_is_not_complained_of(text: str) -> None:
    assert _faults(text) == []


def test_what_cannot_be_told_in_time_counts_as_possible() -> None:
    """Thirty different clicks are a thousand million kinds of leads."""
    text = " and ".join([f"clicked('m{n}')" for n in range(30)] + ["not clicked()"])
    assert Worlds(shipped().config).truths(text) == {True, False}


def test_questions_of_one_file_are_answered_in_bounded_time() -> None:
    worlds = Worlds(shipped().config)
    for number in range(300):
        worlds.truths(f"clicked('m{number}') and " + " and ".join(f"clicked('x{n}')" for n in range(12)))
    assert worlds.left >= 0


def test_more_steps_than_anybody_reads_are_refused() -> None:
    steps = "".join(f"  - wait: {number} days\n    id: s{number}\n" for number in range(1, MAX_STEPS + 2))
    [fault] = _faults(f"{HEAD}steps:\n{steps}")
    assert (fault.line, fault.rule) == (7, "size")


def _pair(tmp_path: Path, second: str, first: str = SEQUENCE, **changes: str) -> list[Problem]:
    for old, new in changes.items():
        second = second.replace(old, new)
    files = {"sequences/another.yaml": first.replace("try-out", "another", 1), "sequences/try-out.yaml": second}
    return [problem for problem in validate(write_project(tmp_path, files)) if problem.rule == "overlap"]


def _asks(condition: str) -> str:
    return SEQUENCE.replace("lead_created", f"lead_created\n  when: {condition}")


def test_two_sequences_that_mail_the_same_leads_in_a_week_are_both_named(tmp_path: Path) -> None:
    [problem] = _pair(tmp_path, SEQUENCE)
    assert (problem.file, problem.line, problem.column, problem.severity) == (
        "sequences/try-out.yaml",
        6,
        12,
        "warning",
    )
    assert "'another' takes in the same leads (lead_created)" in problem.message
    assert "with priority 5 for both it is not said which" in problem.message


def test_it_is_said_which_of_two_sequences_goes_first(tmp_path: Path) -> None:
    [problem] = _pair(tmp_path, SEQUENCE.replace("enter:", "priority: 2\nenter:"))
    assert "'try-out' (priority 2) goes first, 'another' waits for the caps (1 per 48 hours" in problem.message


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("lead.stage == 'iql'", "lead.stage in ['mql', 'recycled']", False),
        ("lead.stage == 'iql'", "lead.funnel == 'tofu'", True),
        ("lead.score >= 40", "lead.score < 40", False),
        ("submitted('ebook')", "submitted('pricing')", True),
        ("submitted('ebook')", "not submitted('ebook')", False),
        ("lead.stage == 'sql'", "lead.stage == 'sql'", False),  # sales has those, and we send them nothing
    ],
)
def test_whether_one_lead_can_come_into_both(tmp_path: Path, first: str, second: str, both: bool) -> None:
    assert bool(_pair(tmp_path, _asks(second), _asks(first))) is both


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        ("trigger: lead_created", "trigger: form_submitted", False),
        ("trigger: lead_created", "trigger: [form_submitted, lead_created]", True),
        ("enter:", "paused: true\nenter:", False),
        ("steps:\n", "steps:\n  - wait: 8 days\n", False),
        ("steps:\n", "steps:\n  - wait: 3 days\n", True),
        ("steps:\n", "steps:\n  - wait: 3 weeks\n    when: lead.fit > 50\n", True),
        ("steps:\n", "steps:\n  - wait_for: clicked('welcome')\n    at_most: 3 weeks\n", True),
        ("steps:\n", "steps:\n  - branch:\n      - when: lead.fit > 3\n        steps: []\n      - otherwise:\n"
                     "          - wait: 9 days\n", True),
        ("steps:\n", "steps:\n  - split:\n" + SHARE + SHARE, False),
        ("  - email: tofu/welcome\n", "  - email: tofu/welcome\n    transactional: true\n", False),
        ("  - email: tofu/welcome\n", "  - promote: mql\n", False),
    ],
)  # fmt: skip
def test_only_mail_of_the_first_week_counts(tmp_path: Path, old: str, new: str, both: bool) -> None:
    assert bool(_pair(tmp_path, SEQUENCE, **{old: new})) is both


def test_the_shipped_sequences_stay_out_of_each_others_way() -> None:
    assert [problem for problem in shipped().problems if problem.rule == "overlap"] == []


def test_an_alert_to_marketing_needs_an_address(tmp_path: Path) -> None:
    text = SEQUENCE + "  - alert: marketing\n    note: Look\n"
    root = write_project(tmp_path, {"sequences/try-out.yaml": text})
    assert validate(root) == []
    config = (root / "nurture.yaml").read_text(encoding="utf-8")
    (root / "nurture.yaml").write_text("".join(_without(config, "alert_to: ")), encoding="utf-8")
    [problem] = validate(root)
    assert (problem.line, problem.column, problem.rule) == (9, 12, "alert_to")


def _without(text: str, start: str) -> Iterator[str]:
    yield from (line for line in text.splitlines(keepends=True) if not line.startswith(start))


@pytest.mark.parametrize(
    "text",
    [
        SEQUENCE.replace("tofu\n", "toefu\n", 1),
        SEQUENCE.replace("steps:", "steps: ["),  # not even YAML
        SEQUENCE.replace("tofu/welcome", "tofu/nothing"),
        SEQUENCE.replace("sequence: try-out", "sequence: 'try-out'").replace("tofu\n", "x\n", 1),
    ],
)
def test_a_faulty_sequence_is_known_by_the_name_of_its_file_and_by_its_own(tmp_path: Path, text: str) -> None:
    """Or the leads of a sequence whose file has another name would count as left behind by one that was taken out."""
    root = write_project(tmp_path, {"sequences/old-name.yaml": text})
    (root / "sequences" / "try-out.yaml").unlink()
    project = load_project(root)
    assert project.sequences == {}
    assert project.faulty == {"old-name", "try-out"}


def test_a_sound_project_has_no_faulty_sequences(tmp_path: Path) -> None:
    assert load_project(write_project(tmp_path)).faulty == frozenset()


def test_a_tofu_mail_asks_for_no_meeting_in_any_language(tmp_path: Path) -> None:
    asks = ("book a\ndemo", "Termin vereinbaren", "bestill et møte", "https://acme.example/demo", "talk to our sales")
    line = "Hello, here is what you asked for"
    for number, ask in enumerate(asks):
        root = write_project(
            tmp_path / str(number), {"templates/tofu/welcome.txt": TEXT.replace(line, f"{line}: {ask}")}
        )
        assert [(problem.line, problem.rule) for problem in validate(root)] == [(6, "tofu_ask")]


MONDAYS = [f"{date(2026, 1, 5) + timedelta(weeks=week)}" for week in range(60)]
EVERY_DAY = [f"{date(2024, 1, 1) + timedelta(days=day):%m-%d}" for day in range(366)]


@pytest.mark.parametrize(
    ("days", "closed", "told"),
    [
        ("[mon]", MONDAYS, "closed from 2026-01-05 to 2027-02-22"),
        ("every day", EVERY_DAY, "closed from 2024-01-01"),
        ("[mon]", MONDAYS[:40], ""),
        ("[mon, tue]", MONDAYS, ""),
        ("every day", EVERY_DAY[:-1], ""),
    ],
)
def test_a_window_that_no_day_opens_is_told_at_its_line(days: str, closed: list[str], told: str) -> None:
    text = f"{HEAD}send:\n  days: {days}\n  closed: {json.dumps(closed)}\n{STEPS}"
    problems = [problem for problem in _faults(text) if problem.rule == "shut"]
    assert [(one.line, one.column, one.severity) for one in problems] == ([(8, 9, "error")] if told else [])
    assert all(told in one.message for one in problems)


def test_a_shut_window_of_the_whole_project_is_told_in_nurture_yaml(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    config = root / "nurture.yaml"
    text = merged(config.read_text(encoding="utf-8"), f"send:\n  closed: {json.dumps(EVERY_DAY)}\n")
    config.write_text(text, encoding="utf-8")
    [problem] = [one for one in validate(root) if one.rule == "shut"]
    assert (problem.file, problem.severity) == ("nurture.yaml", "error")
