"""How well are readers told from scanners? Measured on a crowd whose nature is known."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.verdict import judge
from tests.core.clickers import DELIVERED, MAILS, Labelled, crowd

CROWD = crowd(20260303, 4000)


def judged(mail: Labelled) -> tuple[Counter[str], Counter[str]]:
    """Verdicts on the hits of people, and on those of machines."""
    verdicts = judge((*mail.people, *mail.machines), DELIVERED)
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


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_final_verdict_knows_no_order_no_repetition_and_no_delay(seed: int, random: Random) -> None:
    """Told in any order and some of it twice, the answer is that of everything told once, in order."""
    for _, mail in crowd(seed, 3):
        hits = [*mail.people, *mail.machines]
        told = hits + random.sample(hits, len(hits) // 2)
        random.shuffle(told)
        assert judge(told, DELIVERED) == judge(hits, DELIVERED)


@given(st.integers(0, 10**6))
def test_what_is_certainly_a_machines_stays_so_whatever_else_is_heard(seed: int) -> None:
    random = Random(seed)
    ((_, mail),) = crowd(seed, 1)
    hits = [*mail.people, *mail.machines]
    some = random.sample(hits, random.randint(0, len(hits)))
    early, late = judge(some, DELIVERED), judge(hits, DELIVERED)
    assert all(late[key].kind == "machine" for key, verdict in early.items() if verdict.kind == "machine")
