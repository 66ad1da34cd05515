"""The alert that a marketer put into a sequence: a lead has come this far, and what to think of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, replies
from nurture.accounts import owners_of
from nurture.alerts.kind import Kind, Words, mailbox_of, rep_or_team
from nurture.brief import Line, acts_of_lead, name_of, place_of, role_of, tell_acts
from nurture.core.agreement import Agreement
from nurture.core.channels import MARKETING
from nurture.core.fields import REPLIES, SCORED_FIELDS
from nurture.core.owners import POOL
from nurture.delivery import Leased
from nurture.gather import lead_fields, read_leads
from nurture.mail import Mailbox
from nurture.ports import Ports

NOTE_ALERT = "note_alert"
#: what the lead did last
SHOWN = 3
_LONGEST_SUBJECT = 110
#: characters of a reply; all of it is in `nurture replies show`
_LONGEST_REPLY = 3_000


@dataclass(frozen=True, slots=True)
class Note:
    """A lead at an `alert:` step, to be read in five seconds. Texts are ready to show."""

    lead_id: int
    who: str
    role: str
    #: "NO, Tue 24 Nov 14:05 Oslo"; empty where nobody knows
    place: str
    email: str
    phone: str
    grade: str
    #: the marketer's own words; empty where the step has none
    note: str
    sequence: str
    step: str
    acts: tuple[Line, ...]
    #: to its page, where sales has it
    link: str = ""

    @property
    def headline(self) -> str:
        """The lead and the note in one line, for a subject."""
        who = ", ".join(filter(None, (self.who, self.role)))
        return shorten(f"{who}: {self.note or self.sequence}", _LONGEST_SUBJECT, placeholder="...")


def _look(_connection: Connection, _ports: Ports, _row: Row[Any], _now: datetime) -> str | None:
    """Where a lead has been stays true."""
    return None


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    lead = connection.execute(alerts.LEAD, {"id": alert.payload["lead_id"]}).one()
    about = _note(connection, ports, lead, alert, now)
    to = _recipient(connection, ports, lead, alert.payload)
    plain = f"{about.sequence}: lead {about.lead_id} is at {about.step}."
    glance = f"{about.note} Grade {about.grade}.".strip()
    return Words(to, about.headline, "note", {"about": about}, glance, plain, about.link)


def _note(connection: Connection, ports: Ports, lead: Row[Any], alert: Leased, now: datetime) -> Note:
    project = ports.project
    name = alert.payload["sequence"]
    sequence = ports.library.in_force.get(name)
    known = read_leads(connection, [lead.id], project, now)
    fields = lead_fields(known.leads[lead.id], known.engagements.get(lead.id, []), project, now, SCORED_FIELDS)
    acts = acts_of_lead(known, lead, project, now)
    return Note(
        lead_id=lead.id,
        who=name_of(lead) or lead.email,
        role=role_of(lead),
        place=place_of(lead, now),
        email=lead.email,
        phone=lead.phone or "",
        grade=str(fields["grade"]),
        note=_said(connection, alert.payload),
        sequence=sequence.title if sequence else name,
        step=alert.payload["step"],
        acts=tell_acts(acts[:SHOWN], project.config.window.zone, now),
        link="" if alert.payload["to"] == MARKETING else _link(connection, ports, lead, now),
    )


def _link(connection: Connection, ports: Ports, lead: Row[Any], now: datetime) -> str:
    """The page of the lead's last handoff, as long as it opens."""
    handoff = connection.execute(alerts.LAST_PAGE, {"lead_id": lead.id, "now": now}).first()
    return f"{ports.public_url}/h/{handoff.token}" if handoff else ""


def _said(connection: Connection, payload: Mapping[str, Any]) -> str:
    """The marketer's words, or what the lead wrote: that is read when the alert goes out, so that it is nowhere
    else."""
    if "reply_id" not in payload:
        return ": ".join(filter(None, (payload.get("note"), _words(connection, payload))))
    reply = connection.execute(replies.WRITTEN, {"id": payload["reply_id"]}).first()
    if reply is None:
        return "This reply was erased."
    doubt = "" if reply.proved else f" (perhaps: anybody could have written as {reply.sender})"
    other = f", from {reply.sender}" if reply.proved and reply.sender not in (None, reply.email) else ""
    return f"Replied{doubt}{other}, {REPLIES[reply.intent]}: {(reply.text or '')[:_LONGEST_REPLY]}"


def _words(connection: Connection, payload: Mapping[str, Any]) -> str:
    """What the lead wrote in the form that this is about."""
    if "event" not in payload:
        return ""
    form = connection.execute(alerts.FORM, {"key": bytes.fromhex(payload["event"])}).first()
    return form.words or "" if form else ""


def rep_of(connection: Connection, agreement: Agreement, lead: Row[Any], payload: Mapping[str, Any]) -> str | None:
    """The rep who is told: who is named; or whose the lead is; where `sales` must hear of it, or else whose its company
    is."""
    to = payload["to"]
    if to == MARKETING:
        return None
    if "rep" in payload:
        return next((owner.key for owner in agreement.owners if owner.key == payload["rep"]), None)
    claims = (lead.owner, *(owners_of(connection, lead.account, lead.id) if to == "sales" else ()))
    reps = {owner.key for owner in agreement.owners}
    return next((key for key in claims if key in reps), None)


def _recipient(connection: Connection, ports: Ports, lead: Row[Any], payload: Mapping[str, Any]) -> Mailbox | None:
    """The rep, or marketing: a rep nobody knows is marketing's to sort out, but where `sales` must hear of it, the
    team's."""
    config = ports.project.config
    rep = mailbox_of(config.agreement, rep_of(connection, config.agreement, lead, payload))
    if payload["to"] == "sales":
        return rep or rep_or_team(config.agreement, POOL)
    return rep or (Mailbox(config.alert_to) if config.alert_to else None)


KIND = Kind(_look, _write)
