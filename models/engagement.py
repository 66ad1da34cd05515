"""What comes back: raw requests, what leads did in them, and how warm that makes a lead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, LargeBinary, false, text
from sqlmodel import Field

from models.base import Row, json_column

_NEW = "state = 'new'"
_VISITOR = "visitor_id IS NOT NULL"
_NOBODY = "lead_id IS NULL"
_PROOF = "kind IN ('submitted', 'replied') AND verdict = 'human'"
_CALLER = "kind = 'clicked' AND ip IS NOT NULL"


class Inbox(Row, table=True):
    """A request as it arrived, stored before it was answered, worked afterwards."""

    __table_args__ = (
        Index("ix_inbox_new", "id", sqlite_where=text(_NEW), postgresql_where=text(_NEW)),
        Index("ix_inbox_received", "source", "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    #: "sendgrid" or "form:<name>"
    source: str
    received_at: datetime
    state: str = "new"
    #: faults of single events in it, by number; the rest counted
    faults: list[Any] = Field(default_factory=list, sa_column=json_column())


class InboxBody(Row, table=True):
    """What a request said: apart from what becomes of it, which changes, and then nobody writes the long text again.

    It goes with its request (so everybody locks that one first), also where SQLite copies the table `inbox` and drops
    the old one: no migration may alter that in a batch.
    """

    __tablename__ = "inbox_body"

    id: int = Field(primary_key=True, foreign_key="inbox.id", ondelete="CASCADE")
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Event(Row, table=True):
    """One thing that happened to a mail or that a lead did. Never changed but for its verdict.

    `key` is made from the content (4 bytes of time, 12 of hash), so that a repeated delivery is the same row.
    Only events whose verdict is human count, from `counts_at` on.
    """

    __table_args__ = (
        Index("ix_event_lead", "lead_id", "occurred_at"),
        Index("ix_event_message", "message_id"),
        Index("ix_event_nobody", "received_at", sqlite_where=text(_NOBODY), postgresql_where=text(_NOBODY)),
        Index(
            "ix_event_visitor",
            "visitor_id",
            "received_at",
            sqlite_where=text(_VISITOR),
            postgresql_where=text(_VISITOR),
        ),
        Index("ix_event_caller", "ip", "occurred_at", sqlite_where=text(_CALLER), postgresql_where=text(_CALLER)),
        Index("ix_event_proof", "lead_id", "occurred_at", sqlite_where=text(_PROOF), postgresql_where=text(_PROOF)),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary(16), unique=True, nullable=False))
    lead_id: int | None = Field(default=None, foreign_key="lead.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    #: who did it on the site, known or not yet
    visitor_id: int | None = None
    kind: str
    occurred_at: datetime
    received_at: datetime
    url: str | None = None
    #: the form, the asset or what the site calls it; of a bounce the provider's class of it
    name: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    machine: bool = False
    #: human | suspect | machine for what a lead did; None for what the mail system did
    verdict: str | None = None
    #: why the verdict; "orphan" for an event that carries our marks and an attempt that nobody made
    because: str | None = None
    counts_at: datetime | None = None
    #: a click with which its caller came to many leads at once (nurture.engage.crowds); once seen, it stays so
    crowd: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False, server_default=false()))
    #: what the provider said of a bounce, a drop, a block
    reason: str | None = None


class DomainPrior(Row, table=True):
    """What was known of a mail domain at some time: do machines follow the links in most mails that go there?

    Written once and never changed, and only where it says something else than the one before. Clicks are judged by
    the newest that was there before them, so what is learnt later changes no old verdict.
    """

    __tablename__ = "domain_prior"

    domain: str = Field(primary_key=True)
    made_at: datetime = Field(primary_key=True)
    #: mails of the time before in which a machine followed links, and in which a person did
    machine: int
    human: int
    #: the answer
    scans: bool


_DUE = "due_at IS NOT NULL"


class Score(Row, table=True):
    """How warm a lead is: a cache of a pure function, and when to ask it again. Narrow on purpose."""

    __table_args__ = (Index("ix_score_due", "due_at", "lead_id", sqlite_where=text(_DUE), postgresql_where=text(_DUE)),)

    lead_id: int = Field(primary_key=True, foreign_key="lead.id")
    due_at: datetime | None = None
    fit: int = 0
    engagement: int = 0
    grade: str = "D4"
    intent: bool = False
    computed_at: datetime | None = None
