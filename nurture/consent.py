"""The consent log: who agreed to what, when, in which words and how we know; and who took it back. Only added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection

from models.statement import write
from models.words import ConsentAct, LegalGround

_ADD = write(
    """
    INSERT INTO consent (address_id, at, act, ground, source, wording, proof, token)
    VALUES (:address_id, :at, :act, :ground, :source, :wording, :proof, :token)
    """
)


class Entry(TypedDict, total=False):
    """What an entry may say beside whose it is, when, what happened and what said so."""

    ground: LegalGround | None
    wording: str | None
    proof: str | None
    token: str | None


def record(
    connection: Connection, address_id: int, act: ConsentAct, source: str, at: datetime, about: Entry | None = None
) -> None:
    """Add one entry, in the transaction of its cause."""
    record_all(connection, [(address_id, at, about or {})], act, source)


def record_all(
    connection: Connection, entries: Sequence[tuple[int, datetime, Entry]], act: ConsentAct, source: str
) -> None:
    """Add many: address, when, what else there is to say."""
    if entries:
        connection.execute(_ADD, [_row(address, at, act, source, about) for address, at, about in entries])


def withdrawn(connection: Connection, address_ids: Iterable[int], source: str, now: datetime) -> None:
    """These people took back whatever they had agreed to."""
    record_all(connection, [(id_, now, {}) for id_ in address_ids], ConsentAct.WITHDRAWN, source)


def _row(address_id: int, at: datetime, act: ConsentAct, source: str, about: Entry) -> dict[str, object]:
    nothing: Entry = {"ground": None, "wording": None, "proof": None, "token": None}
    return {"address_id": address_id, "at": at, "act": act, "source": source, **nothing, **about}
