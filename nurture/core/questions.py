"""The four questions that sales asks of every lead: need, budget, authority, timing. Asked over time, each once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

LONGEST_ANSWER = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One of them: `text` as the lead reads it, `asked_by_sales` as a rep says it.

    `choices` (code -> words) are all its answers; without any, it is answered in the lead's own words.
    """

    text: str
    asked_by_sales: str
    choices: Mapping[str, str] = field(default_factory=dict)

    def read(self, said: str) -> str:
        """The answer as it is kept: a code, told by itself or in its words. Raises ValueError with what there is."""
        plain = " ".join(said.split())
        if not self.choices:
            if len(plain) > LONGEST_ANSWER:
                raise ValueError(f"is longer than {LONGEST_ANSWER} characters")
            return plain
        folded = plain.casefold()
        for code, words in self.choices.items():
            if folded in (code, words.casefold()):
                return code
        raise ValueError(f"is no answer we know; there are: {', '.join(self.choices)}")

    def in_words(self, answer: str) -> str:
        """An answer as people read it."""
        return self.choices.get(answer, answer)


#: in the order in which they are asked: what helps the lead first, money last but one
QUESTIONS: Mapping[str, Question] = {
    "need": Question("What would you like to solve?", "What made you look into this now?"),
    "timing": Question(
        "By when would you like it solved?",
        "By when would you want it solved?",
        {"soon": "Within three months", "year": "Within a year", "later": "Later, or no date yet"},
    ),
    "authority": Question(
        "What is your part in the decision?",
        "Who else has a say in it?",
        {"decide": "I decide", "share": "I decide together with others", "advise": "I look into it for somebody else"},
    ),
    "budget": Question(
        "Is there a budget for it?",
        "Is there a budget for it?",
        {"yes": "Yes", "planned": "Not yet, but it is planned", "no": "No"},
    ),
}


#: what customers are asked by polls; it is none of sales' questions, and no rule counts it
OPINIONS: Mapping[str, Question] = {
    "recommend": Question(
        "Would you recommend us to a colleague?",
        "Would you recommend us to a colleague?",
        {"yes": "Yes", "not_yet": "Not yet", "no": "No"},
    ),
}
#: all that a poll in a mail can ask
POLLS: Mapping[str, Question] = {**QUESTIONS, **OPINIONS}


def next_question(answered: Collection[str]) -> str | None:
    """The first that was not answered yet; None when all were."""
    return next((name for name in QUESTIONS if name not in answered), None)
