"""What a reply asks of us, by rules that can be read: patterns by language, and the longest-lasting wish wins.

A rule looks at one sentence at a time, in small letters. A wish with a "not" before it ("please don't call me") is
none. The rules are short on purpose: what they do not understand goes to a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from nurture.mail.inbound.dates import date_in
from nurture.mail.inbound.phrases import RULES, Intent


@dataclass(frozen=True, slots=True)
class Reading:
    """An intent, the words it was read from, and for "not now" the day to come back."""

    intent: Intent
    because: str
    on: date | None = None


#: how long "not now" lasts where no day is named (days)
LATER = 90
#: as much of a reply is read; whoever wants something says so first
_MOST_TEXT = 3_000

_COMPILED = {
    intent: [(language, re.compile(pattern)) for language, patterns in by_language.items() for pattern in patterns]
    for intent, by_language in RULES.items()
}
#: a "not" shortly before a wish takes it back
_NEGATION = re.compile(
    r"\b(not|never|no need to|n't|don't|kein\w*|nicht|nie|ikke|aldri|inte|aldrig|ne|n'|pas|no|nunca)\b"
)
#: or right behind it ("rufen Sie mich nicht an")
_NEGATED = re.compile(r" (nicht|ikke|inte|pas)\b")
_WINDOW = 25
#: not behind the point of "15. August"
_SENTENCE = re.compile(r"(?<=\D[.!?])\s+|\n+")


def read_intent(text: str, today: date, subject: str = "") -> Reading:
    """What the writer's own words ask for. `subject` counts where it is the writer's own (no "Re:")."""
    sentences = list(sentences_of(subject)) + list(sentences_of(_before_signature(text)))
    for intent in _COMPILED:
        if found := _first(intent, sentences):
            on = _day(sentences, today) if intent is Intent.NOT_NOW else None
            return Reading(intent, found, on)
    asked = next((one for one in sentences if one.endswith("?")), None)
    return Reading(Intent.QUESTION, "asks a question") if asked else Reading(Intent.OTHER, "no rule fits")


def _first(intent: Intent, sentences: list[str]) -> str | None:
    for sentence in sentences:
        bare = sentence.strip(" .!?,;:-")
        for language, pattern in _COMPILED[intent]:
            match = pattern.search(bare)
            if match and not _is_negated(intent, bare, match):
                return f'says "{match[0].strip()}" ({language})'
    return None


def _is_negated(intent: Intent, sentence: str, match: re.Match[str]) -> bool:
    before, after = sentence[: match.start()][-_WINDOW:], sentence[match.end() :]
    negated = _NEGATION.search(before) or _NEGATED.match(after)
    return intent in (Intent.STOP, Intent.CALL_ME) and negated is not None


def _day(sentences: list[str], today: date) -> date:
    named = (date_in(sentence, today) for sentence in sentences)
    return next((day for day in named if day), today + timedelta(days=LATER))


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of a text in small letters; of a long one those that come first."""
    plain = unicodedata.normalize("NFKC", text[:_MOST_TEXT]).casefold().replace("’", "'").replace("ß", "ss")
    for sentence in _SENTENCE.split(_unwrapped(plain)):
        if words := " ".join(sentence.split()):
            yield words


def _unwrapped(text: str) -> str:
    """Lines that a mail program broke in the middle of a sentence, joined again."""
    return re.sub(r"(?<=[\w,])\n(?=[a-zà-ÿ])", " ", text)


def _before_signature(text: str) -> str:
    return re.split(r"\n-- ?\n", text, maxsplit=1)[0]
