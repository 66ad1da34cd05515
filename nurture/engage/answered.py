"""Which mail of ours a mail that came in is about, and how sure that is.

By the token in the address it was sent to, then by the Message-IDs that it answers, then by who wrote it. The first
two are known only to whoever has our mail, and so may have consequences; a From line is anybody's to write, and has
none unless the domain vouches for it (DKIM, SPF).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row

from models.queries import replies
from nurture.accounts import account_of
from nurture.core.mailbox import as_stored, mailbox_of
from nurture.core.project import ProjectConfig
from nurture.mail.inbound import Mail, reply_token, tokens_in

#: as many of what a mail claims are looked up
_MOST = 20
#: the provider's numbers of mails are random; what is shorter can be guessed
_SHORTEST_NUMBER = 16


@dataclass(frozen=True, slots=True)
class Answered:
    """The lead and the mail that something came back about; of one matched by sender alone the mail may be unknown."""

    lead_id: int
    address_id: int
    #: the lead's own address
    email: str
    message_id: int | None
    enrollment_id: int | None
    sequence: str
    step: str
    by: Literal["token", "thread", "sender"]
    proved: bool


def find(connection: Connection, mail: Mail, sender: str) -> Answered | None:
    """The surest match; `sender` is who wrote, or of a report whom it is about."""
    return _by_token(connection, mail) or _by_thread(connection, mail) or _by_sender(connection, mail, sender)


def is_ours(config: ProjectConfig, sender: str, about: Answered | None) -> bool:
    """Whether one of our own people wrote: who signs our mails, sells, is told of leads, or has our mail domain.

    Not a colleague who is the lead itself, say to try the mails out.
    """
    if not sender or (about and mailbox_of(sender) == mailbox_of(about.email)):
        return False
    agreement = config.agreement
    told = [config.sender.address, config.sender.reply_to, config.alert_to, agreement.alert_to]
    told += [one.address for one in (*agreement.owners, agreement.manager) if one]
    domain = account_of(config.sender.address, config)
    is_colleague = domain is not None and account_of(sender, config) == domain
    return is_colleague or mailbox_of(sender) in {mailbox_of(one.lower()) for one in told if one}


def _by_token(connection: Connection, mail: Mail) -> Answered | None:
    told = tokens_in([*mail.recipients, mail.returned.get("reply-to", "")])[:_MOST]
    if not told:
        return None
    rows = {row.message_id: row for row in connection.execute(replies.BY_MESSAGE, {"ids": [id_ for id_, _ in told]})}
    for id_, letters in told:
        row = rows.get(id_)
        if row and hmac.compare_digest(reply_token(id_, row.token), letters):
            return _answered(row, "token", proved=True)
    return None


def _by_thread(connection: Connection, mail: Mail) -> Answered | None:
    named = [*mail.answers, mail.returned.get("message-id", "").strip("<> ")][:_MOST]
    numbers = [number for one in named if len(number := one.partition("@")[0]) >= _SHORTEST_NUMBER]
    if not numbers:
        return None
    rows = {row.provider_id: row for row in connection.execute(replies.BY_THREAD, {"names": numbers})}
    row = next((rows[number] for number in numbers if number in rows), None)
    return _answered(row, "thread", proved=True) if row else None


def _by_sender(connection: Connection, mail: Mail, sender: str) -> Answered | None:
    email = as_stored(sender)
    told = {"email": email, "mailbox": mailbox_of(email)}
    row = connection.execute(replies.BY_SENDER, told).first() if sender else None
    vouched = sender == mail.sender and mail.is_from_its_domain
    return _answered(row, "sender", proved=vouched) if row else None


def _answered(row: Row[Any], by: Literal["token", "thread", "sender"], *, proved: bool) -> Answered:
    return Answered(
        row.lead_id, row.address_id, row.email, row.message_id, row.enrollment_id, row.sequence or "reply",
        row.step or "no mail of ours", by, proved,
    )  # fmt: skip
