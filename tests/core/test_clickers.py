"""How well are readers told from scanners? Measured on a crowd whose nature is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.crowds import Seen
from nurture.core.crowds import crowd as crowd_of
from nurture.core.verdict import Hit, judge
from tests.core.clickers import (
    DELIVERED,
    MAILS,
    Company,
    Labelled,
    crowd,
    office_at_nine,
    office_in_a_hurry,
    one_gateway,
    scanned_single_links,
)

CROWD = crowd(20260303, 4000)


def judged(mail: Labelled, proved_at: datetime | None = None) -> tuple[Counter[str], Counter[str]]:
    """Verdicts on the hits of people, and on those of machines."""
    verdicts = judge((*mail.people, *mail.machines), DELIVERED, proved_at, links=mail.links)
    people = Counter[str](verdicts[hit.key].kind for hit in mail.people)
    return people, Counter(verdicts[hit.key].kind for hit in mail.machines)


def test_scanner_bursts_are_caught() -> None:
    """At least 98 % of them: every hit of the burst is a machine's."""
    bursts = [judged(mail)[1] for _, mail in CROWD if mail.machines and mail.burst]
    caught = sum(set(verdicts) == {"machine"} for verdicts in bursts)
    assert len(bursts) > 1000
    assert caught >= 0.98 * len(bursts)


def test_readers_are_not_lost() -> None:
    """At most 1 % of what people clicked does not count."""
    people = sum((judged(mail)[0] for _, mail in CROWD), Counter[str]())
    assert people.total() > 4000
    assert people["human"] >= 0.99 * people.total()


@pytest.mark.parametrize("kind", [kind.__name__ for kind in MAILS])
def test_no_kind_of_reader_is_much_worse_off(kind: str) -> None:
    people = sum((judged(mail)[0] for name, mail in CROWD if name == kind), Counter[str]())
    assert people["human"] >= 0.97 * people.total()


def test_a_scanner_of_a_single_link_is_doubted_at_least_while_it_is_quick() -> None:
    quick = [
        judged(Labelled(machines=mail.machines))[1]
        for name, mail in CROWD
        if name == "one_link" and (mail.machines[0].at - DELIVERED).total_seconds() <= 60
    ]
    assert quick
    assert all(verdicts["human"] == 0 for verdicts in quick)


def test_a_careful_gateway_is_caught_whatever_its_lead_does_later() -> None:
    """At least 98 % of what it does in mails with two or three links stays a machine's when a form comes in."""
    careful = [mail for kind, mail in CROWD if kind == "carefully_scanned"]
    caught = sum((judged(mail, DELIVERED + timedelta(days=2))[1] for mail in careful), Counter[str]())
    assert caught.total() > 300
    assert caught["machine"] >= 0.98 * caught.total()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_final_verdict_knows_no_order_no_repetition_and_no_delay(seed: int, random: Random) -> None:
    """Told in any order and some of it twice, the answer is that of everything told once, in order."""
    for _, mail in crowd(seed, 3):
        hits = [*mail.people, *mail.machines]
        told = hits + random.sample(hits, len(hits) // 2)
        random.shuffle(told)
        assert judge(told, DELIVERED, links=mail.links) == judge(hits, DELIVERED, links=mail.links)


@given(st.integers(0, 10**6))
def test_what_is_certainly_a_machines_stays_so_whatever_else_is_heard(seed: int) -> None:
    random = Random(seed)
    ((_, mail),) = crowd(seed, 1)
    hits = [*mail.people, *mail.machines]
    some = random.sample(hits, random.randint(0, len(hits)))
    early, late = judge(some, DELIVERED, links=mail.links), judge(hits, DELIVERED, links=mail.links)
    assert all(late[key].kind == "machine" for key, verdict in early.items() if verdict.kind == "machine")


# --- across mails


def marked(company: Company) -> list[Labelled]:
    """The company's mails as they are judged: with the marks of crowds, and of what was known of the domain."""
    hits = [(n, hit) for n, mail in enumerate(company.mails) for hit in (*mail.people, *mail.machines)]
    callers = {(hit.ip, hit.user_agent) for _, hit in hits}
    crowds = {
        seen.id
        for caller in callers
        for seen in crowd_of(
            [Seen(i, n, n, hit.at) for i, (n, hit) in enumerate(hits) if (hit.ip, hit.user_agent) == caller]
        )
    }
    marks = {hit.key: i in crowds for i, (_, hit) in enumerate(hits)}

    def mark(some: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return tuple(replace(hit, crowd=marks[hit.key], scanned=company.scans) for hit in some)

    return [replace(mail, people=mark(mail.people), machines=mark(mail.machines)) for mail in company.mails]


def companies(kind: Callable[[Random], Company], count: int = 60) -> list[Labelled]:
    random = Random(20260303)
    return [mail for _ in range(count) for mail in marked(kind(random))]


@pytest.mark.parametrize("kind", [one_gateway, scanned_single_links])
def test_a_scanner_that_only_shows_across_mails_counts_for_nothing_unless_a_person_comes_later(
    kind: Callable[[Random], Company],
) -> None:
    """At least 98 % of what it does in mails that nobody reads is doubted: no click of it counts."""
    unread = sum((judged(mail)[1] for mail in companies(kind) if not mail.people), Counter[str]())
    assert unread.total() > 300
    assert unread["human"] <= 0.02 * unread.total()


@pytest.mark.parametrize("kind", [one_gateway, scanned_single_links])
def test_who_reads_after_such_a_scanner_is_believed(kind: Callable[[Random], Company]) -> None:
    people = sum((judged(mail)[0] for mail in companies(kind) if mail.people), Counter[str]())
    assert people.total() > 200
    assert people["human"] >= 0.99 * people.total()


def test_an_office_that_reads_at_nine_is_not_lost() -> None:
    """Fifty people behind one address, with three programs, within 25 minutes: a suspect now and then. In the end, when
    a form or a reply of those who stay in touch (four of five) has come as well, not 1 % of their clicks are lost."""
    random, mails = Random(7), companies(office_at_nine)
    people = sum((judged(mail)[0] for mail in mails), Counter[str]())
    assert people["suspect"] > 20
    assert people["machine"] == 0
    in_the_end = sum((judged(mail, stays_in_touch(random))[0] for mail in mails), Counter[str]())
    assert in_the_end["human"] >= 0.99 * in_the_end.total()


def test_an_office_in_a_hurry_is_doubted_and_never_a_machine_and_any_later_proof_clears_it() -> None:
    mails = companies(office_in_a_hurry, 20)
    assert {verdict for mail in mails for verdict in judged(mail)[0]} == {"suspect"}
    assert {verdict for mail in mails for verdict in judged(mail, DELIVERED + timedelta(days=9))[0]} == {"human"}


def stays_in_touch(random: Random) -> datetime | None:
    """When a lead last did what only people do, if ever."""
    return DELIVERED + timedelta(days=random.uniform(2, 60)) if random.random() < 0.8 else None
