"""What sequences say."""

from __future__ import annotations

from nurture.content.rules.rule import Rule

SEQUENCES: dict[str, Rule] = {
    "sequence_name": Rule(
        "A sequence is called like its file, and no other is called so.",
        "Leads, reports and the record know a sequence by its name, for good. Two of one name cannot be told apart "
        "(error); a name that is not the file's makes people open the wrong file (warning).",
        "`sequence: first-interest` in sequences/welcome.yaml.",
        "`sequence: first-interest` in sequences/first-interest.yaml.",
        kind="words",
    ),
    "trigger": Rule(
        "A sequence is entered by something that happens to leads.",
        "A trigger that nothing sets off lets nobody in, without a word.",
        "enter:\n  trigger: form_sent\n",
        "enter:\n  trigger: form_submitted\n",
    ),
    "again": Rule(
        "Whether a lead may come again is 'never', 'unless goal', 'always' or 'after' a time.",
        "It decides whether somebody gets the same mails twice.",
        "enter:\n  trigger: form_submitted\n  again: sometimes\n",
        "enter:\n  trigger: form_submitted\n  again: after 180 days\n",
    ),
    "condition": Rule(
        "A condition is one yes-or-no question, made of fields of the lead and of what it did.",
        "A misspelled field would be false for everybody, and a whole arm would never be taken. What is known of a "
        "lead, and what can be asked, stands in [sequences.md](sequences.md#conditions).",
        "steps:\n  - promote: mql\n    when: lead.scor >= 40\n",
        "steps:\n  - promote: mql\n    when: lead.score >= 40\n",
    ),
    "time": Rule(
        "A time is a number and a unit, or a moment: '3 days', '2 business days', 'until tuesday 10:00'.",
        "A time that can be read in two ways mails people at the wrong one.",
        "steps:\n  - wait: 3\n",
        "steps:\n  - wait: 3 days\n",
    ),
    "hours": Rule(
        "Hours are written like 09:00-16:30, the earlier one first.",
        "Mail that is let out at other hours lies at the bottom of the morning's pile.",
        "send:\n  between: 9 to 5\n",
        "send:\n  between: 09:00-17:00\n",
    ),
    "days": Rule(
        "Days are 'weekdays', 'every day', 'mon-thu' or a list such as [mon, tue].",
        "A day that is not understood is a day on which nothing would go out.",
        "send:\n  days: [mon, tuu]\n",
        "send:\n  days: [mon, tue]\n",
    ),
    "timezone": Rule(
        "A time zone is a place such as Europe/Oslo, with 'lead or' before it where the lead's own comes first.",
        "Nine in the morning is only the reader's morning in the reader's zone; abbreviations such as CET do not "
        "know summer time.",
        "send:\n  timezone: lead or Europe/Olso\n",
        "send:\n  timezone: lead or Europe/Oslo\n",
    ),
    "step_kind": Rule(
        "A step is one thing, and begins with its kind.",
        "Two kinds in one step leave open which comes first; an unknown one does nothing.",
        "steps:\n  - promot: mql\n",
        "steps:\n  - promote: mql\n",
    ),
    "otherwise": Rule(
        "A branch has at most one `otherwise`, and it comes last.",
        "Arms are judged from top to bottom: what stands below `otherwise` would never be reached.",
        "steps:\n  - branch:\n      - otherwise:\n          - wait: 1 week\n"
        "      - when: lead.score >= 40\n        steps:\n          - wait: 1 day\n",
        "steps:\n  - branch:\n      - when: lead.score >= 40\n        steps:\n          - wait: 1 day\n"
        "      - otherwise:\n          - wait: 1 week\n",
    ),
    "duplicate_step": Rule(
        "Every step has a name of its own.",
        "Leads stand on steps by name while the file changes. A mail is named after its template, so the second time "
        "it needs an `id`.",
        "steps:\n  - email: tofu/welcome\n  - wait: 3 days\n  - email: tofu/welcome\n",
        "steps:\n  - email: tofu/welcome\n  - wait: 3 days\n  - email: tofu/welcome\n    id: welcome-again\n",
    ),
    "template": Rule(
        "The mail, layout or part that is named exists and is sound.",
        "A step whose mail is missing would hold its leads for ever. A name without a slash needs a mail in the "
        "sequence's funnel stage, or in each.",
        "steps:\n  - email: tofu/welcom\n",
        "steps:\n  - email: tofu/welcome\n",
    ),
}
