"""The report: every figure from what was recorded, at one moment, counted in the database or row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import report as queries
from models.queries.sla import PROMISED
from models.statement import Select
from nurture.ports import Ports
from nurture.report import interest
from nurture.report.courses import Course, courses
from nurture.report.deals import Deals, deals
from nurture.report.funnel import Conversion, StageCount, Stay, Ways, conversions, stage_counts, stays
from nurture.report.interest import FormFigures, Said, Scanned, Topic
from nurture.report.mails import StepFigures, SubjectTest, steps, subject_tests
from nurture.report.promises import Promises, promises
from nurture.report.promoted import Promotions, promotions

#: how long a lead has to go on before it counts as one that did not
WITHIN = timedelta(days=30)
#: what is looked at unless one is asked for something else
USUAL = timedelta(days=90)
#: rows that are in memory at once
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """How nurturing goes: what leads did from `since` to `at` (UTC), by the agreement of this version."""

    at: datetime
    since: datetime
    within_days: int
    agreement_version: str
    stages: tuple[StageCount, ...]
    conversions: tuple[Conversion, ...]
    stays: tuple[Stay, ...]
    sequences: tuple[Course, ...]
    steps: tuple[StepFigures, ...]
    subjects: tuple[SubjectTest, ...]
    promotions: Promotions
    promises: Promises
    deals: Deals
    topics: tuple[Topic, ...]
    forms: tuple[FormFigures, ...]
    answers: tuple[Said, ...]
    scanners: tuple[Scanned, ...]


def report(ports: Ports, now: datetime, span: timedelta = USUAL, within: timedelta = WITHIN) -> Report:
    """The report on the `span` before `now`. Writes nothing; holds counts, and at most a thousand rows, at a time."""
    since = now - span
    about = {"from_at": since, "now": now}
    agreement, live = ports.project.config.agreement, ports.library.in_force
    handed = {"since": since, "until": now + timedelta(microseconds=1), "promised": agreement.sla.attempts}
    with ports.database.reading() as connection:
        ways = Ways(since, now, within)
        ways.count(_rows(connection, queries.WAYS, {"now": now}))
        return Report(
            at=now,
            since=since,
            within_days=within.days,
            agreement_version=ports.project.agreement_version,
            stages=stage_counts(ways, agreement),
            conversions=conversions(ways, agreement),
            stays=stays(ways, agreement),
            sequences=courses(connection, about, live),
            steps=steps(connection, about, live),
            subjects=subject_tests(connection, about, live),
            promotions=promotions(_rows(connection, queries.HANDED, about), agreement, now),
            promises=promises(_rows(connection, PROMISED, handed), ports.project.config, now),
            deals=deals(_rows(connection, queries.DEALS, about), agreement, since, now),
            topics=interest.topics(_rows(connection, queries.CLICKED, about), live),
            forms=interest.forms(connection, about),
            answers=interest.answers(connection, about),
            scanners=interest.scanned(_rows(connection, queries.SCANNED, about)),
        )


def _rows(connection: Connection, query: Select, about: Mapping[str, object]) -> Iterable[Row[Any]]:
    return connection.execute(query, about, execution_options={"yield_per": _CHUNK})
