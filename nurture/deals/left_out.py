"""What the CRM told of deals and could not be taken in, as of somebody we do not know yet: kept, to be tried anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.queries import deals
from models.statement import write
from nurture.ports import Ports

#: requests that are looked through, the latest
MOST = 500

_AGAIN = write("UPDATE inbox SET state = 'new' WHERE id IN :ids* AND state <> 'new'")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One entry of a request, by its number in it (0: the request as a whole), and why it was left out."""

    request: int
    received_at: datetime
    entry: int
    reason: str


def left_out(ports: Ports) -> list[LeftOut]:
    """Every entry that was left out, of the latest requests that are still kept."""
    with ports.database.reading() as connection:
        rows = connection.execute(deals.LEFT_OUT, {"limit": MOST}).all()
    return [
        LeftOut(row.id, row.received_at, int(fault["entry"]), str(fault["reason"]))
        for row in rows
        for fault in row.faults_json
    ]


def try_again(ports: Ports) -> int:
    """Work those requests once more with the next round, which leaves alone what was taken in; how many there are."""
    with ports.database.transaction("try again") as connection:
        ids = [row.id for row in connection.execute(deals.LEFT_OUT, {"limit": MOST})]
        return connection.execute(_AGAIN, {"ids": ids}).rowcount if ids else 0
