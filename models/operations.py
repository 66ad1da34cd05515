"""What operators look at: alerts going out, what is stopped, how much was sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from models.base import Row, json_column

_PENDING = "state = 'pending'"
_DEAD = "state = 'dead'"


class Outbox(Row, table=True):
    """Something to tell the outside, written in the transaction that caused it; delivered at least once."""

    __table_args__ = (
        Index("ix_outbox_due", "due_at", "id", sqlite_where=text(_PENDING), postgresql_where=text(_PENDING)),
        Index("ix_outbox_dead", "id", sqlite_where=text(_DEAD), postgresql_where=text(_DEAD)),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str = Field(unique=True)
    #: "sales_alert", "note_alert" or "webhook"
    kind: str
    #: ids only; the text is made when it goes out
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    state: str = "pending"
    due_at: datetime
    tries: int = 0
    created_at: datetime
    delivered_at: datetime | None = None
    reason: str | None = None


class Gate(Row, table=True):
    """Something that is stopped. `name` is "everything", "mailer:<name>" or "sequence:<name>".

    Read in the transaction that hands mail over: after a stop has committed, nothing more leaves.
    """

    name: str = Field(primary_key=True)
    closed_at: datetime
    #: None: until a person opens it
    until: datetime | None = None
    reason: str
    closed_by: str


class Quota(Row, table=True):
    """Mails handed over by one sender on one day (UTC)."""

    sender: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    used: int = 0


class Installation(Row, table=True):
    """This database: one row. `environment` is echoed in every event, so that another installation's are told apart."""

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    environment: str
    #: the last attempt number handed out; never behind the mark kept outside the database
    attempts_reserved: int = 0
    #: made by `nurture demo`, which may wipe it
    demo: bool = False
