"""What is true of everybody in the market of a company: whether they fit, when they are ready, what reads their mail.

Nothing of the engine ever sees this. It sees what a file of leads says, in which some of it is missing, and what people
and machines then do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

#: what becomes of links in mail to a company: nothing; all are followed at once; all, one after the other; all, by a
#: program that says what it is; or only those that a reader could see, one after the other. The last passes for its
#: reader in a mail with a single link, as soon as that reader shows to be a person.
Gateway = Literal["none", "sweeps", "slow", "named", "careful"]

#: industry, employees, country, time zone -> whether such a company needs what we sell
_COMPANIES = (
    ("Food production", 180, "Norway", True),
    ("Plastics", 320, "Sweden", True),
    ("Metal products", 90, "Germany", True),
    ("Packaging", 450, "Netherlands", True),
    ("Chemicals", 140, "Denmark", True),
    ("Logistics", 60, "Norway", False),
    ("Law", 8, "France", False),
    ("Advertising", 12, "Spain", False),
)
_DECIDING = ("CEO", "Plant Manager", "Head of Operations", "Produksjonssjef", "Werkleiter", "VP Operations")
_OTHERS = ("Engineer", "Assistant to the CEO", "Accountant", "Receptionist", "Student")
_NAMES = ("Kim", "Mona", "Lars", "Ana", "Jo", "Ines", "Per", "Eva", "Tom", "Siri")
_SOURCES = (("Ebook", "Ebook"), ("Checklist", "Checklist"), ("Webinar", "Webinar"), ("Referral", ""), ("", ""))
#: how many start to look for a supplier within the time that is played, of those who fit and of the others
_READY, _READY_ALL_THE_SAME = 0.3, 0.02
#: how long one is ready: from a while before the first act that shows it
BEFORE, AFTER = timedelta(days=3), timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as they are. `joins` is when we first hear of them, `ready_at` when they begin to look for a supplier;
    `reads` is the share of our mails they look at closely."""

    address: str
    name: str
    company: str
    industry: str
    employees: int
    country: str
    title: str
    source: tuple[str, str]
    phone: str
    gateway: Gateway
    fits: bool
    ready_at: datetime | None
    joins: datetime
    reads: float
    no_calls: bool
    gone: bool
    #: calls until somebody picks up; 0: nobody ever does
    picks_up: int

    def is_ready(self, at: datetime) -> bool:
        """Whether a call at that moment is welcome, and about something."""
        return self.ready_at is not None and self.ready_at - BEFORE <= at <= self.ready_at + AFTER

    @property
    def domain(self) -> str:
        return self.address.partition("@")[2]


def market(count: int, start: datetime, days: int, seed: int) -> dict[str, Person]:
    """So many people by address, one to eight at each company."""
    chance, found, company = Random(seed), dict[str, Person](), 0
    while len(found) < count:
        company += 1
        trade = chance.choice(_COMPANIES)
        domain, gateway = f"firm{company}.example", _gateway(chance)
        for number in range(min(chance.choice((1, 1, 2, 3, 5, 8)), count - len(found))):
            one = _person(chance, f"p{number}@{domain}", f"Firm {company} AS", trade, gateway, start, days)
            found[one.address] = one
    return found


def _gateway(chance: Random) -> Gateway:
    kinds: tuple[Gateway, ...] = ("none", "sweeps", "slow", "named", "careful")
    return chance.choices(kinds, (153, 26, 8, 5, 8))[0]


def _person(
    chance: Random,
    address: str,
    company: str,
    trade: tuple[str, int, str, bool],
    gateway: Gateway,
    start: datetime,
    days: int,
) -> Person:
    industry, employees, country, needs_it = trade
    decides = chance.random() < 0.6
    fits = needs_it and decides
    joins = start + timedelta(weeks=chance.randrange(5), hours=2)
    no_calls = chance.random() < 0.06
    # who wants no calls may be looking all the same, and write rather than talk
    looks = chance.random() < (1 if no_calls else _READY if fits else _READY_ALL_THE_SAME)
    return Person(
        address=address,
        name=chance.choice(_NAMES),
        company=company,
        industry=industry,
        employees=employees,
        country=country,
        title=chance.choice(_DECIDING if decides else _OTHERS),
        source=chance.choice(_SOURCES),
        phone="+47 55 01 23 45" if chance.random() < 0.7 else "",
        gateway=gateway,
        fits=fits,
        ready_at=joins + timedelta(seconds=chance.randrange(3600, (days - 40) * 86_400)) if looks else None,
        joins=joins,
        reads=chance.choice((0.02, 0.05, 0.1, 0.3)),
        no_calls=no_calls,
        gone=chance.random() < 0.01,
        picks_up=chance.choice((1, 1, 1, 2, 2, 3, 0)),
    )


_HEADING = (
    "Email", "First name", "Last name", "Company", "Job title", "Industry", "Employees", "Country", "Phone",
    "Lead source", "Asset", "Legal ground", "Do not call",
)  # fmt: skip


def as_file(people: Iterable[Person], seed: int) -> bytes:
    """What we are told of them: a CSV file in which one cell in eight of what decides the fit is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADING)
    writer.writerows(_cells(one, Random(f"{seed}/{one.address}")) for one in people)
    return text.getvalue().encode()


def _cells(one: Person, chance: Random) -> Sequence[object]:
    told = [value if chance.random() < 0.88 else "" for value in (one.title, one.industry, one.employees)]
    title, industry, employees = told
    source, asset = one.source
    return (
        one.address, one.name, "Doe", one.company, title, industry, employees, one.country, one.phone, source, asset,
        "consent", "yes" if one.no_calls else "",
    )  # fmt: skip


def cohorts(people: Iterable[Person]) -> Iterator[tuple[datetime, list[Person]]]:
    """Who joins when, the first first."""
    some = sorted(people, key=lambda one: (one.joins, one.address))
    for joins in sorted({one.joins for one in some}):
        yield joins, [one for one in some if one.joins == joins]
