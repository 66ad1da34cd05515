"""What leads answer to the four questions: kept once, with where and when they said it. The first answer stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.queries import site
from models.statement import write
from nurture.core.questions import QUESTIONS

_KEEP = write(
    """
    INSERT INTO answer (lead_id, question, value, answered_at, source)
    VALUES (:lead_id, :question, :value, :answered_at, :source) ON CONFLICT (lead_id, question) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What one lead said to one question. `source` is how we know ("form ebook", "poll", "import fair.csv")."""

    lead_id: int
    question: str
    value: str
    at: datetime
    source: str

    @property
    def in_words(self) -> str:
        """As people read it."""
        question = QUESTIONS.get(self.question)
        return question.in_words(self.value) if question else self.value


def keep_answers(connection: Connection, answers: Iterable[Answered]) -> int:
    """Keep what was not known yet, in the caller's transaction; how many that were."""
    told = sorted(answers, key=lambda one: (one.lead_id, one.question))
    rows = (
        {"lead_id": one.lead_id, "question": one.question, "value": one.value, "answered_at": one.at,
         "source": one.source}
        for one in told
    )  # fmt: skip
    return sum(connection.execute(_KEEP, row).rowcount for row in rows)


def answers_of(connection: Connection, lead_id: int) -> Mapping[str, Answered]:
    """By question, what a lead has answered."""
    rows = connection.execute(site.ANSWERS, {"lead_id": lead_id})
    return {row.question: Answered(lead_id, row.question, row.value, row.answered_at, row.source) for row in rows}
