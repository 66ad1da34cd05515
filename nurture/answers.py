"""What leads answer to the four questions and to polls: kept once, with where and when. The first answer stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.queries import site
from models.statement import write
from nurture.core.questions import POLLS

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
        question = POLLS.get(self.question)
        return question.in_words(self.value) if question else self.value


def keep_answers(connection: Connection, answers: Iterable[Answered]) -> list[Answered]:
    """Keep what was not known yet, in the caller's transaction; gives those."""
    told = sorted(answers, key=lambda one: (one.lead_id, one.question))
    return [one for one in told if connection.execute(_KEEP, _row(one)).rowcount]


def happened(one: Answered) -> tuple[int, str, dict[str, object]]:
    """As other systems are told of it (nurture.announce); what was said is the person's own."""
    return one.lead_id, f"{one.lead_id}:{one.question}", {"question": one.question, "source": one.source}


def _row(one: Answered) -> dict[str, object]:
    return {
        "lead_id": one.lead_id,
        "question": one.question,
        "value": one.value,
        "answered_at": one.at,
        "source": one.source,
    }


def answers_of(connection: Connection, lead_id: int) -> Mapping[str, Answered]:
    """By question, what a lead has answered."""
    rows = connection.execute(site.ANSWERS, {"lead_id": lead_id})
    return {row.question: Answered(lead_id, row.question, row.value, row.answered_at, row.source) for row in rows}
