"""The way of a lead through sequences, and the ledger of every mail handed to a provider."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint, false, text
from sqlmodel import Field

from models.base import Row


class SequenceVersion(Row, table=True):
    """A valid text of a sequence that was in force once: old positions are understood by it."""

    __tablename__ = "sequence_version"
    __table_args__ = (Index("ix_sequence_version_sequence", "sequence", "published_at"),)

    version: str = Field(primary_key=True)
    sequence: str
    source: str = Field(sa_column=Column(Text, nullable=False))
    published_at: datetime


class LiveSequence(Row, table=True):
    """The version of a sequence that leads are taken through now: `nurture apply` alone changes it."""

    __tablename__ = "live_sequence"

    sequence: str = Field(primary_key=True)
    version: str = Field(foreign_key="sequence_version.version")
    applied_at: datetime


class LeadTrigger(Row, table=True):
    """Something happened to a lead that may start a sequence: written with its cause, worked by `enroll`.

    `due_at` lies in the future where the cause says "not before" (a rejected lead comes back on its date).
    """

    __tablename__ = "lead_trigger"
    __table_args__ = (
        Index(
            "ix_lead_trigger_due",
            "due_at",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    name: str
    due_at: datetime
    done_at: datetime | None = None


_RUNNING = "state = 'active'"
_DUE = "state = 'active' AND due_at IS NOT NULL"


class Enrollment(Row, table=True):
    """One lead in one sequence, once.

    The position is `step`, reached at `since`; `until` and `waiting` belong to a running wait (`waiting` is
    its text, so that a changed text is noticed). `why` is the sentence for `due_at`. While a worker has
    it, `due_at` is the end of its lease; while a mail is in flight `due_at` is NULL, and the attempt says
    when to look again.
    """

    __table_args__ = (
        Index(
            "uq_enrollment_running",
            "lead_id",
            "sequence",
            unique=True,
            sqlite_where=text(_RUNNING),
            postgresql_where=text(_RUNNING),
        ),
        Index("ix_enrollment_due", "due_at", "id", sqlite_where=text(_DUE), postgresql_where=text(_DUE)),
        Index("ix_enrollment_lead", "lead_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    sequence: str
    version: str
    state: str = "active"
    step: str | None = None
    since: datetime
    until: datetime | None = None
    waiting: str | None = None
    due_at: datetime | None = None
    why: str = ""
    entered_at: datetime
    goal_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    #: finishes the version it has, whatever is live by then
    pinned: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


_ATTENTION = "state IN ('held', 'rejected')"


class Message(Row, table=True):
    """One mail to one lead: at most one for each (enrollment, step), for good."""

    __table_args__ = (
        UniqueConstraint("enrollment_id", "step"),
        Index("ix_message_lead", "lead_id"),
        Index("ix_message_attention", "state", sqlite_where=text(_ATTENTION), postgresql_where=text(_ATTENTION)),
    )

    id: int | None = Field(default=None, primary_key=True)
    enrollment_id: int = Field(foreign_key="enrollment.id")
    lead_id: int = Field(foreign_key="lead.id")
    step: str
    template: str
    #: which subject of an A/B test it has, from 1; None where there is no test
    variant: int | None = None
    state: str = "planned"
    planned_at: datetime
    #: hash of the rendered parts; the mail itself is not stored
    content_hash: str | None = None
    #: how many links its reader may follow; None for mails of before this was counted
    links: int | None = None
    reason: str | None = None


_OPEN = "state IN ('posting', 'unknown', 'accepted')"


class Attempt(Row, table=True):
    """One hand-over to a provider, committed before the first byte leaves.

    The partial unique index is the barrier of the send protocol: no second attempt beside one that may have
    reached the provider. Alerts share the ledger (`outbox_id`), but may be repeated.
    """

    __table_args__ = (
        Index("uq_attempt_open", "message_id", unique=True, sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        UniqueConstraint("message_id", "n"),
        Index(
            "ix_attempt_unsettled",
            "deadline",
            sqlite_where=text("state IN ('posting', 'unknown')"),
            postgresql_where=text("state IN ('posting', 'unknown')"),
        ),
        Index("ix_attempt_started", "started_at"),
        Index("ix_attempt_provider", "provider_id"),
        CheckConstraint("(message_id IS NULL) <> (outbox_id IS NULL)", name="one_subject"),
    )

    #: random and opaque: it travels in the provider's custom args
    id: str = Field(primary_key=True)
    message_id: int | None = Field(default=None, foreign_key="message.id")
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id", index=True)
    n: int
    #: from the block reserved beyond the high-water mark (nurture.watermark)
    serial: int
    state: str = "posting"
    mailer: str
    address_version: int = 0
    started_at: datetime
    deadline: datetime
    settled_at: datetime | None = None
    provider_id: str | None = None
    reason: str | None = None
