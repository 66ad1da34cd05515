"""What to say and what to ask: why now, an opening line, the questions nobody has the answer to, what to send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row

from nurture.answers import Answered
from nurture.brief.words import Line, ago, begin, tell
from nurture.core.assets import Asset, suggest
from nurture.core.cadence import local
from nurture.core.questions import QUESTIONS as FOUR
from nurture.core.score import Act
from nurture.core.titles import Title

MOST_QUESTIONS = 4

#: field -> what to ask when nobody knows it
QUESTIONS: Mapping[str, str] = {
    "phone": "What number do we reach you on?",
    "company": "Which company is this for?",
    "title": "What is your part in this?",
    "employees": "How many people work at the site?",
    "industry": "What do you make or do there?",
    "country": "Where are you based?",
}
_WEEK = timedelta(days=7)


def why_now(acts: Sequence[Act], because: str, now: datetime) -> str:
    """The strongest thing of late, and how often the lead was here in a week."""
    intent = next((act for act in acts if act.intent), None)
    if intent is None:
        return begin(because)
    week = sum(now - act.at <= _WEEK for act in acts)
    often = f"; {week} signs of interest this week" if week > 1 else ""
    return f"{tell(intent)}, {ago(now - intent.at)}{often}"


def opening(lead: Row[Any], acts: Sequence[Act], now: datetime) -> str:
    """A first line that only speaks of what the lead knowingly told us: nobody likes to hear that a click was seen."""
    hello = f"Hi {lead.first_name}, " if lead.first_name else "Hello, "
    act = next((act for act in acts if act.signal is None or act.signal.kind in ("submitted", "replied")), None)
    if act is None:
        return f"{hello}what are you working on these days?"
    if act.signal is None:
        return f"{hello}thank you for getting in touch. What would you like to get done?"
    if act.signal.kind == "replied":
        return f"{hello}thank you for writing back {ago(now - act.at)}. What are you hoping to solve?"
    return f"{hello}you {act.signal.about} {ago(now - act.at)}. What are you hoping to solve?"


def questions(lead: Row[Any], answered: Mapping[str, Answered]) -> list[str]:
    """What is still to ask: of who it is, and of the four questions what it has not answered."""
    unknown = [question for field, question in QUESTIONS.items() if not getattr(lead, field)]
    unasked = [question.asked_by_sales for name, question in FOUR.items() if name not in answered]
    return [*unknown[: MOST_QUESTIONS // 2], *unasked][:MOST_QUESTIONS]


def answers(answered: Mapping[str, Answered], zone: str | None) -> Iterator[Line]:
    """What the lead answered to the four questions, and how we know."""
    for name, question in FOUR.items():
        if one := answered.get(name):
            yield Line(f"{question.text} {one.in_words}", f"{one.source}, {local(one.at, zone)}")


def to_send(
    assets: Sequence[Asset],
    lead: Row[Any],
    title: Title,
    acts: Sequence[Act],
    answered: Mapping[str, Answered],
    stage: str,
) -> Asset | None:
    """The asset for this lead: by its trade, its role, what it cares about, and where it stands."""
    need = answered.get("need")
    about = (*(_about(act) for act in acts), lead.asset or "", need.value if need else "")
    known = {
        "industry": lead.industry or "",
        "title": " ".join(filter(None, (lead.title, *title))),
        "about": " ; ".join(about),
        "stage": stage,
    }
    return suggest(assets, known)


def _about(act: Act) -> str:
    """What an act was about, in words: those of the signal, and of the page, link or form."""
    told = act.signal.about if act.signal else ""
    path = urlsplit(act.engagement.url).path
    named = f"{path} {act.engagement.name} {act.engagement.template}"
    return f"{told} {named} {named.translate(_APART)}"


_APART = str.maketrans("/-_.", "    ")
