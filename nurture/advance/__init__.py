"""Advancing: every lead whose time has come takes its next step.

    due -> [ claim (T1) -> render -> hand over (T2) -> send -> settle (T3) ] in batches

`due` lists ids, so that the work can be split among tasks and machines; each `advance` claims only its own.
Two at once on the same ids are harmless: the second finds nothing to claim.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from models.queries import journey
from models.statement import write
from nurture import gates
from nurture.advance.act import act
from nurture.advance.claim import Claim, claim, resolve
from nurture.advance.report import Kind, Outcome, Report
from nurture.alerts.kind import mailbox_of
from nurture.announce import announce_left
from nurture.clock import Budget
from nurture.core.decide import Act, Exit, Send, Wait, subject_for
from nurture.errors import UserError
from nurture.gather import OWNED_BY_SALES
from nurture.ledger.hand_over import HandedOver, Planned, hand_over
from nurture.ledger.settle import guard_provider, settle
from nurture.mail import Outcome as MailOutcome
from nurture.mail import Receipt
from nurture.mail.inbound import reply_address
from nurture.ports import Ports
from nurture.render import compose

__all__ = ["Outcome", "Report", "advance", "due", "tick"]

log = logging.getLogger(__name__)

T = TypeVar("T")

#: passes over the same leads in one tick: a lead may branch, be promoted and be mailed at one moment
MAX_ROUNDS = 50
#: enrollments looked up at once
MOST_DUE = 50_000
#: what became of those who have nothing more to do at this moment
_AT_REST = frozenset[Kind]({"waiting", "finished", "left"})
#: a chunk is this many times what the mailer has in flight: a crash makes only a chunk unknown
CHUNK = 4

_GIVE_BACK = write("UPDATE quota SET used = used - :count WHERE sender = :sender AND day = :day AND used >= :count")
_BURY_MESSAGE = write("UPDATE message SET state = 'rejected', reason = :reason WHERE id = :id AND state = 'planned'")
_BURY = write(
    """
    UPDATE enrollment SET state = 'dead', ended_at = :now, reason = :reason, due_at = NULL, lease_until = NULL
    WHERE id = :id AND fence = :fence AND state = 'active'
    """
)


@dataclass(frozen=True, slots=True)
class Due:
    """An enrollment whose time has come."""

    id: int
    lead_id: int
    sequence: str


def due(ports: Ports, limit: int = MOST_DUE) -> list[Due]:
    """What may be advanced now, the longest due first. Stopped sequences and mailers have nothing due."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        stopped = gates.closed(connection, now)
        if gates.stops_mail(stopped, ports.mailer.name):
            return []
        live = ports.library.live(connection).sequences
        known = connection.execute(journey.PUBLISHED).all()
        understood = [row.sequence for row in known if row.version is None or row.sequence in live]
        names = [name for name in understood if gates.sequence_gate(name) not in stopped]
        paused = [name for name, sequence in live.items() if sequence.paused]
        rows = connection.execute(journey.DUE, {"now": now, "names": names, "paused": paused, "limit": limit})
        return [Due(row.id, row.lead_id, row.sequence) for row in rows]


def tick(ports: Ports, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Advance everything that is due, until nothing is."""
    report = Report()
    for _ in range(MAX_ROUNDS):
        ids = [one.id for one in due(ports)]
        if not ids:
            break
        done = advance(ports, ids, progress)
        report.merge(done)
        if done.counts.keys() <= _AT_REST and len(ids) < MOST_DUE:
            break
    return report


def advance(ports: Ports, ids: Sequence[int], progress: Callable[[int], None] = lambda _: None) -> Report:
    """Take these enrollments one step further each. Raises StaleDatabase before anything is claimed."""
    ports.watermark.check(ports.database)
    report = Report()
    for some in chunks(ids, ports.limits.claim):
        mails = list(_to_mail(ports, some, report))
        mails.sort(key=lambda one: one.sequence.priority)
        for chunk in chunks(_render(ports, mails, report), CHUNK * ports.mailer.connections):
            deliver(ports, chunk, report)
        progress(len(some))
    return report


def _to_mail(ports: Ports, ids: Sequence[int], report: Report) -> Iterator[Claim]:
    """Claim these, and take each lead past what is no mail, until it waits or a mail is to be sent to it."""
    for _ in range(MAX_ROUNDS):
        claims = claim(ports, ids, report)
        act(ports, claims, report)
        yield from (one for one in claims if isinstance(one.decision, Send))
        ids = [one.row.id for one in claims if isinstance(one.decision, Act)]
        if not ids:
            return


def deliver(ports: Ports, chunk: Sequence[Planned], report: Report) -> None:
    """Hand a chunk over, post it, settle it. The budget begins before the last check, not after it."""
    serials = ports.watermark.take(ports.database, len(chunk))
    budget = Budget.of(ports.clock, ports.limits.budget)
    now = ports.clock.now()
    with ports.database.transaction("hand over") as connection:
        handed = hand_over(connection, ports, chunk, serials, now)
    receipts = ports.mailer.send(handed.emails, budget) if handed.emails else []
    if receipts:
        settle_receipts(ports, receipts)
    _tell(chunk, handed, receipts, report, now)


def settle_receipts(ports: Ports, receipts: Sequence[Receipt]) -> None:
    """T3: write down what the mailer said. To one that is idempotent, a mail of unknown end is simply given again."""
    if ports.mailer.idempotent:
        receipts = [replace(one, outcome=_AGAIN.get(one.outcome, one.outcome)) for one in receipts]
    now = ports.clock.now()
    with ports.database.transaction("settle") as connection:
        guard_provider(connection, ports.mailer.name, receipts, now)
        settle(connection, ports.library, receipts, now)
        unused = sum(one.outcome is MailOutcome.NOT_ACCEPTED for one in receipts)
        day = {"sender": ports.mailer.name, "day": now.date().isoformat(), "count": unused}
        connection.execute(_GIVE_BACK, day)


def _render(ports: Ports, claims: Iterable[Claim], report: Report) -> Iterator[Planned]:
    """Render outside of any transaction. A mail that cannot be rendered is set aside; the rest go on."""
    for one in claims:
        assert isinstance(one.decision, Send)
        step = one.decision.step
        template = resolve(ports, one.sequence, step, one.facts) or step.template
        try:
            email = compose(
                ports.project,
                template=template,
                subject=subject_for(one.sequence, step, one.row.lead_id),
                topic=step.topic,
                by_owner=step.sender == "owner",
                lead=one.facts.lead,
                message_id=str(one.message_id),
                unsubscribe_url=f"{ports.public_url}/u/{one.token}",
                reply_to=_reply_to(ports, one),
                categories=(one.sequence.stage, one.sequence.name),
            )
        except UserError as error:
            _set_aside(ports, one, str(error))
            report.add(one.outcome("failed", str(error)))
            continue
        yield Planned(one.row.id, one.row.lead_id, one.message_id, one.fence, one.sequence, step, template, email)


def _reply_to(ports: Ports, one: Claim) -> str | None:
    """Where an answer goes: to the rep of a lead that belongs to sales, else to where we know it by."""
    lead = one.facts.lead
    rep = mailbox_of(ports.project.config.agreement, str(lead["owner"])) if lead["stage"] in OWNED_BY_SALES else None
    if rep:
        return rep.address
    return reply_address(ports.reply_domain, one.message_id, one.token) if ports.reply_domain else None


def _set_aside(ports: Ports, one: Claim, reason: str) -> None:
    log.warning("enrollment %s: the mail of step %s cannot be rendered", one.row.id, one.position.step)
    now = ports.clock.now()
    with ports.database.transaction("set aside") as connection:
        if connection.execute(_BURY, {"id": one.row.id, "fence": one.fence, "now": now, "reason": reason}).rowcount:
            connection.execute(_BURY_MESSAGE, {"id": one.message_id, "reason": reason})
            announce_left(connection, ports.project.config, [one.row.lead_id], now)


_AGAIN = {MailOutcome.UNKNOWN: MailOutcome.NOT_ACCEPTED}

_KIND: dict[MailOutcome, Kind] = {
    MailOutcome.ACCEPTED: "sent",
    MailOutcome.NOT_ACCEPTED: "skipped",
    MailOutcome.REJECTED: "failed",
    MailOutcome.UNKNOWN: "unknown",
}


def _tell(
    chunk: Sequence[Planned], handed: HandedOver, receipts: Sequence[Receipt], report: Report, now: datetime
) -> None:
    by_message = {email.message_id: receipt for email, receipt in zip(handed.emails, receipts, strict=True)}
    for one in chunk:
        about = (one.enrollment_id, one.lead_id, one.sequence.name, one.step.id)
        refused = handed.refused.get(one.enrollment_id)
        receipt = by_message.get(str(one.message_id))
        if receipt:
            report.add(Outcome(*about, _KIND[receipt.outcome], why=receipt.reason))
        elif isinstance(refused, Wait):
            # what was refused at the last moment may have another step to take at once
            report.add(Outcome(*about, "waiting" if refused.until > now else "skipped", refused.until, refused.why))
        elif isinstance(refused, Exit):
            report.add(Outcome(*about, "left", why=refused.reason))
        else:
            report.add(Outcome(*about, "skipped", why="somebody else has it, or it has changed"))


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
