"""The lead brief: true to the log, short, and nothing in it that a machine did or that nobody asks for twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Row

from nurture.alerts import deliver
from nurture.answers import Answered, keep_answers
from nurture.brief import QUESTIONS, Brief, brief
from nurture.brief.talk import questions, why_now
from nurture.core.assets import Asset, suggest, with_master
from nurture.core.cadence import local
from nurture.core.owners import POOL
from nurture.core.questions import QUESTIONS as FOUR
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.reassign import reassign
from nurture.handoff.touches import log_touch
from tests.office import START, Office

IDEAL = {"title": "Production manager", "employees": 120, "industry": "Food", "country": "NO", "language": "nb",
         "timezone": "Europe/Oslo"}  # fmt: skip


def briefed(office: Office, handoff_id: int = 1) -> Brief:
    with office.database.reading() as connection:
        return brief(connection, office.ports, handoff_id, office.clock.now())


def promoted(office: Office, email: str = "mona@mill.example", **known: Any) -> Brief:
    office.add_lead(email, **{**IDEAL, **known})
    office.submit("demo", email, message="We open a second mill.")
    assert qualify_due(office.ports) == 1
    return briefed(office)


# --- true to the log


def test_the_page_of_a_lead_that_was_given_back_says_why_as_before(office: Office) -> None:
    before = promoted(office)
    assert before.why_now == "Asked for a person (demo), just now"
    reject(office.ports, 1, "kari", "not_ready")
    after = briefed(office)
    assert (after.why_now, after.acts) == (before.why_now, before.acts)
    office.pass_time(days=400)
    office.submit("demo")
    assert briefed(office).acts[0].text == before.acts[0].text
    assert len(briefed(office).acts) == 1


def test_why_now_begins_as_a_sentence_does() -> None:
    assert why_now((), "meets every rule for SQL", START) == "Meets every rule for SQL"


def test_the_acts_are_the_latest_a_person_did_as_the_log_has_them_and_no_scanners(office: Office) -> None:
    """Statements 36 and 68: recomputed from the raw events."""
    office.add_lead(**IDEAL)
    mail = office.mail()
    office.tell(office.event(mail, "delivered", 1), *(office.click(mail, 1 + n / 10, f"/{n}") for n in range(9)))
    office.pass_time(days=1)
    office.tell(office.click(mail, 86_400, "/cases/mill"))
    for form in ("webinar", "ebook", "pricing", "webinar", "ebook"):
        office.pass_time(hours=5)
        office.submit(form)
    office.pass_time(hours=1)
    office.submit("demo")
    qualify_due(office.ports)
    office.pass_time(minutes=3)
    found = briefed(office)
    events = office.rows(
        "SELECT kind, name, url, occurred_at FROM event WHERE verdict = 'human' ORDER BY occurred_at DESC"
    )
    zone = "UTC"
    times = [local(_moment(row.occurred_at), zone) for row in events]
    shown = [*found.acts, *found.earlier]
    assert [line.detail.partition(" (")[0] for line in shown] == times
    assert (len(found.acts), len(found.earlier)) == (5, len(events) - 5)
    assert found.acts[0].text == "Asked for a person (demo)"
    assert found.why_now == "Asked for a person (demo), 3 minutes ago; 7 signs of interest this week"
    machine = [row.url for row in office.rows("SELECT url FROM event WHERE verdict = 'machine' AND url IS NOT NULL")]
    assert len(machine) == 9
    assert not any(line.text.startswith("Clicked /0") for line in shown)
    deliver(office.ports)
    assert "and 2 more before" in office.alerts[0].text


def _moment(told: Any) -> Any:
    return (
        told if not isinstance(told, str) else START.fromisoformat(told.replace(" ", "T")).replace(tzinfo=START.tzinfo)
    )


# --- what to ask, say and send


@pytest.mark.parametrize("known", [set(some) for count in range(5) for some in combinations(FOUR, count)])
def test_what_is_known_is_never_asked_and_what_is_not_is(known: set[str]) -> None:
    """Statements 30 and 41."""
    lead = cast("Row[Any]", SimpleNamespace(**dict.fromkeys(QUESTIONS, "known")))
    answered = {name: Answered(1, name, "yes", START, "poll") for name in known}
    asked = questions(lead, answered)
    assert asked == [question.asked_by_sales for name, question in FOUR.items() if name not in known]


def test_what_the_lead_answered_stands_in_the_brief_with_where_we_have_it_from(here: Office) -> None:
    lead = here.add_lead(**IDEAL)
    with here.database.transaction("answer") as connection:
        keep_answers(connection, [Answered(lead, "budget", "planned", here.clock.now(), "poll")])
    here.submit("demo")
    qualify_due(here.ports)
    found = briefed(here)
    assert [line.text for line in found.answers] == ["Is there a budget for it? Not yet, but it is planned"]
    assert "Is there a budget for it?" not in found.questions
    assert "What made you look into this now?" in found.questions


MASTER = Asset(title="Ten slides", url="https://acme.example/deck")
FOOD = Asset(title="Food", url="https://acme.example/food", industries=("food", "bakery"))
CFO = Asset(title="For finance", url="https://acme.example/cfo", titles=("finance",), stages=("bofu",))
LEAKS = Asset(title="Leaks", url="https://acme.example/leaks", about=("compressed air", "leaks"))
ALL = (CFO, LEAKS, FOOD, MASTER)


@pytest.mark.parametrize(
    ("lead", "title"),
    [
        ({}, "Ten slides"),
        ({"industry": "Mining"}, "Ten slides"),
        ({"industry": "Food and drink"}, "Food"),
        ({"title": "CFO c_level finance", "stage": "bofu"}, "For finance"),
        ({"title": "CFO c_level finance", "stage": "mofu"}, "Ten slides"),
        ({"about": "/guides/compressed-air  guides compressed air", "industry": "food"}, "Leaks"),
    ],
)
def test_the_first_asset_that_fits_and_at_last_the_master(lead: dict[str, str], title: str) -> None:
    """Statements 61 and 63."""
    found = suggest(ALL, lead)
    assert found and found.title == title


def test_without_assets_none_is_suggested_and_without_a_master_it_is_a_fault() -> None:
    assert suggest((), {}) is None
    assert with_master(()) == ()
    for faulty in ((FOOD,), (MASTER, FOOD), (MASTER, MASTER)):
        with pytest.raises(Exception, match="the last asset, and no other, is the master"):
            with_master(faulty)
    with pytest.raises(Exception, match="is here twice"):
        with_master((FOOD, FOOD, MASTER))


def test_a_new_version_of_an_asset_is_in_the_next_brief(here: Office) -> None:
    """Statement 61."""
    project = here.ports.project
    config = project.config.model_copy(update={"assets": ALL})
    here.ports = replace(here.ports, project=replace(project, config=config))
    assert promoted(here).asset == FOOD
    newer = FOOD.model_copy(update={"url": "https://acme.example/food-2"})
    config = config.model_copy(update={"assets": (CFO, LEAKS, newer, MASTER)})
    here.ports = replace(here.ports, project=replace(project, config=config))
    assert briefed(here).asset == newer
    deliver(here.ports)
    assert "https://acme.example/food-2" in here.alerts[0].html


# --- what stands behind it


def test_who_else_of_the_company_is_warm_and_who_is_cold(office: Office) -> None:
    """Statement 52."""
    for name in ("Ann", "Bob", "Cid", "Dot"):
        office.add_lead(f"{name.lower()}@mill.example", first_name=name, last_name="Lee", title="CFO")
    found = promoted(office)
    assert found.known_there == "1 of 5 people we know there is warm"
    assert found.colleagues == ()
    assert (found.cold.count("Lee (CFO)"), found.cold.endswith(" and 1 more")) == (3, True)
    office.submit("ebook", "ann@mill.example")
    now = briefed(office)
    assert now.known_there == "2 of 5 people we know there are warm"
    assert [line.text for line in now.colleagues] == ["Ann Lee (CFO)"]
    assert "Ann" not in now.cold


def test_somebody_whom_nobody_else_is_known_of_has_no_company_in_the_brief(here: Office) -> None:
    assert promoted(here).known_there == ""


def test_a_lead_that_comes_back_says_what_sales_said_of_it_and_what_is_new(office: Office) -> None:
    first = promoted(office)
    assert (first.returned, first.rounds) == ("", ())
    log_touch(office.ports, 1, "kari", "call", "reached", "Moves to a new hall in May")
    reject(office.ports, 1, "kari", "not_ready", "call in autumn")
    office.pass_time(days=200)
    office.submit("demo", message="Now, please.")
    qualify_due(office.ports)
    again = briefed(office, 2)
    assert again.headline == "Asks for a person (again): Mona Berg, Production manager, Mill"
    assert again.returned == "Back for the 2nd time. New since then: Asked for a person (demo) (just now)"
    (line,) = again.rounds
    assert line.text == "Kari Lund gave it back: Not ready yet. “call in autumn” “Moves to a new hall in May”"
    assert again.said == "Now, please."
    words = "Wrote: “We open a second mill.”"
    assert [one.text for one in again.earlier] == ["Asked for a person (demo)", words]


def test_the_playbook_says_what_comes_next_until_the_lead_is_reached(here: Office) -> None:
    """Statement 78."""
    assert promoted(here).next_step == "Call, Tue 3 Mar 09:00 UTC (attempt 1 of 5)"
    accept(here.ports, 1, "kari", Given("unknown", "unknown"))
    log_touch(here.ports, 1, "kari", "call", "no_answer")
    assert briefed(here).next_step == "Mail, Wed 4 Mar 09:00 UTC (attempt 2 of 5)"
    log_touch(here.ports, 1, "kari", "mail", "reached")
    assert briefed(here).next_step == ""


def test_times_are_in_the_clock_of_whoever_has_the_lead(here: Office) -> None:
    project = here.ports.project
    agreement = project.config.agreement
    owners = tuple(one.model_copy(update={"timezone": "Asia/Tokyo"}) for one in agreement.owners)
    hours = agreement.hours.model_copy(update={"between": (START.time().replace(0), START.time().replace(23))})
    terms = agreement.model_copy(update={"owners": owners, "hours": hours})
    config = project.config.model_copy(update={"agreement": terms})
    here.ports = replace(here.ports, project=replace(project, config=config))
    found = promoted(here)
    assert found.due == "Tue 3 Mar 18:05 Tokyo (in 5 minutes)"
    assert found.acts[0].detail == "Tue 3 Mar 18:00 Tokyo (just now)"
    assert found.place == "NO, Tue 3 Mar 10:00 Oslo"


def test_who_wants_no_contact_is_not_to_be_called_from_the_brief(here: Office) -> None:
    promoted(here, phone="+47 55 00 00 00")
    deliver(here.ports)
    assert 'href="tel:+4755000000"' in here.alerts[0].html
    accept(here.ports, 1, "kari", Given("yes", "yes"))
    here.submit("ebook", no_sales_contact="yes")
    reassign(here.ports, 1, by="kari", to=POOL)
    assert briefed(here).do_not_call
    deliver(here.ports)
    assert "Do not call" in here.alerts[-1].html
    assert "tel:" not in here.alerts[-1].html


def test_language_role_and_company_are_in_words(here: Office) -> None:
    found = promoted(here)
    assert (found.company, found.reads_as, found.language) == ("Food, 120 people", "manager, operations", "Norwegian")
    assert found.due.startswith(local(START + timedelta(minutes=5), "UTC"))
