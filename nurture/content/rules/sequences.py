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
    "shut": Rule(
        "A send window opens at least once in a year.",
        "Whoever waits for a window that no day opens is looked at day after day, and never mailed.",
        "`days: [mon]`, and every Monday of the year under `closed:`.",
        "`days: [mon, tue]`, or fewer days under `closed:`.",
        kind="words",
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
    "owner": Rule(
        "A sequence names the department that answers for it.",
        "Whoever finds something odd in it, in a year, wants to know whom to ask.",
        "A sequence without `owner:`.",
        "`owner: marketing`.",
        kind="words",
    ),
    "at_most": Rule(
        "Waiting for something has an end.",
        "Most leads never do what is waited for. Without `at_most` they would wait for ever, and hear nothing more.",
        "steps:\n  - wait_for: clicked('tofu/welcome')\n",
        "steps:\n  - email: tofu/welcome\n  - wait_for: clicked('tofu/welcome')\n    at_most: 5 days\n",
    ),
    "opened": Rule(
        "Nothing is decided by opens.",
        "Apple's mail program opens every mail by itself, others none: an open says nothing about the reader. A click "
        "or a form does.",
        "steps:\n  - email: tofu/welcome\n  - wait_for: opened('tofu/welcome')\n    at_most: 5 days\n",
        "steps:\n  - email: tofu/welcome\n  - wait_for: clicked('tofu/welcome')\n    at_most: 5 days\n",
    ),
    "known_value": Rule(
        "A field is compared with what it can be.",
        "A stage that does not exist, a number in quotes, or a score above 100 is never the answer: the question would "
        "be false for everybody, without a word.",
        "goal:\n  when: lead.stage == 'lead'\n",
        "goal:\n  when: lead.stage == 'mql'\n",
    ),
    "never_true": Rule(
        "What is asked can be true of somebody.",
        "A goal that cannot be met, or a step that nobody can take, was meant in another way.",
        "goal:\n  when: lead.stage == 'mql' and lead.stage == 'sql'\n",
        "goal:\n  when: lead.stage in ['mql', 'sql']\n",
    ),
    "always_true": Rule(
        "What is asked can be false of somebody (a warning; of a goal or a reason to leave an error).",
        "A question with only one answer is none. As a goal it would make everybody leave before the first mail.",
        "steps:\n  - promote: mql\n    when: lead.score >= 40 or lead.score < 60\n",
        "steps:\n  - promote: mql\n    when: lead.score >= 40\n",
    ),
    "unreachable_step": Rule(
        "Somebody can get to every step and into every arm (warning).",
        "What stands behind an `exit` for everybody, or below an arm that takes all, is written for nobody.",
        "steps:\n  - email: tofu/welcome\n  - branch:\n      - when: lead.score >= 40\n        steps:\n"
        "          - wait: 1 day\n      - when: lead.score >= 60\n        steps:\n          - promote: mql\n",
        "steps:\n  - email: tofu/welcome\n  - branch:\n      - when: lead.score >= 60\n        steps:\n"
        "          - promote: mql\n      - when: lead.score >= 40\n        steps:\n          - wait: 1 day\n",
    ),
    "not_sent": Rule(
        "A click is asked for after its mail, and of a mail of this sequence (warning).",
        "Only what a lead did since it came in counts. Before the mail is sent, nobody can have clicked in it.",
        "steps:\n  - wait_for: clicked('tofu/welcome')\n    at_most: 3 days\n  - email: tofu/welcome\n",
        "steps:\n  - email: tofu/welcome\n  - wait_for: clicked('tofu/welcome')\n    at_most: 3 days\n",
    ),
    "form": Rule(
        "Forms that are asked for stand in the agreement, among its signals or hand-raises (warning).",
        "A form that it does not name gives no points, and a misspelled one is never sent by anyone.",
        "steps:\n  - email: tofu/welcome\n  - wait_for: submitted('ebok')\n    at_most: 3 days\n",
        "steps:\n  - email: tofu/welcome\n  - wait_for: submitted('ebook')\n    at_most: 3 days\n",
    ),
    "topic": Rule(
        "A topic stands in `topics:` of nurture.yaml.",
        "There it has the words that leads read where they decline it.",
        "`topic: news`, while nurture.yaml names only `product-news`.",
        "`topic: product-news`, or `news: ...` added to `topics:`.",
        kind="words",
    ),
    "webhook": Rule(
        "A webhook stands in `webhooks:` of nurture.yaml.",
        "There it has its address; without one nobody is told.",
        "`webhook: crn`, while nurture.yaml names only `crm`.",
        "`webhook: crm`.",
        kind="words",
    ),
    "alert_to": Rule(
        "Where a sequence alerts marketing, nurture.yaml says where that is.",
        "An alert without an address is read by nobody.",
        "`alert: marketing` without `alert_to:` in nurture.yaml.",
        "`alert_to: marketing@example.com` in nurture.yaml.",
        kind="words",
    ),
    "no_owner": Rule(
        "What goes out in the name of a lead's owner, or to it, is for leads that can have one (warning).",
        "A lead gets its owner with its first handoff. Before, the company writes after all, and marketing is told.",
        "enter:\n  trigger: lead_created\n  when: lead.stage == 'iql'\n"
        "steps:\n  - email: tofu/welcome\n    from: owner\n",
        "enter:\n  trigger: lead_created\n  when: lead.stage == 'iql'\nsteps:\n  - email: tofu/welcome\n",
    ),
    "same_subject": Rule(
        "The subjects of an A/B test differ.",
        "A text that is tested against itself tells nothing, however many mails go out.",
        "steps:\n  - email: tofu/welcome\n    subject: [Your guide is here, Your guide is here]\n",
        "steps:\n  - email: tofu/welcome\n    subject: [Your guide is here, Three charts worth stealing]\n",
    ),
    "stale_after": Rule(
        "A mail that was asked for has no `stale_after` (warning).",
        "A transactional mail passes caps and send hours: it goes out at once, and there is nothing to wait for.",
        "steps:\n  - email: tofu/welcome\n    transactional: true\n    stale_after: 72 hours\n",
        "steps:\n  - email: tofu/welcome\n    transactional: true\n",
    ),
    "share": Rule(
        "The shares of a split are percentages that make 100 together.",
        "What is missing would be leads that go nowhere, what is too much leads that go twice. An arm may be without "
        "steps: `steps: []`.",
        "steps:\n  - split:\n      - share: 50%\n        steps:\n          - email: tofu/welcome\n"
        "      - share: 40%\n        steps: []\n",
        "steps:\n  - split:\n      - share: 50%\n        steps:\n          - email: tofu/welcome\n"
        "      - share: 50%\n        steps: []\n",
    ),
    "set_field": Rule(
        "A sequence writes only what a lead could have told us.",
        "Score, stage and owner follow from what leads do and what sales answers; nobody writes them by hand.",
        "steps:\n  - set: {stage: mql}\n",
        "steps:\n  - set: {industry: food}\n",
    ),
    "set_value": Rule(
        "What is written fits its field.",
        "A country is two capital letters and a size a whole number, wherever they come from.",
        "steps:\n  - set: {country: Norway}\n",
        'steps:\n  - set: {country: "NO"}\n',
    ),
    "overlap": Rule(
        "No two sequences mail the same leads in the same week (warning).",
        "The caps hold mails back, but which of them goes first, and what the reader makes of both, is for you to say: "
        "by `enter: when:`, or by `priority`.",
        "Two sequences with `trigger: form_submitted`, each with a mail on the first day; neither asks which form.",
        "`when: submitted('ebook')` in one of them, `when: not submitted('ebook')` in the other.",
        kind="words",
    ),
}
