"""What sales answers, and what follows: a deal, a rest until a day, or never again; and its verdict beside it."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture.deals import lose, win
from nurture.enroll import enroll
from nurture.errors import UsageError
from nurture.handoff import Answered, Given, accept, judge, qualify_due, reject
from nurture.handoff.touches import log_touch
from tests.office import Office
from tests.support import REPOSITORY, START, sample_project

GIVEN = Given("yes", "unknown", "call on Tuesday")
#: those of the sample project: every reason there is
REASONS = sample_project().config.agreement.reject_reasons


@pytest.fixture
def offered(office: Office) -> Office:
    """A lead that waits for sales' answer."""
    return hand_over(office)


@pytest.fixture
def offered_here(here: Office) -> Office:
    return hand_over(here)


def hand_over(office: Office, email: str = "mona@mill.example") -> Office:
    office.submit("demo", email)
    qualify_due(office.ports)
    return office


def stage(office: Office) -> str:
    return str(office.one("SELECT stage FROM lead").stage)


def handoff(office: Office) -> Any:
    return office.one("SELECT * FROM handoff ORDER BY id DESC LIMIT 1")


# --- taking it


def test_an_accepted_lead_is_a_deal_with_what_sales_knows_of_it(offered: Office) -> None:
    """Statement 49: is there a project, is there budget. Statement 75: an accepted lead is an opportunity."""
    assert accept(offered.ports, 1, "kari", GIVEN).fresh
    assert stage(offered) == "opportunity"
    verdict = offered.one("SELECT project, budget, right_person, by FROM disposition")
    assert tuple(verdict) == ("yes", "unknown", None, "kari")
    deal = offered.one("SELECT lead_id, handoff_id, state, source FROM opportunity")
    assert tuple(deal) == (1, 1, "open", "sales")
    assert (handoff(offered).note, handoff(offered).rung_due_at) == ("call on Tuesday", None)
    assert handoff(offered).touched_at is not None


@pytest.mark.parametrize("given", [Given("", "yes"), Given("yes", ""), Given("", "")])
def test_nothing_is_no_answer_but_nobody_knows_is_one(offered_here: Office, given: Given) -> None:
    """Statement 49, and 30: unknown is allowed, empty is not."""
    with pytest.raises(UsageError, match=r"say about the (project|budget): yes, no or unknown"):
        accept(offered_here.ports, 1, "kari", given)
    with pytest.raises(UsageError, match="did you mean 'yes'"):
        accept(offered_here.ports, 1, "kari", Given("yess", "no"))
    assert stage(offered_here) == "sql"
    assert offered_here.rows("SELECT 1 FROM disposition") == []
    assert accept(offered_here.ports, 1, "kari", Given("unknown", "unknown")).fresh


def test_two_people_who_press_at_once_open_one_deal(offered: Office) -> None:
    """Statement 75: once."""

    def press(by: str) -> Answered:
        return accept(offered.ports, 1, by, GIVEN)

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(press, ("kari", "kari", "tom", "aisha")))
    assert Counter(one.fresh for one in answers) == {True: 1, False: 3}
    assert len({one.handoff.decided_by for one in answers}) == 1
    for table, where in (("opportunity", ""), ("disposition", ""), ("transition", "WHERE to_stage = 'opportunity'")):
        assert len(offered.rows(f"SELECT 1 FROM {table} {where}")) == 1


# --- giving it back


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_leads_to_its_track_and_date(database: Database, tmp_path: Path, code: str) -> None:
    """Statement 38."""
    told = {one: terms.model_dump(mode="json", exclude_none=True) for one, terms in REASONS.items()}
    office, terms = hand_over(Office(database, tmp_path, reject_reasons=told)), REASONS[code]
    reject(office.ports, 1, "kari", code, "a word on it")
    assert stage(office) == {"recycle": "recycled", "disqualify": "disqualified"}[terms.track]
    back = office.rows("SELECT due_at FROM lead_trigger WHERE name = 'handoff_rejected' AND done_at IS NULL")
    days = [terms.after_days] if terms.after_days else []
    assert [str(one.due_at)[:10] for one in back] == [str(START + timedelta(days=number))[:10] for number in days]


def test_the_day_that_the_lead_named_takes_the_place_of_the_delay(offered: Office) -> None:
    """Statement 31: bad timing comes back on its date, once, with its history."""
    day = START + timedelta(days=200)
    assert reject(offered.ports, 1, "kari", "not_ready", until=day).handoff.recycle_at == day
    offered.pass_time(days=199)
    assert enroll(offered.ports).triggers == 0
    offered.pass_time(days=2)
    assert enroll(offered.ports).triggers == 1
    offered.pass_time(days=200)
    assert enroll(offered.ports).triggers == 0
    hand_over(offered, "mona@mill.example")
    assert offered.one("SELECT cycle FROM lead").cycle == 2
    assert len(offered.rows("SELECT 1 FROM transition")) == 3


@pytest.mark.parametrize(
    ("reason", "days", "told"),
    [("not_ready", -1, "lies ahead"), ("not_ready", 4000, "next three years"), ("wrong_fit", 5, "is for good")],
)
def test_a_day_that_makes_no_sense_is_refused(offered_here: Office, reason: str, days: int, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        reject(offered_here.ports, 1, "kari", reason, until=START + timedelta(days=days))
    assert stage(offered_here) == "sql"


def test_nobody_is_out_of_reach_before_the_promised_attempts(here: Office, tmp_path: Path) -> None:
    """Statement 78: or somebody says why."""
    unreachable = {"unreachable": {"label": "Could not be reached", "track": "recycle", "after_days": 45}}
    office = hand_over(Office(here.database, tmp_path / "second", reject_reasons=unreachable))
    for made in range(5):
        with pytest.raises(UsageError, match=f"out of reach after {made} of 5 attempts"):
            reject(office.ports, 1, "kari", "unreachable")
        log_touch(office.ports, 1, "kari", "call", "no_answer")
    assert reject(office.ports, 1, "kari", "unreachable").fresh


def test_a_word_on_why_takes_the_place_of_attempts(here: Office, tmp_path: Path) -> None:
    unreachable = {"unreachable": {"label": "Could not be reached", "track": "recycle", "after_days": 45}}
    office = hand_over(Office(here.database, tmp_path / "second", reject_reasons=unreachable))
    assert reject(office.ports, 1, "kari", "unreachable", "the number is a fax").fresh


def test_after_the_third_rejection_only_asking_for_a_person_counts(offered: Office) -> None:
    """Statement 38: points alone bring it back no more."""
    for _ in range(2):
        reject(offered.ports, handoff(offered).id, "kari", "not_ready")
        offered.pass_time(days=1)
        hand_over(offered)
    reject(offered.ports, handoff(offered).id, "kari", "not_ready")
    assert offered.one("SELECT rejected_times FROM lead").rejected_times == 3
    for form in ("webinar", "pricing", "ebook"):
        offered.pass_time(days=1)
        offered.submit(
            form, first_name="Mona", title="CEO", company="Mill", employees=120, industry="Food", country="NO"
        )
    qualify_due(offered.ports)
    assert stage(offered) == "recycled"
    hand_over(offered)
    assert stage(offered) == "sql"


# --- the verdict


def test_sales_verdict_stands_beside_what_marketing_decided(offered: Office) -> None:
    """Statement 43: two records, and neither overwrites the other. Statement 17, 93: three questions back."""
    before = offered.rows("SELECT * FROM decision")
    moves = offered.rows("SELECT * FROM transition")
    accept(offered.ports, 1, "kari", GIVEN)
    judge(offered.ports, 1, "kari", "no", "no", "unknown", "an intern")
    assert offered.rows("SELECT * FROM decision") == before
    assert offered.rows("SELECT * FROM transition")[: len(moves)] == moves
    verdict = offered.one("SELECT project, budget, right_person, ready, helpful, note FROM disposition")
    assert tuple(verdict) == ("yes", "unknown", "no", "no", "unknown", "an intern")


def test_of_two_verdicts_the_later_stands_with_its_date(offered: Office) -> None:
    accept(offered.ports, 1, "kari", GIVEN)
    judge(offered.ports, 1, "kari", "yes", "yes", "yes", "went well")
    offered.pass_time(days=3)
    later = judge(offered.ports, 1, "kari", "yes", "no", "yes")
    assert (later.ready, later.at, later.note) == ("no", offered.clock.now(), "went well")
    assert len(offered.rows("SELECT 1 FROM disposition")) == 1


def test_a_lead_that_was_given_back_gets_a_verdict_too(offered_here: Office) -> None:
    reject(offered_here.ports, 1, "kari", "wrong_fit")
    assert judge(offered_here.ports, 1, "kari", "no", "unknown", "no").right_person == "no"
    assert stage(offered_here) == "disqualified"


def test_who_may_judge_and_when(offered_here: Office) -> None:
    with pytest.raises(UsageError, match="accept or reject the lead first"):
        judge(offered_here.ports, 1, "kari", "yes", "yes", "yes")
    accept(offered_here.ports, 1, "kari", GIVEN)
    with pytest.raises(UsageError, match="kari has handoff 1"):
        judge(offered_here.ports, 1, "tom", "yes", "yes", "yes")
    with pytest.raises(UsageError, match="say about the right person"):
        judge(offered_here.ports, 1, "kari", "", "yes", "yes")


# --- the record


WAYS = {
    "rejected": lambda office: reject(office.ports, 1, "kari", "not_ready"),
    "never": lambda office: reject(office.ports, 1, "kari", "wrong_fit"),
    "won": lambda office: (accept(office.ports, 1, "kari", GIVEN), win(office.ports, 1, "kari")),
    "lost": lambda office: (accept(office.ports, 1, "kari", GIVEN), lose(office.ports, 1, "kari", "not_ready")),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_step_between_the_departments_names_its_one_handoff(offered: Office, way: str) -> None:
    """Statement 1: into sales by the handoff that opened, back out of it by the same one, which is open no more."""
    WAYS[way](offered)
    departments = {one: terms.department for one, terms in offered.ports.project.config.agreement.stages.items()}
    moves = offered.rows("SELECT from_stage, to_stage, handoff_id, agreement_version FROM transition ORDER BY id")
    over = [one for one in moves if departments[one.from_stage] != departments[one.to_stage]]
    assert [departments[one.to_stage] for one in over] == ["sales", "marketing"]
    assert [one.handoff_id for one in over] == [1, 1]
    assert {one.agreement_version for one in moves} == {offered.ports.project.agreement_version}
    assert handoff(offered).state != "offered"


def test_what_was_decided_and_moved_is_never_written_again() -> None:
    """Evidence is for good: but for an erasure, nothing in the code changes or deletes a decision or a move."""
    told = re.compile(r"(UPDATE|DELETE FROM)\s+(decision|transition)\b")
    files = [file for folder in ("nurture", "models", "flows") for file in (REPOSITORY / folder).rglob("*.py")]
    assert files
    assert [file for file in files if told.search(file.read_text()) and "rights" not in file.parts] == []
