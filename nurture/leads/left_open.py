"""What a program of an earlier version left open, that went on while the tables were already those of this one."""

from __future__ import annotations

from models.queries import leads
from models.statement import write
from nurture.core.mailbox import mailbox_of
from nurture.ports import Ports

#: by its address, too: whoever was erased meanwhile has none any more
_MAILBOX = write(
    """
    UPDATE address SET mailbox = :mailbox,
        twin = CASE WHEN EXISTS (SELECT 1 FROM address o WHERE o.mailbox = CAST(:mailbox AS VARCHAR) AND o.twin = 0)
            THEN id ELSE 0 END
    WHERE id = :id AND email = :email AND mailbox IS NULL
    """
)
_FIRST_OWNER = write("UPDATE handoff SET first_owner = owner WHERE first_owner = ''")


def fill_in(ports: Ports) -> int:
    """Fill in the mailbox of addresses, and who was offered a lead first. Returns how many; twice is harmless."""
    with ports.database.transaction("fill in what was left open") as connection:
        bare = connection.execute(leads.WITHOUT_MAILBOX).all()
        if bare:
            rows = [
                {"id": address.id, "email": address.email, "mailbox": mailbox_of(address.email)} for address in bare
            ]
            connection.execute(_MAILBOX, rows)
        return len(bare) + connection.execute(_FIRST_OWNER).rowcount
