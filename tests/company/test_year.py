"""The year of one company: people with a truth of their own, reps, and the whole engine, 90 days on a jumping clock.

Afterwards the report must say what raw rows come to, and what the engine did must be right by what was true, which it
never saw. COMPANY_LEADS says how many people; `make company` takes 2,000.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import text

from nurture.core.stats import rate
from nurture.core.steps import EmailStep
from nurture.report import Report, report
from nurture.simulate import close
from nurture.simulate.acts import Act, Kind
from tests.company.crowd import ASKS
from tests.company.truth import Person
from tests.company.year import DAYS, Year, live
from tests.report import plain
from tests.report import test_figures as figures

LEADS = int(os.environ.get("COMPANY_LEADS", "250"))
#: what is rare happens so often at least, or it was not tested
FEWEST = max(1, LEADS // 500)
WITHIN = timedelta(days=30)
#: sequences for those who have bought, and the one that a rep may let a lead have
LOYALTY, KEPT_WARM = "first-months", "keep-warm"
_WITH_SALES = {"sql", "opportunity"}


@pytest.fixture(scope="module")
def year() -> Iterator[Year]:
    lived = live(LEADS, seed=5)
    yield lived
    close(lived.world)


@pytest.fixture(scope="module")
def found(year: Year) -> Report:
    return report(year.world.ports, year.until, timedelta(days=DAYS), WITHIN)


@pytest.fixture(scope="module")
def rows(year: Year) -> plain.Rows:
    return plain.Rows(year.world.ports.database, year.until - timedelta(days=DAYS), year.until)


# --- the report, from raw rows


@pytest.mark.parametrize(
    "compare",
    [
        figures.test_the_funnel,
        figures.test_time_in_stage_counts_those_still_there,
        figures.test_every_step_in_people,
        figures.test_acceptance_by_source_and_by_rep,
        figures.test_deals,
        figures.test_promises_are_those_of_the_agreement,
    ],
)
def test_the_figures_are_those_of_the_raw_rows(
    compare: Callable[[Report, plain.Rows], None], found: Report, rows: plain.Rows
) -> None:
    """Statement 82: each figure recomputed from raw rows."""
    compare(found, rows)


def test_sequences_subjects_topics_and_forms_are_those_of_the_raw_rows(
    year: Year, found: Report, rows: plain.Rows
) -> None:
    """Statements 23 and 82."""
    courses = plain.courses(rows)
    for one in found.sequences:
        raw = courses.get(one.sequence, {"entered": 0, "active": 0, "done": 0, "left": Counter()})
        assert (one.entered, one.active, one.done, one.left) == (
            raw["entered"],
            raw["active"],
            raw["done"],
            raw["left"],
        )
    told = {
        (one.sequence, one.step, number): (arm.part, arm.whole)
        for one in found.subjects
        for number, arm in zip(one.subjects, one.clicked, strict=True)
    }
    assert told.items() <= plain.subjects(rows).items()
    live_texts = year.world.ports.library.in_force
    steps = {(name, step.id): step for name, one in live_texts.items() for step in one.steps.values()}
    topic_of = {where: one.topic for where, one in steps.items() if isinstance(one, EmailStep) and one.topic}
    assert {one.topic: (one.people, one.machine) for one in found.topics} == plain.topics(rows, topic_of)
    assert {one.form: (one.people, one.sent) for one in found.forms} == plain.forms(rows)


def test_what_sales_said_is_what_sales_did(year: Year, found: Report, rows: plain.Rows) -> None:
    """Statements 17, 79 and 93: the answers that the reps gave, and no others, are in the report."""
    said = Counter(year.crowd.desk.said.values())
    assert found.promotions.accepted.part == said.pop("accepted")
    assert found.promotions.rejected == said.total()
    assert {one.code: one.share.part for one in found.promotions.reasons} == said
    raw = plain.opinions(rows)
    table = found.promotions.disagreement
    assert (table.hot_accepted, table.hot_rejected, table.cold_accepted, table.cold_rejected) == (
        raw[True, "accepted"], raw[True, "rejected"], raw[False, "accepted"], raw[False, "rejected"]
    )  # fmt: skip
    for one in found.promotions.verdicts:
        answers = plain.verdicts(rows, one.question)
        assert one.yes == rate(answers["yes"], answers["yes"] + answers["no"])


# --- against the truth


def test_scanners_are_caught_and_readers_are_not_lost(year: Year, rows: plain.Rows) -> None:
    """Statement 87: what counts comes from people only."""
    made_by = {"machine": Counter[str](), "people": Counter[str]()}
    for event in rows["event"]:
        if event["kind"] == "clicked":
            click = event["message_id"], event["occurred_at"]
            made_by["machine" if click in year.crowd.by_machine else "people"][event["verdict"]] += 1
    machine, people = made_by["machine"], made_by["people"]
    assert machine.total() > 100 and people.total() > 100
    assert machine["human"] <= 0.02 * machine.total(), made_by
    assert people["machine"] + people["suspect"] <= 0.01 * people.total(), made_by


def test_the_machines_in_the_report_are_the_true_ones(year: Year, found: Report, rows: plain.Rows) -> None:
    """Statement 23: by step, in whose mails a gateway followed links. None is made up, and only careful ones missed
    that had a single link to follow."""
    followed = Counter(message for message, _ in year.crowd.by_machine)
    gateways = {lead: one.gateway for lead, one in _people_of(year, rows).items()}
    people, sure = defaultdict[tuple[str, str], set[int]](set), defaultdict[tuple[str, str], set[int]](set)
    for lead, sequence, step, _, message, _ in plain.mails(rows):
        if message in followed:
            people[sequence, step].add(lead)
            if followed[message] > 1 or gateways[lead] != "careful":
                sure[sequence, step].add(lead)
    for one in found.steps:
        place = one.sequence, one.step
        assert len(sure[place]) <= one.machine <= len(people[place]), one


def test_the_domains_that_are_said_to_be_scanned_are(year: Year, found: Report) -> None:
    gateways = {one.domain: one.gateway for one in year.crowd.people.values()}
    assert found.scanners and all(gateways[one.domain] != "none" for one in found.scanners)


def test_nobody_is_promoted_without_having_earned_or_asked_for_it(year: Year, rows: plain.Rows) -> None:
    """Statements 2, 14, 34, 47, 71, 74 and 85, by what people truly did and machines did not."""
    people, done = _people_of(year, rows), _done(year, rows)
    zones = {lead["id"]: ZoneInfo(lead["timezone"] or "Europe/Oslo") for lead in rows["lead"]}
    later = {row["handoff_id"] for row in rows["touch"] if row["kind"] == "asked"}  # came by its points, and asked then
    raised = {
        row["lead_id"]: row["offered_at"] for row in rows["handoff"] if row["hand_raise"] and row["id"] not in later
    }
    checked = Counter[str]()
    for move in rows["transition"]:
        lead, at = move["lead_id"], move["at"]
        before = [(when, what) for when, what in done[lead] if when <= at]
        asked = [when for when, what in before if what in {*ASKS, "call-me"}]
        if move["to_stage"] == "sql" and raised.get(lead) == at:
            assert asked and not people[lead].no_calls, (lead, at)
            checked["asked"] += 1
        elif move["to_stage"] == "sql":
            assert any(what in ("pricing", "roi-calculator") and at - when <= WITHIN for when, what in before), (
                lead,
                at,
            )
            assert any(at - when <= timedelta(days=14) for when, _ in before), (lead, at)
            checked["earned"] += 1
        elif move["to_stage"] == "mql" and not asked:
            month = [(when, what) for when, what in before if at - when <= timedelta(days=31)]
            assert len({what for _, what in month}) >= 2, (lead, at, before)
            assert len({when.astimezone(zones[lead]).date() for when, _ in month}) >= 2, (lead, at, before)
            checked["marketing"] += 1
    assert min(checked[name] for name in ("asked", "earned", "marketing")) >= FEWEST, checked


def test_who_wants_no_calls_is_never_handed_over(year: Year, rows: plain.Rows) -> None:
    """Statement 84: and still gets the mails."""
    people = _people_of(year, rows)
    silent = {lead for lead, one in people.items() if one.no_calls}
    assert sum(people[lead].ready_at is not None for lead in silent) > FEWEST
    assert {lead["id"] for lead in rows["lead"] if lead["no_sales_contact"]} == silent
    assert not silent & {row["lead_id"] for row in rows["handoff"]}
    assert silent & {lead for lead, *_ in plain.mails(rows)}


def test_who_is_ready_is_taken_more_often_than_others(year: Year, rows: plain.Rows) -> None:
    """Statements 44 and 48: what the agreement calls ready is ready by what is true, more often than not handed."""
    people, taken = _people_of(year, rows), defaultdict[bool, list[bool]](list)
    for row in rows["handoff"]:
        if row["state"] in ("accepted", "rejected"):
            one = people[row["lead_id"]]
            taken[one.fits and one.is_ready(row["decided_at"])].append(row["state"] == "accepted")
    shares = {ready: sum(some) / len(some) for ready, some in taken.items()}
    assert shares[True] > shares.get(False, 0), taken
    handed = {row["lead_id"] for row in rows["handoff"]}
    looking = {lead for lead, one in people.items() if one.ready_at and one.fits}
    others = people.keys() - looking
    assert len(handed & looking) / len(looking) > 3 * len(handed & others) / len(others)


def test_marketing_is_silent_while_sales_has_a_lead(year: Year, rows: plain.Rows) -> None:
    """Statements 15, 16 and 37: no mail to whom sales has, but what the rep lets it get."""
    ways = {lead: list(zip(*way, strict=True)) for lead, way in plain.ways(rows).items()}
    kept_warm = 0
    for at, lead, sequence, _ in _mails(rows):
        stages, moments = ways[lead]
        # a deal may be won, and the customer welcomed, in the same moment
        around = {stages[max(bisect_right(moments, when) - 1, 0)] for when in (at, at - timedelta(microseconds=1))}
        if around <= _WITH_SALES:
            assert sequence == KEPT_WARM, (lead, at, around, sequence)
            kept_warm += 1
    assert kept_warm or not rows["handoff"]


def test_nobody_is_mailed_after_an_opt_out(year: Year, rows: plain.Rows) -> None:
    lead_of = {address: lead for lead, address in _addresses(rows).items()}
    left: dict[int, datetime] = {}
    for act in year.crowd.acts:
        if act.kind in (Kind.OPT_OUT, Kind.COMPLAIN) or (act.kind is Kind.REPLY and act.about == "stop"):
            left.setdefault(lead_of[act.address], act.told_at)
    assert left
    assert not [(lead, at) for at, lead, _, _ in _mails(rows) if lead in left and at > left[lead]]


def test_caps_hold(year: Year, rows: plain.Rows) -> None:
    """Statement 11: never more mail than the project allows, over all sequences."""
    steps = {
        (name, step.id): step for name, one in year.world.ports.library.in_force.items() for step in one.steps.values()
    }
    moments = defaultdict[int, list[datetime]](list)
    for at, lead, sequence, step in _mails(rows):
        told = steps[sequence, step]
        if isinstance(told, EmailStep) and not told.transactional:
            moments[lead].append(at)
    assert max(map(len, moments.values())) > 6
    for most, span in ((1, timedelta(hours=48)), (2, timedelta(days=7)), (6, timedelta(days=30))):
        for lead, mails in moments.items():
            crowded = [at for at in mails if sum(at <= other < at + span for other in mails) > most]
            assert not crowded, (lead, most, span, crowded)


def test_nobody_is_on_two_lists(year: Year, rows: plain.Rows) -> None:
    """Statement 3: looked at every third day, by the lists of all reps and the pool."""
    assert year.looked > 20 and not year.twice
    spans = defaultdict[int, list[tuple[datetime, datetime]]](list)
    for row in rows["handoff"]:
        spans[row["lead_id"]].append((row["offered_at"], row["decided_at"] or year.until))
    for some in spans.values():
        ordered = sorted(some)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(ordered))


def test_one_handoff_and_one_alert_in_a_cycle(year: Year, rows: plain.Rows) -> None:
    """Statements 1 and 15: each crossing to sales has its handoff, and each handoff its one alert."""
    handoffs = rows["handoff"]
    assert len({(row["lead_id"], row["cycle"]) for row in handoffs}) == len(handoffs) > 5
    crossings = [(row["lead_id"], row["at"]) for row in rows["transition"] if row["to_stage"] == "sql"]
    assert sorted(crossings) == sorted((row["lead_id"], row["offered_at"]) for row in handoffs)
    payloads = [
        orjson.loads(row.payload) for row in _all(year, "SELECT payload FROM outbox WHERE kind = 'sales_alert'")
    ]
    told = Counter(one["handoff_id"] for one in payloads if not (one.get("given") or one.get("asks")))
    assert told.keys() == {row["id"] for row in handoffs}
    # the rep, and the copy for the team
    assert max(told.values()) <= 2


def test_who_was_sent_back_rests_and_comes_back_once_on_its_date(year: Year, rows: plain.Rows) -> None:
    """Statements 31 and 38."""
    came_back = 0
    triggers = Counter((row.lead_id, row.due_at) for row in _all(
        year, "SELECT lead_id, CAST(due_at AS TEXT) AS due_at FROM lead_trigger WHERE name = 'handoff_rejected'"
    ))  # fmt: skip
    assert not triggers or max(triggers.values()) == 1
    entered = defaultdict[int, list[datetime]](list)
    for row in rows["enrollment"]:
        if row["sequence"] == "another-look":
            entered[row["lead_id"]].append(row["entered_at"])
    for row in rows["handoff"]:
        back_at = row["recycle_at"]
        if back_at is None:
            continue
        moved = [
            one for one in rows["transition"] if one["lead_id"] == row["lead_id"] and one["at"] > row["decided_at"]
        ]
        until = min([back_at, *(one["at"] for one in moved)])
        rested = [at for at, lead, _, _ in _mails(rows) if lead == row["lead_id"] and row["decided_at"] < at < until]
        assert not rested, (row["lead_id"], rested)
        if back_at <= year.until and until == back_at:
            here = [at for at in entered[row["lead_id"]] if at >= back_at]
            assert len(here) <= 1
            came_back += len(here)
    assert came_back >= FEWEST


def test_customers_get_no_prospect_mail(year: Year, rows: plain.Rows) -> None:
    """Statements 25 and 57: from the moment a deal is won."""
    won = {row["lead_id"]: row["closed_at"] for row in rows["opportunity"] if row["state"] == "won"}
    stage = {lead["id"]: lead["stage"] for lead in rows["lead"]}
    assert won and {stage[lead] for lead in won} == {"customer"}
    after = [sequence for at, lead, sequence, _ in _mails(rows) if lead in won and at > won[lead]]
    assert set(after) == {LOYALTY}


def test_one_deal_for_each_lead_that_was_taken(year: Year, rows: plain.Rows) -> None:
    """Statement 75."""
    taken = sorted(row["id"] for row in rows["handoff"] if row["state"] == "accepted")
    assert sorted(row["handoff_id"] for row in rows["opportunity"]) == taken


# --- raw rows, and who they are


def _all(year: Year, statement: str) -> list[Any]:
    with year.world.ports.database.reading() as connection:
        rows = connection.execute(text(statement)).all()
    return list(rows)


def _addresses(rows: plain.Rows) -> dict[int, str]:
    email = {row["id"]: row["email"] for row in rows["address"]}
    return {lead["id"]: email[lead["address_id"]] for lead in rows["lead"]}


def _people_of(year: Year, rows: plain.Rows) -> dict[int, Person]:
    return {lead: year.crowd.people[address] for lead, address in _addresses(rows).items()}


def _done(year: Year, rows: plain.Rows) -> dict[int, list[tuple[datetime, str]]]:
    """By lead: when it truly did what. What a gateway did is not among it, but for a careful one's with a single link;
    what a lead came with is."""
    lead_of = {address: lead for lead, address in _addresses(rows).items()}
    done = defaultdict[int, list[tuple[datetime, str]]](list)
    for lead, one in _people_of(year, rows).items():
        if one.source[1]:
            done[lead].append((one.joins, one.source[1].lower()))
    for act in year.crowd.acts:
        if _is_a_persons(year, act):
            done[lead_of[act.address]].append((act.at, act.about or act.kind))
    return done


def _is_a_persons(year: Year, act: Act) -> bool:
    if act.kind is Kind.CLICK and act.mail is not None:
        alone = year.crowd.people[act.address].gateway == "careful" and len(act.mail.taken.links) == 1
        return alone or (int(act.mail.taken.email.message_id), act.at) in year.crowd.by_people
    return act.kind in (Kind.FORM, Kind.VISIT, Kind.REPLY)


def _mails(rows: plain.Rows) -> list[tuple[datetime, int, str, str]]:
    """(when it left, lead, sequence, step), the first first."""
    started = {row["message_id"]: row["started_at"] for row in rows["attempt"] if row["state"] == "accepted"}
    return sorted((started[message], lead, sequence, step) for lead, sequence, step, _, message, _ in plain.mails(rows))
