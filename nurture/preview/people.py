"""Who a mail is shown for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nurture.content.samples import SAMPLE_LEADS
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError


@dataclass(frozen=True, slots=True)
class Person:
    """A lead to show mails for: what it is called on the pages, and its fields as nurture.core.fields lists them."""

    name: str
    fields: Mapping[str, object]

    @property
    def short(self) -> str:
        """The name where it is plain that leads are meant."""
        return self.name.removeprefix("a lead ")

    @property
    def slug(self) -> str:
        """The name as part of a file's name."""
        return slug(self.short)

    @property
    def known(self) -> int:
        """How many of its fields are known."""
        return sum(value not in (None, "") for value in self.fields.values())

    @property
    def typed(self) -> tuple[str, ...]:
        """What the lead told of itself, which may look like anything."""
        return tuple(value for value in self.fields.values() if isinstance(value, str))


def slug(text: str) -> str:
    """Text made fit for a file's name and a link to it."""
    return re.sub(r"\W+", "-", text.casefold()).strip("-")


#: the built-in sample leads; validate tries every mail on each of them
SAMPLES: tuple[Person, ...] = tuple(Person(name, lead) for name, lead in SAMPLE_LEADS.items())


def sample(word: str) -> Person:
    """The one sample lead whose name has `word` in it. Raises UsageError when none or several have."""
    found = [person for person in SAMPLES if word.casefold() in person.short.casefold()]
    if len(found) != 1:
        names = "; ".join(person.short for person in found or SAMPLES)
        hint = did_you_mean(word, [part for person in SAMPLES for part in person.short.split()])
        what = "may mean several leads" if found else f"is no sample lead{hint}"
        raise UsageError(
            f"'{word}' {what}. A lead is a number in the database, FILE.csv:LINE, or a word out of: {names}"
        )
    return found[0]
