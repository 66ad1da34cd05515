"""Sales' page: reading decides nothing, each button does its work once, and a link opens no more than its own lead."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.database import Database
from models.statement import write
from nurture.alerts import deliver
from nurture.handoff import qualify_due
from nurture.handoff.link import renew_link
from nurture.handoff.reassign import reassign
from tests.office import KARI, TOM, Office
from tests.web.conftest import Visitor

ACTS = ("accept", "reject", "snooze", "reassign", "touch", "warm", "verdict", "won", "lost", "take")
YES = {"project": "yes", "budget": "unknown"}
TOLD = {"first_name": "Mona <i>", "last_name": "Berg", "company": "Mill & Sons", "phone": "+47 22 33"}
CALL = {"kind": "call", "outcome": "no_answer", "note": "rang twice", "seen": "0"}
_REPLY = write(
    """
    INSERT INTO reply (key, received_at, kind, sorted_by, lead_id, proved, sender, subject, text)
    VALUES (:key, :now, 'human', 'test', 1, TRUE, 'mona@mill.example', 'Re: <b>hi</b>',
        '<script>alert(1)</script> on Tuesday?')
    """
)
VERDICT = {"right_person": "yes", "ready": "no", "helpful": "unknown", "note": "Too early"}


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """Two reps."""
    return Office(sqlite_database, tmp_path, owners=[KARI, TOM])


@pytest.fixture
def link(office: Office) -> str:
    """The link in the alert."""
    office.submit("demo", message="Call me", **TOLD)
    qualify_due(office.ports)
    deliver(office.ports)
    return link_of(office)


def link_of(office: Office) -> str:
    return f"/h/{office.one('SELECT token FROM handoff').token}"


def stage(office: Office) -> str:
    return str(office.one("SELECT stage FROM lead").stage)


def state(office: Office) -> str:
    return str(office.one("SELECT state FROM handoff").state)


def test_the_brief_says_who_why_and_by_when(visitor: Visitor, link: str) -> None:
    page = visitor.get(link).text
    for told in ("Mona &lt;i&gt; Berg", "Mill &amp; Sons", "Call me", "Asked for a person (demo)", "09:05 UTC",
                 'href="tel:+4722', "Not ready yet", "Can be reached", "handed to sales"):  # fmt: skip
        assert told in page


def test_a_scanner_that_follows_every_link_decides_nothing(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 87: no form does anything but by its button."""
    before = office.rows("SELECT * FROM handoff")
    for method in ("GET", "HEAD", "OPTIONS"):
        assert visitor.request(method, link).status_code == (405 if method == "OPTIONS" else 200)
        for act in ACTS:
            path = f"{link}/{act}?reason=wrong_fit&project=yes&budget=yes&by=kari&to=tom"
            assert visitor.request(method, path).status_code == 405
    assert office.rows("SELECT * FROM handoff") == before
    assert stage(office) == "sql"


# --- the answer


def test_accept_says_whether_there_is_a_project_and_a_budget(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.post(f"{link}/accept", data=YES)
    assert page.status_code == 200
    assert "Thank you, that is noted." in page.text
    assert "Accepted by Kari Lund" in page.text
    assert "/accept" not in page.text
    assert stage(office) == "opportunity"
    assert tuple(office.one("SELECT project, budget FROM disposition")) == ("yes", "unknown")


@pytest.mark.parametrize("said", [{}, {"project": "yes"}, {"project": "yes", "budget": "a lot"}])
def test_an_accept_with_a_question_left_out_is_asked_again_and_keeps_what_was_said(
    office: Office, visitor: Visitor, link: str, said: dict[str, str]
) -> None:
    """Statement 49: not known is an answer, nothing is none."""
    page = visitor.post(f"{link}/accept", data={**said, "note": "May & June"})
    assert page.status_code == 422
    assert 'role="alert"' in page.text and "May &amp; June</textarea>" in page.text
    assert ('value="yes" required checked' in page.text) == ("project" in said)
    assert state(office) == "offered"


def test_a_second_answer_says_who_gave_the_first_and_changes_nothing(
    office: Office, visitor: Visitor, link: str
) -> None:
    """Statement 75: one accept, one opportunity, also under a double click."""
    for path in ("accept", "accept", "reject"):
        page = visitor.post(f"{link}/{path}", data={"reason": "wrong_fit", **YES})
        assert page.status_code == 200
        assert "Accepted by Kari Lund" in page.text
    assert "This was answered before, and that answer stands." in page.text
    assert stage(office) == "opportunity"
    assert len(office.rows("SELECT 1 FROM transition WHERE to_stage = 'opportunity'")) == 1
    assert len(office.rows("SELECT 1 FROM opportunity")) == 1


def test_reject_with_a_reason_recycles_on_its_date(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.post(f"{link}/reject", data={"reason": "not_ready", "note": "call\r\nin May\x00"})
    assert "Rejected by Kari Lund" in page.text
    assert "Not ready yet. Nurture starts again Mon 1 Jun" in page.text
    row = office.one("SELECT state, reason, note, decided_by FROM handoff")
    assert tuple(row) == ("rejected", "not_ready", "call in May", "kari")
    assert stage(office) == "recycled"
    trigger = office.one("SELECT due_at FROM lead_trigger WHERE name = 'handoff_rejected'")
    assert str(trigger.due_at)[:10] == "2026-06-01"


def test_reject_with_the_day_that_the_lead_named(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.post(f"{link}/reject", data={"reason": "not_ready", "back": "2026-09-01"})
    assert "Nurture starts again Tue 1 Sep" in page.text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Please choose a reason."),
        ({"reason": "nonsense"}, "Unknown reason"),
        ({"reason": "other"}, "needs a note"),
        ({"reason": "other", "note": "  "}, "needs a note"),
        ({"reason": "not_ready", "back": "soon"}, "is no day"),
        ({"reason": "not_ready", "back": "2025-01-01"}, "lies ahead"),
    ],
)
def test_an_answer_that_is_not_whole_is_asked_for_again(
    office: Office, visitor: Visitor, link: str, data: dict[str, str], told: str
) -> None:
    page = visitor.post(f"{link}/reject", data=data)
    assert page.status_code == 422
    assert told in page.text
    assert state(office) == "offered"


# --- while it is in hand


def test_a_call_is_logged_once_however_often_the_button_is_pressed(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 16: it stops the clock."""
    assert office.one("SELECT rung_due_at FROM handoff").rung_due_at
    for _ in range(2):
        page = visitor.post(f"{link}/touch", data=CALL)
    assert "Call: nobody answered. rang twice" in page.text
    row = office.one("SELECT rung_due_at, touched_at FROM handoff")
    assert row.rung_due_at is None and row.touched_at
    assert len(office.rows("SELECT 1 FROM touch")) == 1
    seen = str(office.one("SELECT MAX(id) AS id FROM touch").id)
    assert f'name="seen" value="{seen}"' in page.text
    visitor.post(f"{link}/touch", data={**CALL, "seen": seen})
    assert len(office.rows("SELECT 1 FROM touch")) == 2


def test_a_touch_that_says_nothing_is_asked_for_again(office: Office, visitor: Visitor, link: str) -> None:
    for said in ({}, {"kind": "call"}, {"kind": "fax", "outcome": "reached"}):
        assert visitor.post(f"{link}/touch", data=said).status_code == 422
    assert office.rows("SELECT 1 FROM touch") == []


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ({"day": "tomorrow"}, "Wed 4 Mar 09:00"),
        ({"day": "next week"}, "Mon 9 Mar 09:00"),
        ({"day": "date", "date": "2026-03-12"}, "Thu 12 Mar 09:00"),
        ({"day": "date", "date": "2026-03-07"}, "Mon 9 Mar 09:00"),
    ],
)
def test_put_off_until_a_morning_at_work(
    office: Office, visitor: Visitor, link: str, said: dict[str, str], back: str
) -> None:
    for _ in range(2):
        page = visitor.post(f"{link}/snooze", data=said)
    assert f"Put off until {back} UTC" in page.text
    assert len(office.rows("SELECT 1 FROM touch WHERE kind = 'snoozed'")) == 1


@pytest.mark.parametrize(
    "said", [{}, {"day": "date"}, {"day": "someday"}, {"day": "date", "date": "2026-03-01"}, {"date": "9999-12-31"}]
)
def test_a_day_that_cannot_be_is_asked_for_again(
    office: Office, visitor: Visitor, link: str, said: dict[str, str]
) -> None:
    page = visitor.post(f"{link}/snooze", data=said)
    assert page.status_code == 422 and "<details open>" in page.text
    assert not re.search('role="alert">[a-z]', page.text), "a sentence begins with a capital"
    assert office.one("SELECT snoozed_until FROM handoff").snoozed_until is None


def test_after_it_was_given_on_the_old_link_says_who_has_it_and_nothing_else(
    office: Office, visitor: Visitor, link: str
) -> None:
    given, *pages = [visitor.post(f"{link}/reassign", data={"to": "tom"}) for _ in range(2)]
    assert given.status_code == 200
    assert "Given to Tom Becker" in given.text and "Mona" not in given.text
    pages += [visitor.get(link), *(visitor.post(f"{link}/{act}", data={"by": "kari", **YES}) for act in ACTS)]
    for page in pages:
        assert page.status_code == 410
        assert "This lead is with Tom Becker now" in page.text
        assert "Mona" not in page.text and "Mill" not in page.text
    assert state(office) == "offered"
    fresh = visitor.get(link_of(office)).text
    assert "For Tom Becker" in fresh and "from Kari Lund to Tom Becker" in fresh


def test_who_gives_it_to_the_pool_reads_that_it_did(visitor: Visitor, link: str) -> None:
    given = visitor.post(f"{link}/reassign", data={"to": "pool"})
    assert given.status_code == 200
    assert "on the list of the whole team now" in given.text


def test_an_accepted_lead_that_was_given_on_says_with_whom_it_is(office: Office, visitor: Visitor, link: str) -> None:
    visitor.post(f"{link}/accept", data=YES)
    assert "It is with" not in visitor.get(link).text
    visitor.post(f"{link}/reassign", data={"to": "tom"})
    assert "Accepted by Kari Lund" in visitor.get(link_of(office)).text
    assert "It is with Tom Becker now." in visitor.get(link_of(office)).text


def test_no_answer_is_due_once_somebody_has_begun(office: Office, visitor: Visitor, link: str) -> None:
    assert "Answer by" in visitor.get(link).text
    visitor.post(f"{link}/touch", data={"kind": "call", "outcome": "no_answer"})
    for _ in range(2):
        page = visitor.get(link).text
        assert "Begun. Say yes or no when you know" in page
        assert "Answer" not in page.partition("</section>")[0] and "was due" not in page
        office.clock.advance(timedelta(days=5))


def test_what_the_playbook_says_is_ticked(office: Office, visitor: Visitor, link: str) -> None:
    for step in office.ports.project.config.agreement.playbook:
        page = visitor.get(link).text
        assert re.search(rf'name="kind" value="{step.do}"[^>]* checked', page)
        office.clock.advance(timedelta(days=1))
        visitor.post(f"{link}/touch", data={"kind": step.do, "outcome": "no_answer"})


@pytest.mark.parametrize("to", ["", "nobody", "kari"])
def test_it_is_only_given_to_somebody_else_who_is_there(office: Office, visitor: Visitor, link: str, to: str) -> None:
    assert visitor.post(f"{link}/reassign", data={"to": to}).status_code == 422
    assert office.one("SELECT owner FROM handoff").owner == "kari"


def test_from_the_pool_the_first_takes_it_and_says_so_to_the_second(
    office: Office, visitor: Visitor, link: str
) -> None:
    reassign(office.ports, 1, "kari", "pool")
    assert "This lead is in the pool now" in visitor.get(link).text
    pool = link_of(office)
    refused = visitor.post(f"{pool}/accept", data=YES)
    assert refused.status_code == 422 and "take it first" in refused.text
    assert visitor.post(f"{pool}/take", data={}).status_code == 422
    assert visitor.post(f"{pool}/take", data={"by": "olga"}).status_code == 422
    taken = visitor.post(f"{pool}/take", data={"by": "tom"})
    assert (taken.status_code, taken.headers["location"]) == (303, link_of(office))
    late = visitor.post(f"{pool}/take", data={"by": "kari"})
    assert late.status_code == 410 and "with Tom Becker now" in late.text
    assert office.one("SELECT owner FROM handoff").owner == "tom"


# --- afterwards


def test_the_verdict_has_three_questions_and_the_latest_stands(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 93."""
    visitor.post(f"{link}/accept", data=YES)
    assert visitor.post(f"{link}/verdict", data={"ready": "yes"}).status_code == 422
    visitor.post(f"{link}/verdict", data=VERDICT)
    page = visitor.post(f"{link}/verdict", data={**VERDICT, "ready": "yes"})
    assert "Too early</textarea>" in page.text and "Change it" in page.text
    row = office.one("SELECT right_person, ready, helpful, project FROM disposition")
    assert tuple(row) == ("yes", "yes", "unknown", "yes")


def test_a_rejected_lead_can_still_be_judged(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.post(f"{link}/reject", data={"reason": "wrong_fit"})
    assert "/verdict" in page.text
    assert visitor.post(f"{link}/verdict", data=VERDICT).status_code == 200
    assert office.one("SELECT right_person FROM disposition").right_person == "yes"


def test_keep_warm_is_a_switch(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 37: marketing writes only if the rep lets it."""
    visitor.post(f"{link}/accept", data=YES)
    for on, told in (("yes", "Stop all marketing mail"), ("yes", "Stop all"), ("no", "Let marketing keep it warm")):
        assert told in visitor.post(f"{link}/warm", data={"on": on}).text
        assert bool(office.one("SELECT kept_warm FROM lead").kept_warm) == (on == "yes")


def test_what_the_lead_wrote_is_shown_as_words_never_as_a_page(office: Office, visitor: Visitor, link: str) -> None:
    with office.database.transaction("reply") as connection:
        connection.execute(_REPLY, {"key": b"k" * 16, "now": office.clock.now()})
    page = visitor.get(link).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; on Tuesday?" in page
    assert "<script" not in page and "Re: &lt;b&gt;hi" in page


# --- links that open nothing


def answers(visitor: Visitor, link: str) -> list[Response]:
    """What the link says to whoever looks, and to every button."""
    return [visitor.get(link), *(visitor.post(f"{link}/{act}", data={"by": "tom", **YES}) for act in ACTS)]


def test_a_link_that_is_cut_off_leads_nowhere(visitor: Visitor, link: str) -> None:
    for answer in answers(visitor, link[:-1]):
        assert answer.status_code == 404
        assert "cut off" in answer.text


def test_a_link_that_has_run_out_says_how_to_get_a_new_one(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 87."""
    office.pass_time(days=31)
    for answer in answers(visitor, link):
        assert answer.status_code == 410
        assert "This link has run out" in answer.text and "a new link to handoff 1" in answer.text
        assert "Mona" not in answer.text
    assert state(office) == "offered"


def test_a_new_link_ends_the_old_one(office: Office, visitor: Visitor, link: str) -> None:
    new = renew_link(office.ports, 1).removeprefix(office.ports.public_url)
    assert visitor.get(new).status_code == 200
    old = visitor.get(link)
    assert old.status_code == 410 and "replaced by a newer one" in old.text
    assert new not in old.text and "Mona" not in old.text


# --- the deal


def test_won_makes_a_customer_once(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 25."""
    early = visitor.post(f"{link}/won", data={})
    assert early.status_code == 422
    visitor.post(f"{link}/accept", data=YES)
    for said in ({"amount": "a lot"}, {"amount": "100"}, {"amount": "1", "currency": "gold"}):
        assert visitor.post(f"{link}/won", data=said).status_code == 422
    page = visitor.post(f"{link}/won", data={"amount": "12 500,50", "currency": "nok"})
    assert "Won: 12,500.50 NOK" in page.text
    assert stage(office) == "customer"
    again = visitor.post(f"{link}/won", data={})
    assert again.status_code == 200 and "This deal was closed before" in again.text
    assert "/touch" not in again.text


def test_lost_leads_where_its_reason_says(office: Office, visitor: Visitor, link: str) -> None:
    """Statement 38."""
    visitor.post(f"{link}/accept", data=YES)
    assert visitor.post(f"{link}/lost", data={}).status_code == 422
    page = visitor.post(f"{link}/lost", data={"reason": "not_ready"})
    assert page.status_code == 200 and "Lost." in page.text
    assert stage(office) == "recycled"


# --- whatever is sent

_WORDS = st.one_of(
    st.sampled_from(["yes", "no", "unknown", "kari", "tom", "pool", "call", "reached", "tomorrow", "date", "2026-03-10",
                     "not_ready", "other", "0", "1", "1e3", "EUR", "12,5"]),
    st.text(max_size=30),
)  # fmt: skip
_FIELDS = ["project", "budget", "note", "reason", "back", "day", "date", "to", "by", "kind", "outcome", "seen", "on",
           "right_person", "ready", "helpful", "amount", "currency"]  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(act=st.sampled_from(ACTS), said=st.dictionaries(st.sampled_from(_FIELDS), _WORDS))
def test_whatever_a_form_says_the_page_answers_and_the_lead_stays_on_one_list(
    office: Office, visitor: Visitor, act: str, said: dict[str, str]
) -> None:
    office.submit("demo", **TOLD)
    qualify_due(office.ports)
    last = office.rows("SELECT token FROM handoff ORDER BY id DESC LIMIT 1")[0]
    assert visitor.post(f"/h/{last.token}/{act}", data=said).status_code in (200, 303, 410, 422)
    for row in office.rows("SELECT state, owner FROM handoff"):
        assert row.state in ("offered", "accepted", "rejected") and row.owner in ("kari", "tom", "pool")
