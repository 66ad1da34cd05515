"""Why: is this lead ready, what happens to it next, and when. Asked of the very functions that decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row

from models.queries import explain as queries
from models.queries import journey
from models.words import MessageState
from nurture import gates
from nurture.advance.claim import TAKEN_OUT, Claim, decide_all, resolve
from nurture.core.agreement import Agreement
from nurture.core.cadence import local
from nurture.core.decide import Act, Decision, Exit, Forecast, Send, Wait, forecast
from nurture.core.qualify import Check, Gate, Qualification
from nurture.core.rules import in_terms
from nurture.core.signing import signed_by
from nurture.core.steps import in_words
from nurture.core.whatif import WhatIf, what_if
from nurture.errors import UsageError
from nurture.gather import barred, read_leads
from nurture.handoff.readiness import case_of
from nurture.library import Live
from nurture.ports import Ports

_ORDER: tuple[Gate, ...] = ("mql", "fit", "sql", "hand-raise")
_DECISIONS = 10


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What comes next in one running enrollment, if the lead does nothing more.

    `at` (UTC) is when, `decision` what; both are None where nothing moves before something outside does.
    `because` are the sentences on the way, `what` and `when` the same in words, on the lead's own wall clock.
    """

    enrollment_id: int
    sequence: str
    step: str | None
    what: str
    when: str
    because: tuple[str, ...]
    at: datetime | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """A trigger that will be worked `at` (UTC), and the `sequences` that listen to it; their rules are asked then."""

    trigger: str
    at: datetime
    when: str
    sequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A lead as the engine sees it at one moment.

    `barred` says why it must not be mailed at all. `answer` is the agreement's, with its checklist and addends,
    `what_if` the single changes that would take the lead further. `upcoming` is what comes next where the lead is
    enrolled, `chances` what may enroll it, `decisions` what was decided of late, the newest first. `names` are the
    company's own names of the lifecycle stages. `sent_back_at` (UTC) is when the lead was sent back last: what it did
    before counts no more.
    """

    lead_id: int
    stage: str
    barred: str | None
    answer: Qualification
    upcoming: tuple[Upcoming, ...]
    chances: tuple[Chance, ...] = ()
    what_if: tuple[WhatIf, ...] = ()
    decisions: Sequence[Row[Any]] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    sent_back_at: datetime | None = None

    @property
    def missing(self) -> Mapping[Gate, tuple[Check, ...]]:
        """What would have to change, by gate: every check whose answer is not yes."""
        return {
            gate: tuple(check for check in self.answer.checks(gate) if check.answer != "yes")
            for gate in _ORDER
            if self.answer.checks(gate)
        }


def explain(ports: Ports, lead_id: int, now: datetime) -> Explanation:
    """Why this lead is where it is, and what comes next. Writes nothing. Raises UsageError for an unknown lead."""
    with ports.database.reading() as connection:
        known = read_leads(connection, [lead_id], ports.project, now)
        lead = known.leads.get(lead_id)
        if lead is None:
            raise UsageError(f"there is no lead {lead_id}; `nurture leads list` shows those there are")
        case = case_of(known, lead_id, ports.project, now)
        answer = case.answer()
        upcoming = _all_upcoming(connection, ports, lead, now)
        chances = tuple(_chances(connection, ports, lead))
        asked = {"lead_id": lead_id, "limit": _DECISIONS}
        decisions = connection.execute(queries.DECISIONS_OF_LEAD, asked).all()
        return Explanation(
            lead_id=lead_id,
            stage=lead.stage,
            barred=barred(lead, now),
            answer=answer,
            upcoming=upcoming,
            chances=chances,
            what_if=what_if(case, answer),
            decisions=decisions,
            names=_names(ports.project.config.agreement),
            sent_back_at=lead.recycled_at,
        )


def _names(agreement: Agreement) -> Mapping[str, str]:
    return {stage: terms.name for stage, terms in agreement.stages.items()}


@dataclass(frozen=True, slots=True)
class Past:
    """A decision as it was made: by the agreement of its day, from the evidence that was kept with it.

    `rules` are the rules of that agreement by what they say, `signed` who had agreed to it and when, `names` its names
    of the stages; all are empty where its text is not understood any more.
    """

    id: int
    at: datetime
    asked_by: str
    outcome: str | None
    because: str
    version: str
    signed: str
    rules: Mapping[str, str]
    evidence: Mapping[str, Any]
    names: Mapping[str, str]


def explain_decision(ports: Ports, lead_id: int, decision_id: int) -> Past:
    """Why it was decided so then. Raises UsageError where the lead has no such decision."""
    with ports.database.reading() as connection:
        row = connection.execute(queries.DECISION_OF_LEAD, {"lead_id": lead_id, "id": decision_id}).first()
    if row is None:
        raise UsageError(f"lead {lead_id} has no decision {decision_id}; `nurture leads explain {lead_id}` lists them")
    try:
        terms = Agreement.model_validate_json(row.source)
    except ValidationError:
        signed, rules, names = "", dict[str, str](), dict[str, str]()
    else:
        hands = (("marketing", terms.agreed_by.marketing), ("sales", terms.agreed_by.sales))
        signed = " and ".join(f"{signed_by(hand)}, for {side}" for side, hand in hands)
        rules = {rule.text: in_terms(rule) for rule in (*terms.mql, *terms.sql)}
        names = dict(_names(terms))
    version, evidence = row.agreement_version, row.evidence_json
    return Past(row.id, row.at, row.asked_by, row.outcome, row.because, version, signed, rules, evidence, names)


def _chances(connection: Connection, ports: Ports, lead: Row[Any]) -> Iterator[Chance]:
    for row in connection.execute(queries.TO_COME, {"lead_id": lead.id}):
        listening = [one.name for one in ports.library.in_force.values() if row.name in one.enter.triggers]
        zone = lead.timezone or ports.project.config.window.zone
        yield Chance(row.name, row.due_at, local(row.due_at, zone), tuple(sorted(listening)))


def _all_upcoming(connection: Connection, ports: Ports, lead: Row[Any], now: datetime) -> tuple[Upcoming, ...]:
    stopped = gates.closed(connection, now)
    rows = connection.execute(queries.RUNNING, {"ids": [lead.id]}).all()
    live = ports.library.live(connection, rows)
    return tuple(upcoming(connection, ports, live, row, lead, now, stopped=stopped) for row in rows)


def upcoming(
    connection: Connection,
    ports: Ports,
    live: Live,
    row: Row[Any],
    lead: Row[Any],
    now: datetime,
    *,
    stopped: Mapping[str, str],
    anew: bool = False,
) -> Upcoming:
    """What comes next for a running enrollment by the texts of `live`; `anew`: if it were looked at now already."""
    if row.due_at is None:
        return _still(row, *_in_flight(connection, row))
    if not live.moves(row):
        return _still(row, *_held_up(live, row))
    if row.lease_until is not None and row.lease_until > now:
        return _still(row, "is being worked on", row.why)
    looked_at = now if anew else max(now, row.due_at)
    claim = decide_all(connection, ports, live, [row], looked_at)[0]
    ahead = forecast(claim.sequence, claim.position, claim.facts, looked_at)
    because = [*_closed(ports, row, stopped), *([row.why] if looked_at > now else []), *ahead.because]
    what = _what(ports, claim, ahead)
    when = local(ahead.at, lead.timezone or claim.sequence.send.zone) if ahead.at > now else "now"
    sentences = tuple(dict.fromkeys(filter(None, because)))
    return Upcoming(row.id, row.sequence, row.step, what, when, sentences, ahead.at, ahead.decision)


def _held_up(live: Live, row: Row[Any]) -> tuple[str, str]:
    if live.is_out(row):
        return f"leaves: {TAKEN_OUT.reason}", "it has no file any more"
    if live.text_for(row):
        return "stands still", f"sequence {row.sequence} is paused"
    return "stands still", f"the live text of {row.sequence} is not understood any more"


def _still(row: Row[Any], what: str, why: str) -> Upcoming:
    return Upcoming(row.id, row.sequence, row.step, what, "", (why,))


def _in_flight(connection: Connection, row: Row[Any]) -> tuple[str, str]:
    """Nothing is due while a mail is out of our hands: what it waits for."""
    mails = connection.execute(journey.MESSAGES, {"ids": [row.id]})
    message = next((mail for mail in mails if mail.step == row.step), None)
    if message is not None and message.state == MessageState.HELD:
        return f"waits for a person's word on the mail {row.step}", f"`nurture messages resolve {message.id}`"
    return f"waits for the mail provider's word on {row.step}", row.why


def _closed(ports: Ports, row: Row[Any], stopped: Mapping[str, str]) -> list[str]:
    why = gates.stops_mail(stopped, ports.mailer.name) or stopped.get(gates.sequence_gate(row.sequence))
    return [f"stopped for now: {why}"] if why else []


def _what(ports: Ports, claim: Claim, ahead: Forecast) -> str:
    match ahead.decision:
        case Send(step=step):
            return f"mail {resolve(ports, claim.sequence, step, claim.facts) or step.template}"
        case Act(step=step):
            return in_words(step) if step else "notes that the goal is reached"
        case Exit(reason=reason, done=done):
            return f"{'ends' if done else 'leaves'}: {reason}"
        case Wait(why=why):
            return f"waits: {why}"
        case _:
            return "goes on"
