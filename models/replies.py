"""Mails that came back to us. What people wrote is here and nowhere else (but in the request as it arrived)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, Text, false
from sqlmodel import Field

from models.base import Row


class Reply(Row, table=True):
    """One mail that came in, whoever wrote it. `key` is made from its Message-ID, so that a repeat is the same row."""

    __table_args__ = (Index("ix_reply_lead", "lead_id", "received_at"), Index("ix_reply_received", "received_at"))

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary(16), unique=True, nullable=False))
    #: the request it came in, as long as that is kept
    inbox_id: int | None = Field(default=None, index=True)
    #: human | automatic | bounced | blocked | complained | ours, and what that was read from
    kind: str
    sorted_by: str
    #: the lead and the mail that it answers; None where nobody knows
    lead_id: int | None = Field(default=None, foreign_key="lead.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    #: token | thread | sender, the surest first
    matched_by: str | None = None
    #: whoever wrote it has our mail, or its domain vouches for it; only then it has consequences
    proved: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: what a person wrote: from where, and its own words without what they quote
    sender: str | None = None
    subject: str | None = None
    text: str | None = Field(default=None, sa_column=Column(Text))
    #: what it asks for (nurture.core.fields.REPLIES), the words it was read from, and "not before"
    intent: str | None = None
    because: str | None = None
    resume_at: datetime | None = None
    received_at: datetime
