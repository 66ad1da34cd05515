"""Forms from the site: who sent it, what it says of them, and that a person did it.

A form makes a lead or fills in what was not known. It never overwrites the first touch. Whether it
lets us mail is for nurture.opt_in to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from models.queries import engagement, sales
from models.statement import write
from nurture import opt_in
from nurture.alerts import NOTE_ALERT
from nurture.announce import announce
from nurture.core.agreement import stage_name
from nurture.core.fields import FORM_FIELDS
from nurture.engage.calls import LONGEST_ID
from nurture.engage.site import introduce
from nurture.engage.tally import Told
from nurture.engage.verdicts import ask_again, judge_again
from nurture.enroll import trigger
from nurture.erasure import REFUSED
from nurture.gather import WITH_SOMEBODY
from nurture.handoff.asked import asks_for_a_person, asks_key
from nurture.leads import values
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.mail.events import content_key
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.suppress import hold_leads
from nurture.timezones import zone_of

#: what a form may say about a lead, beside the address
_ABOUT_THE_FORM = ("email", "message", "consent", "submission", "anonymousId")
DETAILS = tuple(name for name in FORM_FIELDS if name not in _ABOUT_THE_FORM)
#: all fields that are taken; a site may send more. `submission` is the site's own number for one filling-in,
#: `anonymousId` what it told the visitor's pages under.
FIELDS = FORM_FIELDS
LONGEST_MESSAGE = 1000

#: what was sent longer ago is history
_NEWS = timedelta(days=1)

_FIRST_TOUCH = write("UPDATE lead SET source = :source, asset = :asset WHERE id = :id")
_KEEP = write(
    """
    INSERT INTO event (key, lead_id, kind, occurred_at, received_at, name, machine, verdict, counts_at, reason)
    VALUES (:key, :lead_id, 'submitted', :occurred_at, :received_at, :name, FALSE, 'human', :occurred_at, :reason)
    ON CONFLICT (key) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was read. `faults` are fields that were left out, with why; the rest counts all the same."""

    draft: Draft
    message: str
    key: bytes
    occurred_at: datetime
    faults: tuple[str, ...] = ()
    anonymous_id: str = ""
    #: what the form asks for, as nurture.yaml has it
    asset: str = ""
    #: to mail
    agreed: bool = False


def read_form(form: str, body: bytes, received_at: datetime) -> Submission:
    """Read the body that was stored for a form: a JSON object of texts.

    Without a usable `email` it raises ValueError with a reason for the person who filled it in.
    """
    told = orjson.loads(body)
    if not isinstance(told, dict):
        raise ValueError("the form is not a JSON object")
    fields = {name: _text(told.get(name)) for name in FIELDS}
    email = _email(fields["email"])
    known, faults = _details(fields)
    agreed, doubts = _agreed(fields["consent"])
    occurred_at = _occurred(told.get("occurred_at"), received_at)
    draft = Draft(
        email=email,
        timezone=zone_of(known["country"]) if known.get("country") else None,
        created_at=occurred_at,
        **known,
    )
    message = values.cleaned(fields["message"])[:LONGEST_MESSAGE]
    key = _key(form, email, fields, occurred_at)
    anonymous_id, asset = fields["anonymousId"][:LONGEST_ID], values.cleaned(_text(told.get("asset")))[:LONGEST_MESSAGE]
    return Submission(draft, message, key, occurred_at, (*faults, *doubts), anonymous_id, asset, agreed)


def fold_form(
    connection: Connection, ports: Ports, form: str, body: bytes, received_at: datetime, now: datetime
) -> Told:
    """Work one form: the lead, the act, and everybody who waits for it."""
    submission = read_form(form, body, received_at)
    lead_id = _lead(connection, ports, form, submission, now)
    if lead_id is None:
        return Told(0, 0, faults=((1, f"the address {REFUSED}"),))
    hold_leads(connection, [lead_id])
    if submission.anonymous_id:
        introduce(connection, f"a:{submission.anonymous_id}", lead_id, now)
    fresh = _keep(connection, form, lead_id, submission, received_at)
    if fresh:
        trigger(connection, [lead_id], "form_submitted", now)
        key = submission.key.hex()
        announce(connection, ports.project.config, "form.submitted", lead_id, {"form": form}, key=key, now=now)
        sent_at = submission.occurred_at
        opt_in.heard(connection, ports, lead_id, form, submission.agreed, submission.key, now)
        ask_again(connection, {lead_id: now})
        if now - sent_at <= _NEWS:
            _tell_whoever_has_it(connection, ports, form, lead_id, submission, now)
        clicked = {row.message_id for row in connection.execute(engagement.CLICKED_MESSAGES, {"lead_id": lead_id})}
        judge_again(connection, ports.project.config, clicked, now)
    return Told(int(fresh), int(not fresh), faults=tuple((1, fault) for fault in submission.faults))


def _tell_whoever_has_it(
    connection: Connection, ports: Ports, form: str, lead_id: int, submission: Submission, now: datetime
) -> None:
    """Who asks for a person while sales has it, or as a customer, is not handed over again: its rep is told, of words
    each time, else once a day. In an alert are numbers; words are put in at the end."""
    agreement = ports.project.config.agreement
    if form not in agreement.hand_raise.forms:
        return
    asks_for_a_person(connection, ports, lead_id, now)
    stage = connection.execute(sales.LOCK_LEAD, {"id": lead_id}).one().stage
    if stage in WITH_SOMEBODY:
        place = {"lead_id": lead_id, "sequence": f"Form {form}", "step": stage_name(agreement, stage)}
        payload = {**place, "to": "sales", "note": "Asks for a person", "event": submission.key.hex()}
        key = f"form:{submission.key.hex()}" if submission.message else asks_key(lead_id, now)
        enqueue(connection, key, NOTE_ALERT, payload, now)


def _email(text: str) -> str:
    try:
        email = values.value("email", text)
    except ValueError as error:
        raise ValueError(f"the address {error}") from None
    if email is None:
        raise ValueError("the address is missing")
    return str(email)


def _details(fields: dict[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    known, faults = {}, []
    for name in DETAILS:
        try:
            known[name] = values.value(name, fields[name])
        except ValueError as error:
            faults.append(f"{name} {error}")
    return known, tuple(faults)


def _agreed(told: str) -> tuple[bool, tuple[str, ...]]:
    try:
        return values.agreed(told), ()
    except ValueError as error:
        return False, (f"consent {error}",)


def _occurred(told: object, received_at: datetime) -> datetime:
    """When it was sent: as told, unless that is unreadable or lies ahead."""
    try:
        return min(values.moment(str(told)), received_at) if told else received_at
    except ValueError:
        return received_at


def _key(form: str, email: str, fields: dict[str, str], occurred_at: datetime) -> bytes:
    """The same submission, or the same words again on the same day, is one act: people click twice."""
    day = datetime(occurred_at.year, occurred_at.month, occurred_at.day, tzinfo=UTC)
    content = [fields["submission"]] if fields["submission"] else [fields[name] for name in FIELDS]
    return content_key(int(day.timestamp()), "form", form, email, *content)


def _lead(connection: Connection, ports: Ports, form: str, submission: Submission, now: datetime) -> int | None:
    """The number of the lead; None for one that was erased at its own wish."""
    intake = Intake(f"form {form}", now, ports.new_id, ports.erasures.among, ports.project.config)
    saved = save(connection, [submission.draft], intake)
    for created in saved.created:
        connection.execute(_FIRST_TOUCH, {"id": created, "source": form, "asset": submission.asset or None})
    return next(iter(saved.by_email.values()), None)


def _keep(connection: Connection, form: str, lead_id: int, submission: Submission, received_at: datetime) -> bool:
    """Whether this is the first we hear of it."""
    row = {
        "key": submission.key,
        "lead_id": lead_id,
        "name": form,
        "occurred_at": submission.occurred_at,
        "received_at": received_at,
        "reason": submission.message or None,
    }
    return connection.execute(_KEEP, row).rowcount == 1


def _text(value: object) -> str:
    """A scalar as text; NUL is left out, because PostgreSQL cannot store it."""
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value).replace("\0", "") if isinstance(value, str | int | float) else ""
