"""Storing leads: new ones begin as IQL with their first touch, known ones only gain what was not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import leads
from models.statement import write
from models.words import ConsentAct, Suppression
from nurture.accounts import account_of
from nurture.announce import announce_all, announce_suppressed
from nurture.answers import Answered, happened, keep_answers
from nurture.consent import Entry, record_all
from nurture.core.mailbox import mailbox_of
from nurture.core.project import ProjectConfig
from nurture.core.questions import QUESTIONS
from nurture.enroll import trigger
from nurture.erasure import Erased, nobody
from nurture.leads.draft import OFFLINE, Draft
from nurture.leads.no_calls import leave_alone
from nurture.leads.who import asked, behind
from nurture.mail.events import content_key
from nurture.suppress import suppress

#: filled in where nothing is known yet; everything else about a known lead stays as it is
_DETAILS = (
    "first_name", "last_name", "company", "title", "industry", "employees", "country", "language", "timezone", "phone",
)  # fmt: skip

_ADD_ADDRESS = write(
    """
    INSERT INTO address (email, mailbox, token, version, suppressed_by) VALUES (:email, :mailbox, :token, 0, '')
    ON CONFLICT DO NOTHING
    """
)
_DROP_NEW = write(
    """
    DELETE FROM address WHERE email IN :emails* AND version = 0
    AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.address_id = address.id)
    """
)
_MOVE = write(
    """
    UPDATE address SET email = :email, suppressed = NULL, suppressed_at = NULL, suppressed_by = '',
        suppressed_until = NULL, version = version + 1
    WHERE id = :id AND suppressed = 'hard_bounce'
    """
)
_ADD_LEAD = write(
    """
    INSERT INTO lead (address_id, first_name, last_name, company, title, industry, employees, country, language,
        timezone, phone, source, asset, account, legal_ground, ground_since, ground_source, ground_until,
        no_sales_contact, stage, stage_since, cycle, rejected_times, created_at)
    VALUES (:address_id, :first_name, :last_name, :company, :title, :industry, :employees, :country, :language,
        :timezone, :phone, :source, :asset, :account, :legal_ground, :ground_since, :ground_source, :ground_until,
        FALSE, 'iql', :created_at, 1, 0, :created_at)
    """
)
_ADD_SCORE = write(
    """
    INSERT INTO score (lead_id, due_at, fit, engagement, grade, intent) VALUES (:lead_id, :now, 0, 0, 'D4', FALSE)
    ON CONFLICT (lead_id) DO UPDATE SET due_at = :now
    """
)
_ADD_ACT = write(
    """
    INSERT INTO event (key, lead_id, kind, occurred_at, received_at, name, machine, verdict, because, counts_at)
    VALUES (:key, :lead_id, 'submitted', :occurred_at, :now, :name, FALSE, 'human', :because, :occurred_at)
    ON CONFLICT (key) DO NOTHING
    """
)
_FILL_IN = write(
    f"""
    UPDATE lead SET {", ".join(f"{name} = coalesce({name}, :{name})" for name in _DETAILS)},
        ground_since = CASE WHEN legal_ground IS NULL THEN :ground_since ELSE ground_since END,
        ground_until = CASE WHEN legal_ground IS NULL THEN :ground_until ELSE ground_until END,
        ground_source = CASE WHEN legal_ground IS NULL THEN :ground_source ELSE ground_source END,
        legal_ground = coalesce(legal_ground, :legal_ground)
    WHERE id = :id
    """
)


@dataclass(frozen=True, slots=True)
class Intake:
    """Where leads come from ("import fair.csv", "form ebook"), when (UTC), and how their addresses get tokens.

    `erased` tells which addresses were erased at their own wish (`ports.erasures.among`).
    """

    origin: str
    now: datetime
    new_token: Callable[[], str]
    erased: Erased = nobody
    #: whose webhooks are told of new leads
    config: ProjectConfig | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the drafts, by lead number: new, told us something new, or told nothing new."""

    created: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    unchanged: tuple[int, ...] = ()
    #: the lead behind each address as told
    by_email: Mapping[str, int] = field(default_factory=dict)
    #: addresses that were erased at their own wish: nothing was stored of them
    refused: frozenset[str] = frozenset()

    def __add__(self, other: Saved) -> Saved:
        return Saved(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            {**self.by_email, **other.by_email},
            self.refused | other.refused,
        )


def save(connection: Connection, drafts: Sequence[Draft], intake: Intake) -> Saved:
    """Store drafts within the caller's transaction: one lead for each mailbox, under the address that came first.

    A suppression, a legal ground, a stage and the first touch that are there already stay as they are; an
    opt-out that the draft tells of is obeyed.
    """
    saved = Saved()
    for some in _one_each(drafts):
        saved += _save(connection, some, intake)
    return saved


def _one_each(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """The drafts in their order, at most one of a person at a time: what another tag tells of it comes after."""
    while drafts:
        first: dict[str, Draft] = {}
        for draft in drafts:
            first.setdefault(mailbox_of(draft.email), draft)
        yield list(first.values())
        drafts = [draft for draft in drafts if first[mailbox_of(draft.email)] is not draft]


def _save(connection: Connection, drafts: Sequence[Draft], intake: Intake) -> Saved:
    addresses = _addresses(connection, drafts, intake)
    refused = frozenset(draft.email for draft in drafts) - addresses.keys()
    drafts = [draft for draft in drafts if draft.email not in refused]
    known = _leads_at(connection, [address.id for address in addresses.values()])
    _move_on(connection, addresses, known, intake)
    opted_out = [addresses[draft.email].id for draft in drafts if draft.opted_out]
    suppress(connection, opted_out, Suppression.OPT_OUT, intake.origin, intake.now)
    new = {addresses[draft.email].id: draft for draft in drafts if addresses[draft.email].id not in known}
    told = {lead.id: (lead, draft) for draft in drafts if (lead := known.get(addresses[draft.email].id))}
    filled = {number: draft for number, (lead, draft) in told.items() if _tells_more(lead, draft)}
    if filled:
        connection.execute(_FILL_IN, [_row(draft, intake) | {"id": number} for number, draft in filled.items()])
        connection.execute(_ADD_SCORE, [{"lead_id": number, "now": intake.now} for number in filled])
        updated = ((number, f"{number}:{intake.now.isoformat()}", {"origin": intake.origin}) for number in filled)
        announce_all(connection, intake.config, "lead.updated", updated, intake.now)
    created = _create(connection, new, intake) if new else {}
    numbers = {at: number for number, (lead, _) in told.items() for at in (lead.address_id,)} | created
    by_email = {draft.email: numbers[addresses[draft.email].id] for draft in drafts}
    _record_grounds(connection, new, [told[number] for number in filled], numbers, intake)
    _learn(connection, drafts, by_email, intake)
    leave_alone(connection, [by_email[draft.email] for draft in drafts if draft.no_sales_contact], intake.now)
    _record_acts(
        connection, [(number, addresses[draft.email].email, draft) for number, (_, draft) in told.items()], intake
    )
    announce_suppressed(connection, intake.config, opted_out, intake.now)
    unchanged = tuple(number for number in told if number not in filled)
    return Saved(tuple(created.values()), tuple(filled), unchanged, by_email, refused)


def _record_grounds(
    connection: Connection,
    new: Mapping[int, Draft],
    told: Sequence[tuple[Row[Any], Draft]],
    numbers: Mapping[int, int],
    intake: Intake,
) -> None:
    """The consent log of those who may be mailed from now on."""
    gained = [*new.items(), *((lead.address_id, draft) for lead, draft in told if lead.legal_ground is None)]
    entries: list[tuple[int, datetime, Entry]] = [
        (at, draft.created_at or intake.now, {"ground": draft.legal_ground})
        for at, draft in gained
        if draft.legal_ground and not draft.opted_out
    ]
    record_all(connection, entries, ConsentAct.GIVEN, intake.origin)
    about = {"act": ConsentAct.GIVEN, "source": intake.origin}
    agreed = ((numbers[at], f"{numbers[at]}:{intake.now.isoformat()}", about) for at, _, _ in entries)
    announce_all(connection, intake.config, "lead.consented", agreed, intake.now)


def _learn(connection: Connection, drafts: Sequence[Draft], by_email: Mapping[str, int], intake: Intake) -> None:
    """What the drafts answer of the four questions; whoever told us something new is judged again."""
    answers = [
        Answered(by_email[draft.email], name, value, draft.created_at or intake.now, intake.origin)
        for draft in drafts
        for name in QUESTIONS
        if (value := getattr(draft, name))
    ]
    fresh = keep_answers(connection, answers)
    if fresh:
        leads_told = {answer.lead_id for answer in fresh}
        connection.execute(_ADD_SCORE, [{"lead_id": number, "now": intake.now} for number in sorted(leads_told)])
        announce_all(connection, intake.config, "lead.answered", map(happened, fresh), intake.now)


def _record_acts(connection: Connection, told: Iterable[tuple[int, str, Draft]], intake: Intake) -> None:
    """What known leads did at a fair or webinar, where it is told when: the same row again is the same act.

    What it did on the site the site has told itself.
    """
    acts = [
        _act(number, email, draft, str(draft.act), intake)
        for number, email, draft in told
        if draft.act in OFFLINE and draft.created_at
    ]
    if acts and connection.execute(_ADD_ACT, acts).rowcount:
        connection.execute(_ADD_SCORE, [{"lead_id": act["lead_id"], "now": intake.now} for act in acts])


def _addresses(connection: Connection, drafts: Sequence[Draft], intake: Intake) -> dict[str, Row[Any]]:
    """The address rows, by address as told: its own or its mailbox's, made where there were none, locked until the
    transaction ends; none for those erased."""
    emails = {draft.email for draft in drafts}
    # always in the same order, so that two intakes at once wait for each other instead of for ever
    wanted = sorted(emails - intake.erased(connection, emails), key=mailbox_of)
    if not wanted:
        return {}
    new = [{"email": email, "mailbox": mailbox_of(email), "token": intake.new_token()} for email in wanted]
    connection.execute(_ADD_ADDRESS, new)
    rows = behind(connection.execute(leads.LOCK, asked(wanted)), wanted)
    # asked again under the lock, for those who were being erased when we asked first
    late = intake.erased(connection, wanted)
    if late:
        connection.execute(_DROP_NEW, {"emails": sorted(late)})
    return {email: row for email, row in rows.items() if email not in late}


def _move_on(
    connection: Connection, addresses: Mapping[str, Row[Any]], known: Mapping[int, Row[Any]], intake: Intake
) -> None:
    """Who came with a tag that its host does not know is mailed at the address it comes with now, which is known to be
    no worse."""
    moved = {
        row.id: email
        for email, row in addresses.items()
        if email != row.email != row.mailbox and row.suppressed == Suppression.HARD_BOUNCE
    }
    if moved:
        connection.execute(_MOVE, [{"id": at, "email": email} for at, email in moved.items()])
        numbers, about = [known[at].id for at in moved if at in known], {"origin": intake.origin}
        told = ((number, f"{number}:moved:{intake.now.isoformat()}", about) for number in numbers)
        announce_all(connection, intake.config, "lead.updated", told, intake.now)


def _leads_at(connection: Connection, address_ids: Sequence[int]) -> dict[int, Row[Any]]:
    return {row.address_id: row for row in connection.execute(leads.KNOWN, {"ids": address_ids})}


def _tells_more(lead: Row[Any], draft: Draft) -> bool:
    """Whether the draft knows something about a lead that we did not."""
    return any(getattr(lead, name) is None and getattr(draft, name) is not None for name in (*_DETAILS, "legal_ground"))


def _create(connection: Connection, new: Mapping[int, Draft], intake: Intake) -> dict[int, int]:
    """The leads by address, what may start a sequence for them, what they did at first touch, and a score to be
    worked out."""
    connection.execute(_ADD_LEAD, [_row(draft, intake) | {"address_id": at} for at, draft in new.items()])
    numbers = {at: lead.id for at, lead in _leads_at(connection, list(new)).items()}
    trigger(connection, numbers.values(), "lead_created", intake.now)
    connection.execute(_ADD_SCORE, [{"lead_id": number, "now": intake.now} for number in numbers.values()])
    acts = [_act(numbers[at], draft.email, draft, draft.act, intake) for at, draft in new.items() if draft.act]
    if acts:
        connection.execute(_ADD_ACT, acts)
    happened = ((number, str(number), {"origin": intake.origin}) for number in numbers.values())
    announce_all(connection, intake.config, "lead.created", happened, intake.now)
    return numbers


def _row(draft: Draft, intake: Intake) -> dict[str, object]:
    """A draft as the lead table has it."""
    first_touch = draft.created_at or intake.now
    return {
        **{name: getattr(draft, name) for name in (*_DETAILS, "source", "asset", "legal_ground")},
        "ground_since": first_touch if draft.legal_ground else None,
        "ground_source": intake.origin if draft.legal_ground else None,
        "ground_until": draft.ground_until if draft.legal_ground else None,
        "account": account_of(draft.email, intake.config),
        "created_at": first_touch,
    }


def _act(number: int, email: str, draft: Draft, name: str, intake: Intake) -> dict[str, object]:
    """An act as the event table has it: told of another tag of the lead's address, it is the same."""
    occurred = draft.created_at or intake.now
    return {
        "key": content_key(int(occurred.timestamp()), "import", mailbox_of(email), name),
        "lead_id": number,
        "name": name,
        "occurred_at": occurred,
        "because": f"told by {intake.origin}",
        "now": intake.now,
    }
