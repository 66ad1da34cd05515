"""What tells one kind of alert from another: whether it is still news, and its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts
from models.words import HandoffState
from nurture.core.agreement import Agreement
from nurture.delivery import Answer, Leased
from nurture.mail import Mailbox
from nurture.ports import Ports

UNWANTED = "the lead wants no sales contact"


@dataclass(frozen=True, slots=True)
class Words:
    """An alert as it is read: `template` (below templates/alerts/, .html and .txt) is filled in with `values`.

    `to` None: there is nobody to tell, and there will not be anybody by itself. A chat channel shows less: the subject
    with `glance`, the sentence below it, and `link`; where no names may be told `plain` alone, and the link.
    """

    to: Mailbox | None
    subject: str
    template: str
    values: Mapping[str, object]
    glance: str = ""
    plain: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alert.

    `look` is asked while the row is leased: why it is no news any more, how long it waits, or None. `write` says what
    it says, as of now.
    """

    look: Callable[[Connection, Ports, Row[Any], datetime], Answer]
    write: Callable[[Connection, Ports, Leased, datetime], Words]


def unwanted(connection: Connection, handoff: Row[Any]) -> bool:
    """Whether the lead of a handoff that nobody has answered wants no sales contact: it is about to be taken back."""
    lead = connection.execute(alerts.LEAD, {"id": handoff.lead_id}).one()
    return handoff.state == HandoffState.OFFERED and bool(lead.no_sales_contact)


def mailbox_of(agreement: Agreement, key: str | None) -> Mailbox | None:
    """A rep's mailbox; None for one whom the agreement does not know (any more)."""
    return next((Mailbox(owner.address, owner.name) for owner in agreement.owners if owner.key == key), None)


def rep_or_team(agreement: Agreement, key: str) -> Mailbox:
    """The rep; for the pool, and for a rep who has left the agreement, whoever is there."""
    rep = mailbox_of(agreement, key)
    if rep is None and agreement.alert_to:
        return Mailbox(agreement.alert_to)
    return rep or Mailbox(agreement.owners[0].address, agreement.owners[0].name)
