"""One lead, newest first: stages, decisions with their reasons, mails, what it did, what sales did.

Without names, addresses or anything that people wrote: it can be shown to whoever may see the report. All of it is in
`nurture leads show`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row

from models.queries import report as queries
from models.words import MessageState
from nurture.core import money
from nurture.core.agreement import Agreement, stage_name
from nurture.core.questions import POLLS
from nurture.errors import UsageError
from nurture.history import History, history
from nurture.ports import Ports
from nurture.report.promoted import QUESTIONS as VERDICTS

#: causes before what follows from them
Kind = Literal["mail", "act", "answer", "decision", "stage", "sequence", "handoff", "touch", "verdict", "deal"]
_KINDS: tuple[Kind, ...] = get_args(Kind)
#: as many are shown of each of the two lists
MOST = 500
#: strongest reasons of a decision that are named
_STRONGEST = 3
_ACTS = {
    "clicked": "clicked",
    "submitted": "sent a form",
    "replied": "replied",
    "visited": "looked at",
    "tracked": "did",
}
_MAIL = {
    "delivered": "delivered", "deferred": "put off by the receiver", "bounced": "bounced", "blocked": "refused for now",
    "dropped": "dropped by the provider", "complained": "marked as spam", "opted_out": "opted out at the provider",
}  # fmt: skip
_LEDGER: Mapping[MessageState, str] = {
    MessageState.PLANNED: "planned",
    MessageState.HANDED_OVER: "handed over",
    MessageState.ACCEPTED: "sent",
    MessageState.REJECTED: "refused for good",
    MessageState.SUPPRESSED: "not sent",
    MessageState.HELD: "held: nobody knows whether it went out",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened (UTC), in a few words, and why or with what."""

    at: datetime
    kind: Kind
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A lead by number. `machine` are hits of scanners and those where nobody can say, which count for nothing."""

    lead_id: int
    stage: str
    since: datetime
    source: str
    owner: str
    entries: tuple[Entry, ...]
    machine: tuple[Entry, ...]


def timeline(ports: Ports, lead_id: int) -> Timeline:
    """All of it, at most the newest 500 entries. Raises UsageError for a lead there is not."""
    agreement, about = ports.project.config.agreement, {"lead_id": lead_id}
    with ports.database.reading() as connection:
        lead = connection.execute(queries.LEAD, about).first()
        if lead is None:
            raise UsageError(f"there is no lead {lead_id}; `nurture leads list` shows those there are")
        own = [*_decisions(connection, about, agreement), *_of_sales(connection, about, agreement)]
    records = history(ports.database, lead_id)
    source = " ".join(filter(None, (lead.source, lead.asset)))
    own.append(Entry(lead.created_at, "stage", "first heard of", source))
    entries = [*own, *_stages(records, agreement), *_ways(records), *_mails(records), *_acts(records, human=True)]
    return Timeline(
        lead_id=lead_id,
        stage=stage_name(agreement, lead.stage),
        since=lead.stage_since,
        source=source,
        owner=lead.owner or "",
        entries=_newest([*entries, *_handoffs(records, agreement), *_answers(records)]),
        machine=_newest(list(_acts(records, human=False))),
    )


def _newest(entries: list[Entry]) -> tuple[Entry, ...]:
    """What happened at one moment comes in the order of its causes, turned round."""
    return tuple(sorted(entries, key=lambda one: (one.at, _KINDS.index(one.kind)), reverse=True)[:MOST])


def _stages(records: History, agreement: Agreement) -> Iterator[Entry]:
    for row in records.transitions:
        before, after = (stage_name(agreement, stage) for stage in (row.from_stage, row.to_stage))
        yield Entry(row.at, "stage", f"{before} to {after}, by {row.actor}", row.because)


def _decisions(connection: Connection, about: Mapping[str, object], agreement: Agreement) -> Iterator[Entry]:
    for row in connection.execute(queries.DECISIONS_OF_LEAD, about):
        what = f"ready for {stage_name(agreement, row.outcome)}" if row.outcome else "not yet ready"
        yield Entry(row.at, "decision", what, _why(row))


def _why(row: Row[Any]) -> str:
    """The reason, the grade, and the strongest of what it is made of."""
    told = row.evidence_json
    addends = sorted(told.get("addends", ()), key=lambda one: -abs(one["points"]))[:_STRONGEST]
    points = ", ".join(f"{_about(one)} {one['points']:+g}" for one in addends)
    grade = f"{told.get('grade', '?')}: fit {told.get('fit', '?')}, engagement {told.get('score', '?')}"
    version = f"agreement {row.agreement_version[:8]}"
    return "; ".join(filter(None, (row.because, grade, points, f"asked by {row.asked_by}", version)))


def _about(addend: Mapping[str, Any]) -> str:
    """Of who somebody is only what was asked, such as the title: the answer may name the lead."""
    text = str(addend["text"])
    return text.partition(":")[0] if addend.get("axis") == "fit" else text


def _ways(records: History) -> Iterator[Entry]:
    for row in records.enrollments:
        yield Entry(row.entered_at, "sequence", f"entered {row.sequence}")
        if row.goal_at:
            yield Entry(row.goal_at, "sequence", f"reached the goal of {row.sequence}")
        if row.ended_at:
            yield Entry(row.ended_at, "sequence", f"left {row.sequence}", row.reason or row.state)


def _mails(records: History) -> Iterator[Entry]:
    for row in records.mails:
        words = _LEDGER[MessageState(row.state)]
        yield Entry(row.started_at or row.planned_at, "mail", f"{row.template}: {words}", row.reason or row.sequence)
    for row in records.engagement:
        if row.kind in _MAIL:
            yield Entry(row.occurred_at, "mail", f"{row.template or 'a mail'}: {_MAIL[row.kind]}", row.name or "")


def _acts(records: History, *, human: bool) -> Iterator[Entry]:
    for row in records.engagement:
        if row.kind in _ACTS and (row.verdict == "human") is human:
            about = row.name or ""
            detail = f"{row.verdict}: {row.because}" if not human and row.because else row.template or ""
            what = " ".join(filter(None, (_ACTS[row.kind], about or place(row.url))))
            yield Entry(row.occurred_at, "act", what, detail)


def place(url: str | None) -> str:
    """Where a link leads, without what may be personal in it."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return f"{parts.hostname or ''}{parts.path}"


def _handoffs(records: History, agreement: Agreement) -> Iterator[Entry]:
    for row in records.handoffs:
        yield Entry(row.offered_at, "handoff", f"offered to {row.first_owner} (handoff {row.id})")
        if row.decided_at:
            terms = agreement.reject_reasons.get(row.reason or "")
            detail = terms.label if terms else row.reason or ""
            yield Entry(row.decided_at, "handoff", f"{row.state} by {row.decided_by or 'nobody'}", detail)


def _of_sales(connection: Connection, about: Mapping[str, object], agreement: Agreement) -> Iterator[Entry]:
    for row in connection.execute(queries.TOUCHES_OF_LEAD, about):
        yield Entry(row.at, "touch", f"{row.kind} by {row.by}", row.outcome.replace("_", " "))
    for row in connection.execute(queries.VERDICTS_OF_LEAD, about):
        said = ", ".join(f"{text}: {getattr(row, name)}" for name, text in VERDICTS.items() if getattr(row, name))
        yield Entry(row.at, "verdict", f"verdict by {row.by} (handoff {row.handoff_id})", said)
    for row in connection.execute(queries.DEALS_OF_LEAD, about):
        yield Entry(row.opened_at, "deal", f"deal {row.id} opened")
        if row.closed_at:
            terms = agreement.reject_reasons.get(row.reason or "")
            why = money.in_words(row.amount, row.currency) or (terms.label if terms else "")
            yield Entry(row.closed_at, "deal", f"deal {row.id} {row.state}", why)


def _answers(records: History) -> Iterator[Entry]:
    """What they chose; what they wrote is theirs."""
    for row in records.answers:
        question = POLLS.get(row.question)
        said = question.in_words(row.value) if question and question.choices else ""
        yield Entry(row.answered_at, "answer", f"answered: {row.question}", said)
