"""What leads are interested in, as far as they showed or said it; and whose mail is read by machines first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import report as queries
from nurture.core.domains import domain_of
from nurture.core.questions import POLLS
from nurture.core.stats import Rate, rate
from nurture.core.steps import EmailStep, Sequence

#: a domain with fewer people than that is about a person
LEAST_PEOPLE = 3
#: domains that are shown, those with most machines first
MOST_DOMAINS = 20
#: steps without a topic, and those that no sequence has any more
NO_TOPIC = "no topic"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of mails: how many people followed a link in any mail about it, and in whose only a machine did."""

    topic: str
    people: int
    machine: int


@dataclass(frozen=True, slots=True)
class FormFigures:
    """A form: how many people sent it, and how often."""

    form: str
    people: int
    sent: int


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to a question, and how many gave it in this time."""

    question: str
    answer: str
    people: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """A mail domain with at least three people: in how many of its mails machines followed links."""

    domain: str
    people: int
    machine: Rate


def topics(rows: Iterable[Row[Any]], live: Mapping[str, Sequence]) -> tuple[Topic, ...]:
    """By how many people; each counts once in a topic. The rows of one lead come together."""
    about = {
        (name, step.id): step.topic or NO_TOPIC
        for name, text in live.items()
        for step in text.steps.values()
        if isinstance(step, EmailStep)
    }
    people, machine = Counter[str](), Counter[str]()
    for _, clicks in groupby(rows, attrgetter("lead_id")):
        by = defaultdict[str, set[str]](set)
        for row in clicks:
            by[row.verdict].add(about.get((row.sequence, row.step), NO_TOPIC))
        people.update(by["human"])
        machine.update(by["machine"] - by["human"])
    found = (Topic(topic, people[topic], machine[topic]) for topic in {*people, *machine})
    return tuple(sorted(found, key=lambda one: (one.topic == NO_TOPIC, -one.people, one.topic)))


def forms(connection: Connection, about: Mapping[str, object]) -> tuple[FormFigures, ...]:
    """Forms that people sent in this time."""
    rows = connection.execute(queries.FORMS, about)
    return tuple(FormFigures(row.name or NO_TOPIC, row.people, row.sent) for row in rows)


def answers(connection: Connection, about: Mapping[str, object]) -> tuple[Said, ...]:
    """Answers of this time, in the order in which they are asked."""
    order = list(POLLS)
    rows = (row for row in connection.execute(queries.ANSWERS, about) if row.question in POLLS)
    found = (Said(row.question, _in_words(row.question, row.said), row.people) for row in rows)
    return tuple(sorted(found, key=lambda one: (order.index(one.question), -one.people, one.answer)))


def _in_words(question: str, answer: str) -> str:
    return POLLS[question].in_words(answer) if answer else "in their own words"


@dataclass(slots=True)
class _Domain:
    people: int = 0
    mails: int = 0
    machine: int = 0

    def add(self, row: Row[Any]) -> None:
        self.people += 1
        self.mails += row.mails
        self.machine += row.machine


def scanned(rows: Iterable[Row[Any]]) -> tuple[Scanned, ...]:
    """The domains whose mail machines go through, those with most such mails first; never one with fewer than three
    people."""
    found = defaultdict[str, _Domain](_Domain)
    for row in rows:
        found[domain_of(row.email)].add(row)
    known = (
        Scanned(domain, one.people, rate(one.machine, one.mails))
        for domain, one in found.items()
        if domain and one.people >= LEAST_PEOPLE and one.machine
    )
    return tuple(sorted(known, key=lambda one: (-one.machine.part, one.domain)))[:MOST_DOMAINS]
