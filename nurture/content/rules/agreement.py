"""What the agreement of marketing and sales says."""

from __future__ import annotations

from nurture.content.rules.rule import Rule

_RULES = (
    "agreement:\n  mql:\n    - {{text: Could be our customer, fit_at_least: {fit}}}\n"
    "    - {{text: Is engaged, score_at_least: 15}}\n{more}"
)
_OWNERS = (
    "agreement:\n  owners:\n    - {{key: kari, name: Kari Lund, address: kari@example.com, backup: tom{kari}}}\n"
    "    - {{key: tom, name: Tom Becker, address: tom@example.com{tom}}}\n"
)
_STAGES = (
    "agreement:\n  stages:\n    iql: {{name: New, department: marketing}}\n"
    "    mql: {{name: Warm, department: {mql}}}\n    sql: {{name: {sql}, department: sales}}\n"
    "    opportunity: {{name: Deal, department: sales}}\n    customer: {{name: Customer, department: marketing}}\n"
    "    advocate: {{name: Fan, department: marketing}}\n    recycled: {{name: Later, department: marketing}}\n"
    "    disqualified: {{name: Never, department: marketing}}\n"
)
_OTHER = "agreement:\n  reject_reasons:\n    other: {{label: Something else, track: recycle, after_days: 90{more}}}\n"
_SLA = "agreement:\n  sla:\n    hand_raise_minutes: {minutes}\n    accept_hours: 4\n"
_AWAY = "absences:\n  - {{owner: {owner}, from: 2026-12-21, until: 2027-01-03}}\n"

AGREEMENT: dict[str, Rule] = {
    "handoff_point": Rule(
        "The agreement says what marketing calls qualified (`mql`), when sales gets a lead (`sql`), and how a lead "
        "asks for a person (`hand_raise`).",
        "Without a point at which leads are handed over, marketing and sales each have their own, and nothing runs.",
        "An `agreement:` without `sql:`.",
        "`nurture init` writes all three, to be changed until both departments can sign them.",
        kind="words",
    ),
    "unsigned": Rule(
        "A change of the agreement is signed by both departments: `agreed_by` has a later date for each.",
        "Until then the engine goes on with the agreement in force, so that neither side can move the line alone.",
        "Points changed, and `agreed_by` as it was.",
        "`agreed_by:` with the day on which each side agreed to the change, and `nurture apply`.",
        kind="words",
    ),
    "never_met": Rule(
        "Some lead can meet each rule.",
        "One rule that nobody can meet keeps everybody out, and it does not show until somebody wonders.",
        _RULES.format(fit=30, more="    - {text: Came back, days_at_least: 9, within_days: 5}\n"),
        _RULES.format(fit=30, more="    - {text: Came back, days_at_least: 3, within_days: 5}\n"),
        kind="project",
    ),
    "always_met": Rule(
        "Some lead fails each rule.",
        "A rule that everybody meets looks like a bar and is none; both sides count on it.",
        _RULES.format(fit=5, more=""),
        _RULES.format(fit=30, more=""),
        kind="project",
    ),
    "stale_intent": Rule(
        "What shows that a lead means to buy still counts for something while it is asked about.",
        "After five half-lives a price request is worth a thirtieth of its points: who calls then calls a stranger.",
        "agreement:\n  sql:\n    - {text: Means to buy, intent_within_days: 300}\n",
        "agreement:\n  sql:\n    - {text: Means to buy, intent_within_days: 30}\n",
        kind="project",
    ),
    "form_name": Rule(
        "The agreement calls forms what the site calls them.",
        "A form under a name of its own gives no points and raises no hand, and it does not show.",
        "forms:\n  calll-me: {asset: a talk}\n",
        "forms:\n  call-me: {asset: a talk}\n",
        kind="project",
    ),
    "no_hours": Rule(
        "Business hours come at least once in a year.",
        "Where no day is a working day, promised times run day and night.",
        "`days: [mon]`, and every Monday of the year under `closed:`.",
        "`days: [mon, tue]`, or fewer days under `closed:`.",
        kind="words",
    ),
    "same_rule": Rule(
        "No two rules check the same.",
        "What is asked twice is changed once, and then the two disagree; at most seven are read anyway.",
        _RULES.format(fit=30, more="    - {text: Does a lot, score_at_least: 15}\n"),
        _RULES.format(fit=30, more="    - {text: Came back, days_at_least: 2, within_days: 30}\n"),
        kind="project",
    ),
    "slow_answer": Rule(
        "Who asks for a person waits less long than anybody else.",
        "It is the one lead that waits at the telephone; after an hour it has asked somebody else.",
        _SLA.format(minutes=480),
        _SLA.format(minutes=5),
        kind="project",
    ),
    "playbook": Rule(
        "The playbook has the attempts that `sla` promises, in their order and in its days.",
        "Reps work by the playbook and are measured by the promise.",
        "agreement:\n  playbook:\n    - {day: 0, do: call}\n    - {day: 2, do: mail}\n",
        "agreement:\n  playbook:\n    - {day: 0, do: call}\n    - {day: 1, do: mail}\n    - {day: 3, do: call}\n"
        "    - {day: 6, do: mail}\n    - {day: 9, do: call}\n",
        kind="project",
    ),
    "reason_note": Rule(
        "The reason `other` asks for a note.",
        "It is chosen when no reason fits: only the note tells which one is missing.",
        _OTHER.format(more=""),
        _OTHER.format(more=", needs_note: true"),
        kind="project",
    ),
    "ladder": Rule(
        "Each step of the ladder leads to somebody else.",
        "A lead that is taken from a rep and given to the same rep, or to nobody, is told of and not called.",
        _OWNERS.format(kari="", tom=""),
        _OWNERS.format(kari="", tom=", backup: kari"),
        kind="project",
    ),
    "country_code": Rule(
        "Countries are called by their letters in ISO 3166.",
        "A lead from the United Kingdom has GB, whatever it wrote: points and territories of UK never fit.",
        _OWNERS.format(kari=", countries: [UK]", tom=", backup: kari"),
        _OWNERS.format(kari=", countries: [GB]", tom=", backup: kari"),
        kind="project",
    ),
    "account_twice": Rule(
        "A named account is one rep's.",
        "Two reps who both hold a company for theirs call it twice, or not at all.",
        _OWNERS.format(kari=", accounts: [mill.example]", tom=", backup: kari, accounts: [mill.example]"),
        _OWNERS.format(kari=", accounts: [mill.example]", tom=", backup: kari"),
        kind="project",
    ),
    "stage_owner": Rule(
        "Leads are marketing's until they are handed over, and sales' from then on.",
        "The handoff is what moves a lead between the departments; a page that says otherwise misleads both.",
        _STAGES.format(mql="sales", sql="Hot"),
        _STAGES.format(mql="marketing", sql="Hot"),
        kind="project",
    ),
    "stage_name": Rule(
        "Each stage has a name of its own.",
        "Alerts and reports show the name alone; nobody could tell the two apart.",
        _STAGES.format(mql="marketing", sql="Warm"),
        _STAGES.format(mql="marketing", sql="Hot"),
        kind="project",
    ),
    "absence": Rule(
        "Who is away is a rep, and somebody is there meanwhile.",
        "While a rep and the backup are both away, leads wait until one of them comes back.",
        _AWAY.format(owner="kairi"),
        _AWAY.format(owner="kari"),
        kind="project",
    ),
}
