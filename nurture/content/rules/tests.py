"""What tests of sequences say."""

from __future__ import annotations

from nurture.content.rules.rule import Rule


def _test(lines: str) -> str:
    """A test with these lines in it."""
    return f"tests:\n  - name: reads nothing\n{lines}    expect: {{ended: finished}}\n"


TESTS: dict[str, Rule] = {
    "event": Rule(
        "An event of a test is one thing that happens, at one time.",
        "Two in one would leave open which comes first.",
        _test("    events:\n      - {click: tofu/welcome, form: pricing}\n"),
        _test("    events:\n      - click: tofu/welcome\n      - form: pricing\n"),
        kind="test",
    ),
    "moment": Rule(
        "A moment is a weekday, a day, a time of day, or several of them: 'mon 09:00', '2026-03-05 10:30'.",
        "A time that can be read in two ways would let a test pass that should not.",
        _test("    events:\n      - {form: pricing, at: wednesday morning}\n"),
        _test("    events:\n      - {form: pricing, at: wed 09:00}\n"),
        kind="test",
    ),
    "expected": Rule(
        "A test expects something, and a mail is expected by its template, with its time behind 'at' or 'after'.",
        "A test that expects nothing cannot fail, and so says nothing.",
        "tests:\n  - name: reads nothing\n    expect: {mails: [tofu/welcome on monday]}\n",
        "tests:\n  - name: reads nothing\n    expect: {mails: [tofu/welcome at mon]}\n",
        kind="test",
    ),
    "test_name": Rule(
        "What a test names is there: its sequence, its steps, what brings its lead in; and its own name is its own.",
        "A step that was renamed would make a test look at nothing, for ever.",
        _test("    enter: form_submitted\n"),
        _test("    enter: lead_created\n"),
        kind="test",
    ),
}
