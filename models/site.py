"""Visitors of the site, and what leads said of themselves when they were asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field

from models.base import Row


class Visitor(Row, table=True):
    """A browser, or an account of the site, that acts on it; nobody we know until somebody says who it is.

    `key` is "a:<anonymousId>" or "u:<userId>" as the site tells it.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    #: who it turned out to be; on a shared machine, who said so last
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    #: the site's server said so of an account, and no browser changes it
    vouched: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    first_seen_at: datetime


class Answer(Row, table=True):
    """What a lead said to a question of nurture.core.questions. The first answer stands."""

    lead_id: int = Field(primary_key=True, foreign_key="lead.id")
    question: str = Field(primary_key=True)
    value: str
    answered_at: datetime
    #: how we know: "form ebook", "poll", "site", "import fair.csv"
    source: str
