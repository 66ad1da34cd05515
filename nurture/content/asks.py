"""Asking for a meeting before there is trust: a mail for those who only just look around does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture.content.source import problem_at
from nurture.content.templates import Templates
from nurture.errors import Problem

#: the funnel stage of those who only want to find out more
EARLY = "tofu"
_WORDS = (
    # English
    "book a demo", "request a demo", "schedule a demo", "get a demo", "see a demo", "try a demo", "live demo",
    "free demo", "demo call", "book a call", "schedule a call", "arrange a call", "book a meeting",
    "schedule a meeting", "arrange a meeting",
    "book a slot", "talk to sales", "talk to our sales", "speak to sales", "speak with sales",
    "contact sales", "sales call", "pricing call", "request a quote", "get a quote", "free consultation",
    # German
    "demo buchen", "demo anfordern", "demo vereinbaren", "termin buchen", "termin vereinbaren", "beratungsgespräch",
    "verkaufsgespräch", "mit dem vertrieb sprechen", "vertrieb kontaktieren", "angebot anfordern",
    "rückruf vereinbaren",
    # Norwegian
    "bestill demo", "bestill en demo", "book demo", "book en demo", "avtal en demo", "book et møte", "bestill et møte",
    "avtal et møte", "book en samtale", "avtal en samtale", "snakk med salg", "snakk med en selger", "kontakt salg",
    "be om tilbud", "få et tilbud",
)  # fmt: skip
_LINKS = ("/demo", "/book-demo", "/contact-sales", "/talk-to-sales", "calendly.com", "meetings.hubspot.com")
#: words of a phrase may stand on two lines, or have a tag between them
_GAP = r"(?:\s|<[^>]*>|&nbsp;)+"
_ASK = re.compile(
    "|".join(rf"(?<!\w){phrase.replace(' ', _GAP)}(?!\w)" for phrase in _WORDS)
    + "|"
    + "|".join(rf"{re.escape(link)}(?![\w-])" for link in _LINKS),
    re.IGNORECASE,
)


def asks_early(templates: Templates) -> Iterator[Problem]:
    """Demos, meetings and quotes offered in the mails of the first funnel stage."""
    for file, text in templates.files.items():
        if not file.startswith(f"{EARLY}/"):
            continue
        for found in _ASK.finditer(text):
            before = text[: found.start()]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            yield problem_at(templates.label(file), text, line, column, told(found[0]), "tofu_ask", "warning")


def ask_in(text: str) -> str | None:
    """The words of a text that ask for a meeting."""
    found = _ASK.search(text)
    return found[0] if found else None


def told(words: str) -> str:
    """What is wrong with such words, and what to do."""
    shown = " ".join(re.sub(r"<[^>]*>|&nbsp;", " ", words).split())
    return f"'{shown}' asks for a meeting, which is too early in {EARLY}: offer something to read, or ask a question"
