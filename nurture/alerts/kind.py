"""What tells one kind of alert from another: whether it is still news, and its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from nurture.core.agreement import Agreement
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.ports import Ports


@dataclass(frozen=True, slots=True)
class Words:
    """An alert as it is read: `template` (below templates/alerts/, .html and .txt) is filled in with `values`.

    `to` None: there is nobody to tell, and there will not be anybody by itself.
    """

    to: Mailbox | None
    subject: str
    template: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alert.

    `look` is asked while the row is leased: why it is no news any more, or None. `write` says what it says, as of now.
    """

    look: Callable[[Connection, Ports, Row[Any], datetime], str | None]
    write: Callable[[Connection, Ports, Leased, datetime], Words]


def mailbox_of(agreement: Agreement, key: str | None) -> Mailbox | None:
    """A rep's mailbox; None for one whom the agreement does not know (any more)."""
    return next((Mailbox(owner.address, owner.name) for owner in agreement.owners if owner.key == key), None)
