"""What a marketer is told: each way to get a sequence wrong, with the line, the column and the rule."""

from __future__ import annotations

import time

import pytest

from nurture.content import parse_sequence
from nurture.errors import Problem
from tests.content.projects import SEQUENCE, shipped

HEAD = SEQUENCE.partition("steps:")[0]
STEPS = "steps:\n  - email: tofu/welcome\n"
MAIL = f"{HEAD}steps:\n  - email: tofu/welcome\n"
WAIT = f"{HEAD}steps:\n  - wait: 1 day\n"
ARM = "      - share: %s\n        steps: []\n"


def _faults(text: str) -> list[Problem]:
    return parse_sequence(text, "sequences/try-out.yaml", shipped().config)[1]


#: text -> (line, column, rule), and a part of the message
FAULTS = [
    # what YAML allows and nobody means
    (f"{HEAD}goal: &g\n  when: clicked()\nexit:\n  - *g\n{STEPS}", (10, 5, "alias"), "write the value out"),
    (f"{MAIL}    <<: {{when: clicked()}}\n", (9, 5, "alias"), "'<<'"),
    (f"{HEAD}stage: mofu\n{STEPS}", (7, 1, "duplicate_key"), "the first is in line 4"),
    (f"{WAIT}    when: clicked()\n    when: submitted()\n", (10, 5, "duplicate_key"), "the first is in line 9"),
    (f"{HEAD}steps:\n\t- wait: 3 days\n", (8, 1, "tab"), "spaces"),
    (f"{MAIL}    subject: Re: your demo\n", (9, 16, "colon"), "in quotes"),
    (f"{MAIL}    subject: {{{{ lead.company }}}}\n", (9, 14, "quotes"), "in quotes"),
    (f"{MAIL}    subject: {{{{ lead.company }}}}, hello\n", (9, 14, "quotes"), "in quotes"),
    (f"{MAIL}    subject: @you\n", (9, 14, "quotes"), "in quotes"),
    (f'{MAIL}    subject: "Hi" there\n', (9, 19, "quotes"), "the whole text in quotes"),
    (f"{MAIL}    subject: 'it's here'\n", (9, 18, "quotes"), "the whole text in quotes"),
    (f'{MAIL}    subject: "Hi there\n', (9, 14, "quotes"), "never closed"),
    (HEAD.replace("lead_created", "[lead_created") + STEPS, (6, 12, "syntax"), "never closed"),
    (f"{MAIL}    subject: We are #1\n", (9, 20, "comment"), "comment"),
    (f"{MAIL}    subject: #1 in Bergen\n", (9, 5, "empty"), "what follows '#' in quotes"),
    (f"{MAIL}   subject: Hi\n", (9, 4, "indent"), "indentation"),
    (f"{MAIL}      subject: Hi\n", (9, 14, "indent"), "indentation"),
    (f"{WAIT} - wait: 2 days\n", (9, 2, "indent"), "indentation"),
    (f"{WAIT}exit\n", (9, 1, "syntax"), "':' is missing"),
    (f"{HEAD}steps: - wait: 1 day\n", (7, 8, "syntax"), "line of its own"),
    (f"{HEAD}steps:\n  - wait: !!python/object:os.system 3 days\n", (8, 11, "tag"), "in quotes"),
    (f"{MAIL}---\na: 1\n", (9, 1, "documents"), "---"),
    (f"{HEAD}steps: {'[' * 5000}", (7, 31, "depth"), "nested"),
    (f"{HEAD}steps:\n  - wait: 3\x07 days\n", (8, 12, "character"), "cannot be seen"),
    (f"{MAIL}? [a, b]\n: c\n", (9, 2, "quotes"), "in quotes"),
    (HEAD.replace("Try-out\n", "2026-02-30\n") + STEPS, (2, 8, "date"), "no day"),
    ("", (1, 1, "type"), "empty"),
    ("- a\n- b\n", (1, 1, "type"), "keys and values"),
    ("x" * 300_000, (0, 0, "size"), "300,000"),
    (f"{HEAD}steps: [{'a, ' * 20_000}]", (7, 8964, "size"), "more than 3,000"),
    # keys
    (f"{MAIL}    subjct: Hi\n", (9, 5, "unknown_key"), "did you mean 'subject'?"),
    (f"{HEAD}  agian: never\n{STEPS}", (7, 3, "unknown_key"), "did you mean 'again'?"),
    (f"{HEAD}budget: 3\n{STEPS}", (7, 1, "unknown_key"), "there are: sequence, title"),
    (f"{MAIL}1: 2\n", (9, 1, "unknown_key"), "unknown key '1'"),
    (HEAD.replace("owner: marketing\n", "") + STEPS, (1, 1, "owner"), "name the department"),
    (f"{HEAD}goal:\n  within: 3 days\n{STEPS}", (8, 3, "missing_key"), "'when' is missing"),
    (f"{HEAD}steps:\n  - wait_for: clicked()\n", (8, 5, "at_most"), "wait for ever"),
    (f"{MAIL}    when:\n", (9, 5, "empty"), "'when' is empty"),  # would mail everybody
    (f"{HEAD}steps:\n  -\n  - wait: 1 day\n", (8, 4, "empty"), "give it a value"),
    (f": welcome\n{HEAD}{STEPS}", (1, 1, "empty"), "a key is missing here"),
    (f"{WAIT}    ~: yes\n", (9, 5, "empty"), "a key is missing here"),
    (f"{HEAD}steps: []\n", (7, 8, "type"), "at least one"),
    (f"{HEAD}exit: yes\n{STEPS}", (7, 7, "type"), "a list is expected"),
    # steps
    (f"{HEAD}steps:\n  - id: x\n    promot: mql\n", (9, 5, "step_kind"), "did you mean 'promote'?"),
    (f"{HEAD}steps:\n  - sms: hello\n", (8, 5, "step_kind"), "there are: email, wait"),
    (f"{MAIL}    wait: 3 days\n", (9, 5, "step_kind"), "'- ' of its own"),
    (f"{HEAD}steps:\n  - wait 3 days\n", (8, 5, "step_kind"), "begins with its kind"),
    (f"{HEAD}steps:\n  - branch:\n      - otherwise: []\n      - when: clicked()\n        steps: []\n",
     (9, 9, "otherwise"), "comes last"),
    (f"{HEAD}steps:\n  - branch:\n      - when: clicked()\n        stpes: []\n        steps: []\n",
     (10, 9, "unknown_key"), "did you mean 'steps'?"),
    (f"{MAIL}  - wait: 1 day\n  - email: tofu/welcome\n", (10, 5, "duplicate_step"), "the first in line 8"),
    # values
    (SEQUENCE.replace("stage: tofu", "stage: toefu"), (4, 8, "choice"), "did you mean 'tofu'?"),
    (f"{HEAD}steps:\n  - promote: customer\n", (8, 14, "choice"), "'mql' or 'sql'"),
    (SEQUENCE.replace("lead_created", "lead_craeted"), (6, 12, "trigger"), "did you mean 'lead_created'?"),
    (SEQUENCE.replace("lead_created", "[lead_created, form_sent]"), (6, 27, "trigger"), "'form_submitted'?"),
    (SEQUENCE.replace("title: Try-out", "title: 2026"), (2, 8, "quotes"), "put 2026 in quotes"),
    (SEQUENCE.replace("sequence: try-out", "sequence: Try Out"), (1, 11, "name"), "write it like: first-interest"),
    (SEQUENCE.replace("tofu/welcome", "tofu/welcome.html"), (8, 12, "name"), "write it like: tofu/welcome"),
    (f"{WAIT}    id: My Step\n", (9, 9, "name"), "write it like: second-try"),
    # times
    (f"{HEAD}steps:\n  - wait: 3 dasy\n", (8, 11, "time"), "'3 days'"),
    (f"{HEAD}steps:\n  - wait: 3\n", (8, 11, "time"), "'3 days'"),
    (f"{HEAD}steps:\n  - wait: until tusday 10:00\n", (8, 11, "time"), "did you mean 'tuesday'?"),
    (f"{HEAD}goal: {{when: clicked(), within: until 10:00}}\n{STEPS}", (7, 33, "time"), "'30 days'"),
    (f"{HEAD}send:\n  between: 9 to 5\n{STEPS}", (8, 12, "hours"), "'09:00-16:30'"),
    (f"{HEAD}send:\n  days: [mon, tuu]\n{STEPS}", (8, 9, "days"), "unknown day 'tuu'"),
    (f"{HEAD}send:\n  timezone: lead or Europe/Olso\n{STEPS}", (8, 13, "timezone"), "'Europe/Oslo'?"),
    (f"{HEAD}  again: sometimes\n{STEPS}", (7, 10, "again"), "'unless goal'"),
    # conditions
    (f"{WAIT}    when: lead.fit > 3 and lead.scor >= 40\n", (9, 28, "condition"), "did you mean 'lead.score'?"),
    (f'{WAIT}    when: "lead.fit > 3 and lead.scor >= 40"\n', (9, 29, "condition"), "did you mean 'lead.score'?"),
    (f"{WAIT}    when: >\n      lead.fit > 3 and\n      lead.scor >= 40\n", (9, 11, "condition"), "'lead.score'?"),
    (f"{WAIT}    when: lead.stage = 'mql'\n", (9, 22, "condition"), "'=='"),
    (f"{HEAD}steps:\n  - wait_for: opened()\n    at_most: 3 days\n", (8, 15, "opened"), "clicked()"),
    (f"{WAIT}    when: [a]\n", (9, 11, "condition"), "a text is expected"),
    # a goal or a reason to leave without words
    (f"{HEAD}exit:\n  - when: lead.is_customer\n{STEPS}", (8, 5, "missing_key"), "'because' is missing"),
    # the further kinds of steps and keys
    (f"{HEAD}steps:\n  - split:\n{ARM % '50%'}{ARM % '40%'}", (9, 7, "share"), "add up to 90%"),
    (f"{HEAD}steps:\n  - split:\n{ARM % '50%'}{ARM % 'half'}", (11, 16, "share"), "'50%'"),
    (f"{HEAD}steps:\n  - split:\n{ARM % '99%'}", (9, 7, "type"), "at least 2"),
    (f"{HEAD}steps:\n  - split:\n      - shaer: 50%\n        share: 50%\n        steps: []\n{ARM % '50%'}",
     (9, 9, "unknown_key"), "did you mean 'share'?"),
    (f"{HEAD}steps:\n  - set: {{score: 90}}\n", (8, 11, "set_field"), "there are: first_name"),
    (f"{HEAD}steps:\n  - set: {{indsutry: food}}\n", (8, 11, "set_field"), "did you mean 'industry'?"),
    (f"{HEAD}steps:\n  - set: {{country: Norway}}\n", (8, 11, "set_value"), "two capital letters"),
    (f"{HEAD}steps:\n  - set: {{employees: many}}\n", (8, 11, "set_value"), "a whole number"),
    (f"{HEAD}steps:\n  - set: {{employees: 99999999999}}\n", (8, 11, "set_value"), "to 1000000000"),
    (f'{HEAD}steps:\n  - set: {{industry: "food\\0"}}\n', (8, 11, "set_value"), "a text of"),
    (f"{HEAD}steps:\n  - tag: Hot Lead\n", (8, 10, "name"), "write it like"),
    (f"{HEAD}steps:\n  - tag: hot\n    remove: perhaps\n", (9, 13, "type"), "'true' or 'false'"),
    (f"{HEAD}steps:\n  - alert: sales\n    note: Hot\n", (8, 12, "choice"), "'marketing' or 'owner'"),
    (f"{HEAD}steps:\n  - alert: marketing\n", (8, 5, "missing_key"), "'note' is missing"),
    (f"{HEAD}steps:\n  - webhook: Our CRM\n", (8, 14, "name"), "write it like: crm"),
    (f"{MAIL}    from: sales\n", (9, 11, "choice"), "'brand' or 'owner'"),
    (f"{MAIL}    once: perhaps\n", (9, 11, "type"), "'true' or 'false'"),
    (f"{MAIL}    stale_after: tomorrow\n", (9, 18, "time"), "'30 days'"),
    (f"{MAIL}    subject: [Hello, 42]\n", (9, 22, "quotes"), "put 42 in quotes"),
    (f"{HEAD}priority: 12\n{STEPS}", (7, 11, "limits"), "9"),
    (f"{HEAD}priority: high\n{STEPS}", (7, 11, "type"), "a whole number"),
    (f"{HEAD}paused: perhaps\n{STEPS}", (7, 9, "type"), "'true' or 'false'"),
    (f"{HEAD}send:\n  limit: often\n{STEPS}", (8, 10, "cap"), "'2 per 7 days'"),
    (f"{HEAD}send:\n  closed: [12-24, 13-45]\n{STEPS}", (8, 19, "date"), "'2026-12-24'"),
    (f"{HEAD}send:\n  holidays: rest\n{STEPS}", (8, 13, "choice"), "'skip' or 'send'"),
    (f"{HEAD}send:\n  spread: a while\n{STEPS}", (8, 11, "time"), "'30 days'"),
    (f"{WAIT}    when: tagged()\n", (9, 11, "condition"), "name the tag"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message"), FAULTS, ids=[f"{case[1][2]}-{case[2]}" for case in FAULTS])
def test_a_fault_is_shown_where_it_is_and_how_to_mend_it(text: str, place: tuple[int, int, str], message: str) -> None:
    begun = time.process_time()
    faults = _faults(text)
    assert time.process_time() - begun < 8
    assert [(fault.line, fault.column, fault.rule) for fault in faults] == [place]
    assert message in faults[0].message


def test_all_faults_of_a_file_are_found_in_one_pass_and_shown_in_its_order() -> None:
    text = SEQUENCE.replace("lead_created", "lead_craeted") + (
        "    subjct: Hi\n"
        "  - wait: 3 dasy\n"
        "  - wait: 1 day\n    when: lead.scor > 3\n    when: clicked()\n"
        "  - promot: mql\n"
    )
    rules = [fault.rule for fault in _faults(text)]
    assert rules == ["trigger", "unknown_key", "time", "condition", "duplicate_key", "step_kind"]


def test_a_fault_comes_with_the_lines_around_it() -> None:
    (fault,) = _faults(f"{WAIT}    when: lead.scor >= 40\n")
    assert str(fault) == (
        "sequences/try-out.yaml:9:11 error unknown field 'lead.scor', did you mean 'lead.score'?  [condition]\n"
        "    8 |   - wait: 1 day\n"
        ">   9 |     when: lead.scor >= 40\n"
        "      |           ^"
    )


def test_a_warning_does_not_stop_a_sequence() -> None:
    sequence, problems = parse_sequence(f"{MAIL}    subject: We are #1\n", "a.yaml", shipped().config)
    assert sequence is not None
    assert [problem.severity for problem in problems] == ["warning"]


def test_nested_aliases_are_refused_before_anything_is_built_from_them() -> None:
    letters = "bcdefghijklmnopqrstuvwxyz"
    bomb = "a: &a [x, x]\n" + "".join(
        f"{letter}: &{letter} [*{chr(ord(letter) - 1)}, *{chr(ord(letter) - 1)}]\n" for letter in letters
    )
    shipped()
    begun = time.process_time()
    (fault,) = _faults(bomb)
    assert time.process_time() - begun < 1
    assert (fault.line, fault.column, fault.rule) == (2, 8, "alias")


def test_country_codes_and_plain_words_stay_texts() -> None:
    sequence, problems = parse_sequence(
        SEQUENCE.replace("title: Try-out", "title: NO"), "try-out.yaml", shipped().config
    )
    assert not problems
    assert sequence is not None
    assert sequence.title == "NO"
