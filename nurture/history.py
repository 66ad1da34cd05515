"""All that happened to one lead: its stages, sequences, mails, engagement and handoffs, as they were recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from models.database import Database
from models.queries import consent, explain, replies, sales, site


@dataclass(frozen=True, slots=True)
class History:
    """The records of a lead, each oldest first, with the columns that models.queries names."""

    transitions: Sequence[Row[Any]]
    enrollments: Sequence[Row[Any]]
    mails: Sequence[Row[Any]]
    engagement: Sequence[Row[Any]]
    handoffs: Sequence[Row[Any]]
    tags: Sequence[Row[Any]]
    declined: Sequence[Row[Any]]
    consent: Sequence[Row[Any]]
    answers: Sequence[Row[Any]]
    replies: Sequence[Row[Any]]


def history(database: Database, lead_id: int) -> History:
    """What is recorded of this lead; empty where nothing is."""
    about = {"lead_id": lead_id}
    with database.reading() as connection:
        return History(
            transitions=connection.execute(sales.TRANSITIONS_OF_LEAD, about).all(),
            enrollments=connection.execute(explain.ENROLLMENTS_OF_LEAD, about).all(),
            mails=connection.execute(explain.MAILS_OF_LEAD, about).all(),
            engagement=connection.execute(explain.EVENTS_OF_LEAD, about).all(),
            handoffs=connection.execute(explain.HANDOFFS_OF_LEAD, about).all(),
            tags=connection.execute(explain.TAGS_OF_LEAD, about).all(),
            declined=connection.execute(explain.DECLINED_BY_LEAD, about).all(),
            consent=connection.execute(consent.OF_LEAD, about).all(),
            answers=connection.execute(site.ANSWERS, about).all(),
            replies=connection.execute(replies.OF_LEAD, about).all(),
        )
