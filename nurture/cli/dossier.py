"""One lead on the screen: who it is, what happened, and why what comes next comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from nurture.cli.screen import moment, say, table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from nurture.explain import Explanation, Past, Upcoming
    from nurture.history import History

#: gate -> the stage it leads to, and what else is said of it
_GATES = {"mql": ("mql", ""), "fit": ("mql", " by fit alone"), "sql": ("sql", ""), "hand-raise": ("sql", " by asking")}


def show_person(lead: Row[Any], now: datetime, name: Callable[[str], str]) -> None:
    """Who it is, and whether it may be mailed. `name` is what the company calls a stage."""
    say(_headline(lead), style="bold")
    facts = {
        "address": lead.email,
        "title": lead.title,
        "company": lead.company,
        "trade": lead.industry,
        "people": lead.employees,
        "country": " ".join(filter(None, (lead.country, lead.timezone))),
        "phone": lead.phone,
        "came from": " ".join(filter(None, (lead.source, lead.asset))),
        "since (UTC)": moment(lead.created_at),
        "stage": f"{name(lead.stage)} since {moment(lead.stage_since)} UTC",
        "owner": lead.owner,
        "may be mailed": _may_be_mailed(lead, now),
    }
    for label, value in facts.items():
        say(f"  {label:<14} {value if value not in (None, '') else 'not known'}")


def _headline(lead: Row[Any]) -> str:
    name = " ".join(filter(None, (lead.first_name, lead.last_name)))
    return f"Lead {lead.id}: {', '.join(filter(None, (name, lead.company))) or lead.email}"


def _may_be_mailed(lead: Row[Any], now: datetime) -> str:
    from nurture.gather import barred, held

    if reason := barred(lead, now):
        return f"no: {reason}"
    if hold := held(lead, now):
        return f"not now: {hold[1]}"
    until = f", until {moment(lead.ground_until)} UTC" if lead.ground_until else ""
    pace = f", at most one mail in {lead.pace_days} days" if lead.pace_days else ""
    return f"yes: {lead.legal_ground.replace('_', ' ')} ({lead.ground_source}{until}){pace}"


def show_history(records: History, name: Callable[[str], str]) -> None:
    """What happened, by kind, oldest first."""
    _show_words(records)
    _show_way(records, name)
    _show_doings(records)
    _show_handoffs(records)


def _show_words(records: History) -> None:
    """What it agreed to, declined and told."""
    if records.tags:
        say(f"  {'tags':<14} {', '.join(row.tag for row in records.tags)}")
    if records.declined:
        say(f"  {'declined':<14} {', '.join(f'{row.topic} ({row.source})' for row in records.declined)}")
    table(
        "Consent (UTC)",
        ("at", "what", "ground", "from", "to these words", "proof"),
        [(row.at, row.act, row.ground, row.source, row.wording, row.proof) for row in records.consent],
    )
    table(
        "Answers (UTC)",
        ("at", "question", "answer", "from"),
        [(row.answered_at, row.question, row.value, row.source) for row in records.answers],
    )


def _show_way(records: History, name: Callable[[str], str]) -> None:
    """Where it stood, and what was mailed to it."""
    table(
        "Stages (UTC)",
        ("at", "from", "to", "by", "because"),
        [(row.at, name(row.from_stage), name(row.to_stage), row.actor, row.because) for row in records.transitions],
    )
    table(
        "Sequences (UTC)",
        ("id", "sequence", "state", "stands at", "since", "next look", "why"),
        [
            (row.id, row.sequence, row.state, row.step, row.entered_at, row.due_at, row.reason or row.why)
            for row in records.enrollments
        ],
    )
    table(
        "Mails (UTC)",
        ("id", "sequence", "mail", "state", "handed over", "by", "what was said"),
        [
            (row.id, row.sequence, row.template, row.state, row.started_at, row.mailer, row.reason)
            for row in records.mails
        ],
    )


def _show_doings(records: History) -> None:
    """What it did with our mails and on our site, and what it wrote."""
    if clicks := Counter(row.verdict for row in records.engagement if row.kind == "clicked"):
        doubted = f", suspect: {clicks['suspect']}" if clicks["suspect"] else ""
        say(f"  {'clicks':<14} {clicks['human']} (machine: {clicks['machine']}{doubted})")
    table(
        "Engagement (UTC)",
        ("at", "what", "where", "verdict", "because"),
        [
            (row.occurred_at, row.kind, row.url or row.name or row.template, row.verdict, row.because or row.reason)
            for row in records.engagement
        ],
    )
    table(
        "Replies (UTC)",
        ("id", "at", "kind", "from", "asks for", "what was written"),
        [
            (row.id, row.received_at, row.kind, row.sender, row.intent, shorten(row.text or "", 80, placeholder="..."))
            for row in records.replies
        ],
    )


def _show_handoffs(records: History) -> None:
    table(
        "Handoffs (UTC)",
        ("id", "state", "owner", "offered", "due", "answered", "by", "reason", "note"),
        [
            (
                row.id, row.state, row.owner, row.offered_at, row.due_at, row.decided_at, row.decided_by, row.reason,
                row.note,
            )
            for row in records.handoffs
        ],
    )  # fmt: skip


def show_explanation(lead: Row[Any], explanation: Explanation) -> None:
    """Readiness first, then what would change it, what it rests on, and what comes next."""
    answer, names = explanation.answer, explanation.names
    score, stage = answer.score, names.get(explanation.stage, explanation.stage)
    say(_headline(lead), style="bold")
    say(f"Stage {stage}, grade {score.grade}: fit {score.fit}, engagement {score.engagement}.")
    if explanation.barred:
        say(f"Must not be mailed: {explanation.barred}.", style="bold")
    if score.flags:
        say(f"Take note: {', '.join(score.flags)}.", style="bold")
    say(f"Ready? {'yes, for ' + names[answer.to] if answer.to else 'not now'}: {answer.because}")
    if explanation.sent_back_at:
        say(f"It was sent back on {moment(explanation.sent_back_at)} UTC: what it did before counts no more.")
    say()
    _show_checks(explanation)
    asked = bool(answer.checklist) and answer.to != "sql"
    _show_what_if([(names[one.to], one.change) for one in explanation.what_if], asked)
    addends = [(f"{one.points:+.1f}", one.axis, one.text, one.at) for one in score.addends]
    table("Points", ("points", "axis", "for", "at (UTC)"), addends)
    if score.unknown:
        say(f"Not known, and worth asking: {', '.join(score.unknown)}.")
    say()
    _show_decisions(explanation)
    _show_next(explanation)


def _show_decisions(explanation: Explanation) -> None:
    rows = [
        (
            row.id,
            row.at,
            row.asked_by,
            explanation.names.get(row.outcome, "nowhere"),
            row.because,
            row.agreement_version,
        )
        for row in explanation.decisions
    ]
    title = "Decisions (UTC); --decision NUMBER explains one"
    table(title if rows else "Decisions", ("number", "at", "asked by", "to", "because", "agreement"), rows)
    say()


def _show_next(explanation: Explanation) -> None:
    say("What comes next", style="bold")
    if not explanation.upcoming:
        say("  The lead is in no sequence.")
    for one in explanation.upcoming:
        _show_upcoming(one)
    for chance in explanation.chances:
        say(f"  {chance.when}: {chance.trigger}; may enter {' or '.join(chance.sequences) or 'nothing that listens'}")


def explanation_values(explanation: Explanation) -> dict[str, object]:
    """The same for scripts: plain values, without the conditions and keys inside."""
    answer, score = explanation.answer, explanation.answer.score
    return {
        "lead": explanation.lead_id,
        "stage": explanation.stage,
        "barred": explanation.barred,
        "sent_back_at": explanation.sent_back_at,
        "ready_for": answer.to,
        "because": answer.because,
        "grade": score.grade,
        "fit": score.fit,
        "engagement": score.engagement,
        "checklist": answer.checklist,
        "missing": explanation.missing,
        "addends": score.addends,
        "unknown": score.unknown,
        "flags": score.flags,
        "what_if": explanation.what_if,
        "decisions": explanation.decisions,
        "upcoming": [replace(one, decision=None) for one in explanation.upcoming],
        "chances": explanation.chances,
    }


def _show_checks(explanation: Explanation) -> None:
    headings = ("answer", "question", "rests on", "what is missing")
    for gate, missing in explanation.missing.items():
        checks = explanation.answer.checks(gate)
        rows = [(check.answer, check.text, check.detail, check.near) for check in checks]
        state = "yes" if not missing else f"{len(missing)} of {len(checks)} missing"
        table(f"{_title(gate, explanation.names)}: {state}", headings, rows)


def _title(gate: str, names: Mapping[str, str]) -> str:
    stage, how = _GATES[gate]
    return f"Ready for {names.get(stage, stage)}{how}"


def _show_what_if(changes: Sequence[tuple[str, str]], asked: bool) -> None:
    """What one change would do; that none would do is worth a line as well."""
    for to in dict.fromkeys(to for to, _ in changes):
        ways = [change for further, change in changes if further == to]
        if len(ways) == 1:
            say(f"  Would become {to} if {ways[0]}.")
        else:
            say(f"  Would become {to} if one of these were so:")
            for change in ways:
                say(f"    {change}")
    if asked and not changes:
        say("  No single thing would take it further: more than one is missing.")
    say()


def show_past(lead: Row[Any], past: Past) -> None:
    """A decision of the past, with the terms it was made by."""
    say(_headline(lead), style="bold")
    say(f"Decision {past.id}, {moment(past.at)} UTC, asked by {past.asked_by}: to {_named(past.outcome, past)}")
    say(f"Because {past.because}")
    say(f"By agreement {past.version}" + (f", signed by {past.signed}" if past.signed else ""))
    evidence = past.evidence
    say(f"Grade {evidence['grade']}: fit {evidence['fit']}, engagement {evidence['score']}.")
    for flag in evidence.get("flags", ()):
        say(f"Take note: {flag}.", style="bold")
    for gate in _GATES:
        if checks := [check for check in evidence["checks"] if check["gate"] == gate]:
            headings = ("answer", "question", "rests on", "what was missing", "the rule then")
            table(_title(gate, past.names), headings, [_told_check(check, past) for check in checks])
    changes = [(_named(one["to"], past), one["change"]) for one in evidence.get("what_if", ())]
    _show_what_if(changes, asked=False)
    addends = [(f"{one['points']:+.1f}", one["axis"], one["text"], one["at"]) for one in evidence["addends"]]
    table("Points", ("points", "axis", "for", "at"), addends)


def _named(stage: str | None, past: Past) -> str:
    return past.names.get(stage, stage) if stage else "nowhere"


def _told_check(check: Mapping[str, str], past: Past) -> tuple[str, ...]:
    rule = past.rules.get(check["text"], "built in")
    return check["answer"], check["text"], check["detail"], check.get("near", ""), rule


def _show_upcoming(one: Upcoming) -> None:
    when = f"{one.when}: " if one.when else ""
    say(f"  {one.sequence} (enrollment {one.enrollment_id}, at {one.step or 'its end'})")
    say(f"    {when}{one.what}")
    for sentence in one.because:
        say(f"      because {sentence}")
