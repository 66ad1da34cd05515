"""Links to a handoff: which one opens it, which did once, and which has run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import desk, sales
from models.statement import write

_RETIRE = write("INSERT INTO former_link (hash, handoff_id) VALUES (:hash, :handoff_id) ON CONFLICT (hash) DO NOTHING")


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a link leads. Only the one that is in force and has not run out opens the page."""

    handoff: Row[Any]
    in_force: bool
    ended: bool

    @property
    def opens(self) -> bool:
        """Whether it shows the lead."""
        return self.in_force and not self.ended


def follow(connection: Connection, token: str, now: datetime) -> Followed | None:
    """The handoff that a link is, or was, about; None for one that was never made."""
    handoff = connection.execute(sales.HANDOFF_BY_TOKEN, {"token": token}).first()
    if handoff:
        return Followed(handoff, in_force=True, ended=bool(handoff.token_until and handoff.token_until <= now))
    handoff = connection.execute(desk.FORMERLY, {"hash": _hash(token)}).first()
    return Followed(handoff, in_force=False, ended=True) if handoff else None


def retire(connection: Connection, handoff: Row[Any]) -> None:
    """Remember the link that a handoff has, just before it gets another."""
    connection.execute(_RETIRE, {"hash": _hash(handoff.token), "handoff_id": handoff.id})


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
