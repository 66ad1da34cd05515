"""Person or machine: what a click is taken for."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.verdict import Hit, VerdictKind, judge
from tests.core.agreements import NOW

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
DELIVERED = NOW


def hit(seconds: float, link: str = "a", user_agent: str | None = CHROME, machine: bool = False, key: str = "") -> Hit:
    """A click so many seconds after delivery."""
    name = key or f"{seconds}{link}"
    at = DELIVERED + timedelta(seconds=seconds)
    return Hit(name.encode(), at, f"https://site.example/{link}", user_agent, machine)


def kinds(
    *hits: Hit, proved: float | None = None, delivered: bool = True, links: int | None = None
) -> list[VerdictKind]:
    proved_at = None if proved is None else DELIVERED + timedelta(seconds=proved)
    verdicts = judge(hits, DELIVERED if delivered else None, proved_at, links=links)
    return [verdicts[each.key].kind for each in hits]


HOUR = 3600.0
CASES: list[tuple[str, list[Hit], list[VerdictKind]]] = [
    ("a reader, two hours later", [hit(2 * HOUR)], ["human"]),
    ("a double click is one link", [hit(HOUR), hit(HOUR + 0.4)], ["human", "human"]),
    ("two tabs, ten seconds apart", [hit(HOUR, "a"), hit(HOUR + 10, "b")], ["human", "human"]),
    # all links at once: certain, whenever it is
    ("a burst on three links", [hit(43, "a"), hit(43.2, "b"), hit(43.9, "c")], ["machine"] * 3),
    ("a late burst", [hit(HOUR, "a"), hit(HOUR + 1, "b"), hit(HOUR + 2, "c")], ["machine"] * 3),
    # the first hits of a burst look innocent until the rest is in
    (
        "a slow start of a burst",
        [hit(90, "a"), hit(92, "a"), hit(94, "b"), hit(95, "c"), hit(96, "a")],
        ["machine"] * 5,
    ),
    ("three links in three seconds each", [hit(90, "a"), hit(93, "b"), hit(96, "c")], ["human"] * 3),
    # doubtful: scanners of short mails, or a quick reader
    ("two links at once", [hit(HOUR, "a"), hit(HOUR + 1.5, "b")], ["suspect", "suspect"]),
    ("a minute after delivery", [hit(60)], ["suspect"]),
    ("just over a minute", [hit(60.5)], ["human"]),
    ("before delivery", [hit(-3)], ["suspect"]),
    # who says so itself
    ("the provider says machine", [hit(HOUR, machine=True)], ["machine"]),
    ("no user agent sent", [hit(HOUR, user_agent=" ")], ["machine"]),
    ("user agent not told", [hit(HOUR, user_agent=None)], ["human"]),
    ("a named scanner", [hit(HOUR, user_agent="Mozilla/5.0 (compatible; Barracuda Sentinel)")], ["machine"]),
    ("a bot", [hit(HOUR, user_agent="Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")], ["machine"]),
    ("a library", [hit(HOUR, user_agent="python-requests/2.32")], ["machine"]),
    ("a phone made by CUBOT", [hit(HOUR, user_agent="Mozilla/5.0 (Linux; Android 13; CUBOT P80)")], ["human"]),
    # a person who comes back vouches for the first hit
    ("quick click, then again later", [hit(40), hit(40 + 2 * HOUR, "b")], ["human", "human"]),
    ("quick click, again at once", [hit(40), hit(400, "b")], ["suspect", "human"]),
    ("scanner, then its rescan", [hit(40), hit(HOUR, "a"), hit(HOUR + 1, "b")], ["suspect"] * 3),
    # ... but not for a machine, and a machine vouches for nobody
    (
        "scanner, then person",
        [hit(43, "a"), hit(43.2, "b"), hit(43.4, "c"), hit(HOUR)],
        ["machine", "machine", "machine", "human"],
    ),
    ("quick click, then a bot", [hit(40), hit(HOUR, user_agent="Googlebot/2.1")], ["suspect", "machine"]),
]


@pytest.mark.parametrize(("hits", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_hits_are_judged(hits: list[Hit], expected: list[VerdictKind]) -> None:
    assert kinds(*hits) == expected


#: what happens in a mail with so many links
IN_A_MAIL: list[tuple[str, int, list[Hit], list[VerdictKind]]] = [
    ("both links, one after the other, unread", 2, [hit(40, "a"), hit(42, "b")], ["machine"] * 2),
    ("the same four minutes after delivery", 2, [hit(240, "a"), hit(244, "b")], ["machine"] * 2),
    ("two of three", 3, [hit(240, "a"), hit(243, "b")], ["human"] * 2),
    ("both links in tabs by a reader", 2, [hit(HOUR, "a"), hit(HOUR + 3, "b")], ["human"] * 2),
    ("both links with a pause", 2, [hit(90, "a"), hit(95, "b")], ["human"] * 2),
    ("all three, whenever", 3, [hit(HOUR, "a"), hit(HOUR + 3, "b"), hit(HOUR + 6, "c")], ["machine"] * 3),
    ("all three, one of them twice", 3, [hit(9e3, "a"), hit(9e3 + 3, "a"), hit(9e3 + 6, "b")], ["human"] * 3),
    ("three of four", 4, [hit(HOUR, "a"), hit(HOUR + 4, "b"), hit(HOUR + 8, "c")], ["machine"] * 3),
    ("three of five", 5, [hit(HOUR, "a"), hit(HOUR + 4, "b"), hit(HOUR + 8, "c")], ["human"] * 3),
    ("one link by two names", 2, [hit(90, "a?utm_source=x"), hit(93, "a#top")], ["human"] * 2),
    ("a link and the way out", 2, [hit(90, "a"), hit(93, "u/T0kenT0kenT0kenT0kenTT")], ["human"] * 2),
    ("the only link", 1, [hit(90, "a")], ["human"]),
]


@pytest.mark.parametrize(
    ("links", "hits", "expected"), [row[1:] for row in IN_A_MAIL], ids=[row[0] for row in IN_A_MAIL]
)
def test_who_goes_through_all_links_of_a_mail_in_one_go_is_a_machine(
    links: int, hits: list[Hit], expected: list[VerdictKind]
) -> None:
    assert kinds(*hits, links=links) == expected


def test_a_form_clears_nobody_who_went_through_the_whole_mail() -> None:
    hits = hit(40, "a"), hit(42, "b")
    assert kinds(*hits, links=2, proved=2 * HOUR) == ["machine", "machine"]
    assert kinds(*hits, links=None, proved=2 * HOUR) == ["human", "human"]
    assert kinds(*hits, links=2, delivered=False, proved=2 * HOUR) == ["human", "human"]


def test_a_form_by_the_lead_clears_the_suspicion_of_what_came_before_it() -> None:
    assert kinds(hit(40), proved=90) == ["human"]
    assert kinds(hit(40), proved=30) == ["suspect"]
    assert kinds(hit(40, machine=True), proved=90) == ["machine"]


def test_nothing_is_concluded_from_a_delivery_nobody_told_us_of() -> None:
    assert kinds(hit(40), delivered=False) == ["human"]


def test_every_verdict_but_plainly_human_says_why() -> None:
    told = judge([hit(40, machine=True, user_agent="")], DELIVERED)
    assert [verdict.reasons for verdict in told.values()] == [
        ("the provider marked it as a machine", "came without a user agent")
    ]
    cleared = judge([hit(40)], DELIVERED, DELIVERED + timedelta(hours=1))
    assert [verdict.reasons for verdict in cleared.values()] == [
        ("within 60 seconds of delivery", "but a person came later")
    ]
    assert judge([hit(HOUR)], DELIVERED)[hit(HOUR).key].reasons == ()
    assert judge([], DELIVERED) == {}


HITS = st.lists(
    st.builds(
        hit,
        seconds=st.one_of(st.sampled_from([-3, 0, 40, 41, 42, 60, 61, 900]), st.floats(-9, 2000)),
        link=st.sampled_from("abcd"),
        user_agent=st.sampled_from([CHROME, CHROME, None, "", "Googlebot/2.1"]),
        machine=st.sampled_from([False, False, False, True]),
        key=st.sampled_from(["", "", "", "k1", "k2"]),
    ),
    max_size=9,
)


LINKS = st.none() | st.integers(0, 5)


@given(HITS, st.none() | st.floats(-9, 2000), LINKS, st.randoms())
def test_order_and_repetition_change_no_verdict(
    hits: list[Hit], proved: float | None, links: int | None, random: Any
) -> None:
    proved_at = None if proved is None else DELIVERED + timedelta(seconds=proved)
    again = hits + random.sample(hits, len(hits) // 2)
    random.shuffle(again)
    assert judge(again, DELIVERED, proved_at, links=links) == judge(hits, DELIVERED, proved_at, links=links)


@given(HITS, LINKS, st.data())
def test_more_hits_never_make_a_machine_a_person(hits: list[Hit], links: int | None, data: st.DataObject) -> None:
    hits = list({each.key: each for each in hits}.values())
    some = data.draw(st.lists(st.sampled_from(hits), unique=True)) if hits else []
    early, late = judge(some, DELIVERED, links=links), judge(hits, DELIVERED, links=links)
    assert all(late[key].kind == "machine" for key, verdict in early.items() if verdict.kind == "machine")


@given(HITS)
def test_every_hit_gets_exactly_one_verdict(hits: list[Hit]) -> None:
    assert judge(hits, DELIVERED).keys() == {each.key for each in hits}


@given(HITS, st.floats(-9, 2000), LINKS)
def test_proof_of_a_person_never_makes_a_verdict_worse(hits: list[Hit], proved: float, links: int | None) -> None:
    before = judge(hits, DELIVERED, links=links)
    after = judge(hits, DELIVERED, DELIVERED + timedelta(seconds=proved), links=links)
    changed = {(before[key].kind, after[key].kind) for key in before if before[key] != after[key]}
    assert changed <= {("suspect", "human")}


def _scanner(random: Random) -> list[Hit]:
    """All 4 to 10 links within a second, begun when gateways begin: mostly 20 to 60 seconds after delivery."""
    start = random.choices([random.uniform(0, 20), random.uniform(20, 60), random.uniform(60, 300),
                            random.uniform(300, 4000)], [3, 66, 28, 3])[0]  # fmt: skip
    return [hit(start + random.random(), f"{n}", key=f"{random.random()}") for n in range(random.randint(4, 10))]


def _person(random: Random) -> list[Hit]:
    """One to three links some seconds to minutes apart, hours after delivery; now and then a double click."""
    moment = random.lognormvariate(9, 1.5)
    hits = []
    for n in range(random.randint(1, 3)):
        hits.append(hit(moment, f"{n}", key=f"{random.random()}"))
        if random.random() < 0.2:
            hits.append(hit(moment + random.uniform(0.1, 0.6), f"{n}", key=f"{random.random()}"))
        moment += 3 + random.lognormvariate(3, 1)
    return hits


def test_scanners_are_caught_and_people_are_not_lost() -> None:
    """Of bursts at least 98 of 100 are machines; of people at most 1 of 100 hits is not taken for one."""
    random = Random(20260302)
    scanned = [kind for _ in range(500) for kind in kinds(*_scanner(random))]
    people = [kind for _ in range(500) for kind in kinds(*_person(random))]
    assert scanned.count("machine") >= 0.98 * len(scanned)
    assert people.count("human") >= 0.99 * len(people)
