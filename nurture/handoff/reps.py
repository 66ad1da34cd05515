"""The reps' own pages: the link to a worklist, which lasts until a new one is made."""

from __future__ import annotations

from sqlalchemy import Connection

from models.queries import desk
from models.statement import write
from nurture.core.owners import POOL
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError
from nurture.ports import Ports

_ADD = write("INSERT INTO rep (owner, token, since) VALUES (:owner, :token, :now) ON CONFLICT (owner) DO NOTHING")
_RENEW = write("UPDATE rep SET token = :token, since = :now WHERE owner = :owner")


def lists(ports: Ports) -> list[str]:
    """Whose worklists there are: the reps' in the order of the agreement, and the pool's."""
    return [*(owner.key for owner in ports.project.config.agreement.owners), POOL]


def worklist_link(ports: Ports, owner: str, *, new: bool = False) -> str:
    """The link to a rep's worklist, or the `pool`'s; made when it is first asked for. `new`: the old one opens no more.

    Raises UsageError where there is no such rep.
    """
    check_list(ports, owner)
    values = {"owner": owner, "token": ports.new_id(), "now": ports.clock.now()}
    with ports.database.transaction("worklist link") as connection:
        connection.execute(_ADD, values)
        if new:
            connection.execute(_RENEW, values)
        token = connection.execute(desk.REP, {"owner": owner}).one().token
    return f"{ports.public_url}/w/{token}"


def whose(connection: Connection, ports: Ports, token: str) -> str | None:
    """Whose worklist a link opens; None for one that opens none (any more), and for a rep who has left."""
    row = connection.execute(desk.REP_BY_TOKEN, {"token": token}).first()
    return row.owner if row and row.owner in lists(ports) else None


def check_list(ports: Ports, owner: str) -> None:
    """Raise UsageError unless there is a worklist of that name."""
    known = lists(ports)
    if owner not in known:
        raise UsageError(f"there is no worklist '{owner}'{did_you_mean(owner, known)}; there are: {', '.join(known)}")
