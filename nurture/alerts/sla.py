"""The alerts of the ladder: a lead waits for sales, who is to know of it, and what happens if nobody answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, sales, sla, worklist
from models.words import HandoffState
from nurture.alerts.kind import UNWANTED, Kind, Words, mailbox_of, unwanted
from nurture.brief import Line, ago, name_of, owner_name, role_of
from nurture.core.agreement import Agreement
from nurture.core.cadence import local
from nurture.core.owners import POOL
from nurture.core.project import ProjectConfig
from nurture.core.promise import calendar_of, due_after_giving, ladder
from nurture.core.sales import RungAction
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.ports import Ports

SLA_ALERT = "sla_alert"
#: of what was done so far
SHOWN = 6

_TITLES: Mapping[RungAction, str] = {
    "remind": "Still waiting",
    "backup": "Past the promised time",
    "reassign": "Changes hands",
    "pool": "Back in the pool",
}
_DONE = {"call": "Called", "mail": "Mailed", "meeting": "Met", "given": "Given on", "snoozed": "Put off",
         "reminded": "Reminded", "backup": "Backup told",
         "asked": "Asked for a person"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that waits for sales, to be read in five seconds. Texts are ready to show."""

    title: str
    who: str
    role: str
    email: str
    phone: str
    hand_raise: bool
    #: who has not answered, and what this asks of the reader
    told: str
    #: "Tue 24 Nov 14:10 Oslo (12 minutes ago)"
    due: str
    overdue: bool
    #: what was done so far, the latest first
    log: tuple[Line, ...]
    #: what is due: an answer or, of a lead that was given on, the first touch
    due_for: str
    #: what happens if nobody answers, and when; empty where nothing more does
    after: str
    link: str

    @property
    def headline(self) -> str:
        """The lead in one line, for a subject."""
        return f"{self.title}: {self.who}" + (f", {self.role}" if self.role else "")


def recipient(agreement: Agreement, role: str, rep: str | None) -> Mailbox | None:
    """Where somebody is told: a rep (also as the backup, or the former owner), the manager or the whole team."""
    if role == "manager":
        return Mailbox(agreement.manager.address, agreement.manager.name) if agreement.manager else None
    if role == "team":
        return Mailbox(agreement.alert_to) if agreement.alert_to else None
    return mailbox_of(agreement, rep)


def _look(connection: Connection, _ports: Ports, row: Row[Any], now: datetime) -> str | None:
    """A lead that somebody has answered, called or put off meanwhile waits no more; one that is another's is told of
    anew."""
    payload = row.payload_json
    handoff = connection.execute(sales.HANDOFF, {"id": payload["handoff_id"]}).first()
    if not handoff or not _waits(connection, handoff, payload):
        return "answered before the alert left"
    if handoff.snoozed_until and handoff.snoozed_until > now:
        return "put off before the alert left"
    if handoff.owner != payload["now_with"]:
        return "it changed hands before the alert left"
    return UNWANTED if unwanted(connection, handoff) else None


def _waits(connection: Connection, handoff: Row[Any], payload: Mapping[str, Any]) -> bool:
    """Whether nobody has answered or reached out; of a lead that was given on, since then."""
    if "given_at" not in payload:
        return handoff.state == HandoffState.OFFERED and not handoff.touched_at
    given = connection.execute(worklist.GIVEN_ON, {"ids": [handoff.id]}).first()
    return given is not None and given.given_at == datetime.fromisoformat(payload["given_at"])


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    about = _waiting(connection, ports, alert.payload, now)
    to = recipient(ports.project.config.agreement, alert.payload["role"], alert.payload["rep"])
    plain = f"{about.title}: handoff {alert.payload['handoff_id']}, promised by {about.due}."
    return Words(to, about.headline, "sla", {"about": about}, about.told, plain, about.link)


def _waiting(connection: Connection, ports: Ports, payload: Mapping[str, Any], now: datetime) -> Waiting:
    config = ports.project.config
    handoff = connection.execute(sales.HANDOFF, {"id": payload["handoff_id"]}).one()
    lead = connection.execute(alerts.LEAD, {"id": handoff.lead_id}).one()
    touches = connection.execute(sla.TOUCHES, {"handoff_id": handoff.id}).all()
    calendar = calendar_of(config, payload["rep"] or POOL)
    zone = calendar.zone or calendar.window.zone
    given_at = datetime.fromisoformat(payload["given_at"]) if "given_at" in payload else None
    due_at = due_after_giving(config, handoff.owner, given_at) if given_at else handoff.due_at
    overdue = due_at <= now
    return Waiting(
        title=_TITLES[payload["do"]],
        who=name_of(lead) or lead.email,
        role=role_of(lead),
        email=lead.email,
        phone=lead.phone or "",
        hand_raise=bool(handoff.hand_raise),
        told=_told_given(config.agreement, payload, local(given_at, zone))
        if given_at
        else _told(config.agreement, payload),
        due=local(due_at, zone) + (f" ({ago(now - due_at)})" if overdue else ""),
        due_for="First touch" if given_at else "Answer",
        overdue=overdue,
        log=tuple(_log(config.agreement, handoff, touches, zone)),
        after=_after(config, handoff, zone),
        link=f"{ports.public_url}/h/{handoff.token}",
    )


def _told(agreement: Agreement, payload: Mapping[str, Any]) -> str:
    was, now_with = (_whose(agreement, payload[key]) for key in ("was_with", "now_with"))
    if payload["was_with"] != payload["now_with"]:
        if payload["now_with"] == POOL:
            return f"{was} did not answer in time. The lead is in the pool now: whoever is free may take it."
        return f"{was} did not answer in time. {now_with} has the lead now."
    if payload["now_with"] == POOL:
        return "The lead is in the pool, and nobody has taken it. Who does?"
    if payload["role"] == "owner":
        return "You have not answered yet. One tap says yes or no; a call that you log stops the clock as well."
    return f"{was} has not answered. Please step in: call the lead, or see to it that somebody does."


def _told_given(agreement: Agreement, payload: Mapping[str, Any], since: str) -> str:
    if payload["role"] == "owner":
        return f"This lead has been yours since {since}, and nothing was logged. Call, or say what you did."
    who = owner_name(agreement, payload["now_with"])
    return f"{who} has had this lead since {since}, and nothing was logged. Please step in."


def _whose(agreement: Agreement, key: str) -> str:
    return "The team" if key == POOL else owner_name(agreement, key)


def _log(agreement: Agreement, handoff: Row[Any], touches: Sequence[Row[Any]], zone: str) -> Iterator[Line]:
    for touch in touches[:SHOWN]:
        what = _DONE.get(touch.kind, touch.kind.capitalize())
        yield Line(f"{what}: {touch.note}" if touch.note else what, local(touch.at, zone))
    asked = "Asked for a person; offered" if handoff.hand_raise else "Offered"
    yield Line(f"{asked} to sales", local(handoff.offered_at, zone))


def _after(config: ProjectConfig, handoff: Row[Any], zone: str) -> str:
    rungs, agreement = ladder(config.agreement), config.agreement
    if handoff.rung_due_at is None or handoff.rung >= len(rungs):
        return ""
    backup = next((owner.backup for owner in agreement.owners if owner.key == handoff.owner), None)
    stands_in = owner_name(agreement, backup) if backup else ""
    what = {
        "remind": "there is a reminder",
        "backup": f"{stands_in or 'the manager'} is told as well",
        "reassign": f"{stands_in or 'the next in turn'} gets the lead",
        "pool": "the lead goes back to the pool",
    }
    return f"{local(handoff.rung_due_at, zone)}, if nobody answers, {what[rungs[handoff.rung].do]}."


KIND = Kind(_look, _write)
