"""A rep's worklist on the web: its own leads and the pool's, in order, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import Database
from nurture.handoff import Given, accept, judge, qualify_due
from nurture.handoff.reassign import reassign
from nurture.handoff.reps import worklist_link
from nurture.handoff.snooze import snooze
from tests.office import KARI, TOM, Office
from tests.web.conftest import Visitor


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """Two reps; four leads, whom they get by turns: the first and the third are Kari's."""
    office = Office(sqlite_database, tmp_path, owners=[KARI, TOM])
    for number in range(1, 5):
        office.submit("demo", f"lead{number}@company{number}.example", first_name=f"Lead{number}", company="<Mill>")
        qualify_due(office.ports)
    return office


def link(office: Office, owner: str = "kari", *, new: bool = False) -> str:
    return worklist_link(office.ports, owner, new=new).removeprefix(office.ports.public_url)


def owners(office: Office) -> list[str]:
    return [row.owner for row in office.rows("SELECT owner FROM handoff ORDER BY id")]


def test_a_rep_sees_its_own_leads_the_most_urgent_first(office: Office, visitor: Visitor) -> None:
    """Statement 29."""
    snooze(office.ports, 1, "kari", office.clock.now() + timedelta(days=1))
    page = visitor.get(link(office)).text
    assert owners(office) == ["kari", "tom", "kari", "tom"]
    assert page.index("Lead3") < page.index("Put off") < page.index("Lead1")
    assert "Lead2" not in page and "&lt;Mill&gt;" in page
    assert "1 lead waits" in page and "Next: call" in page
    office.pass_time(hours=2)
    late = visitor.get(link(office)).text
    assert "Late: answer was due Tue 3 Mar 09:05 UTC (115 minutes ago)" in late and "1 late" in late


def test_looking_changes_nothing(office: Office, visitor: Visitor) -> None:
    path = link(office)
    before = office.rows("SELECT * FROM handoff")
    for method in ("GET", "HEAD", "OPTIONS"):
        for act in ("", "/take?handoff=2", "/open?handoff=1"):
            assert visitor.request(method, path + act).status_code == (200 if not act and method != "OPTIONS" else 405)
    assert office.rows("SELECT * FROM handoff") == before


def test_the_list_leads_to_each_lead_also_when_its_link_has_run_out(office: Office, visitor: Visitor) -> None:
    (token,) = office.rows("SELECT token FROM handoff WHERE id = 1")
    assert f'href="/h/{token.token}"' in visitor.get(link(office)).text
    office.pass_time(days=31)
    assert f'href="/h/{token.token}"' not in visitor.get(link(office)).text
    opened = visitor.post(f"{link(office)}/open", data={"handoff": "1"})
    assert opened.status_code == 303
    assert visitor.get(opened.headers["location"]).status_code == 200


@pytest.mark.parametrize("number", ["2", "", "x", "-1", "99999999999", "7"])
def test_it_opens_nothing_of_anybody_else(office: Office, visitor: Visitor, number: str) -> None:
    before = office.rows("SELECT token FROM handoff")
    page = visitor.post(f"{link(office)}/open", data={"handoff": number})
    assert page.status_code == 200 and "not on your list any more" in page.text
    visitor.post(f"{link(office)}/take", data={"handoff": number})
    assert office.rows("SELECT token FROM handoff") == before


def test_from_the_pool_the_first_takes_it(office: Office, visitor: Visitor) -> None:
    reassign(office.ports, 2, "tom", "pool")
    for owner in ("kari", "tom", "pool"):
        assert "Take it" in visitor.get(link(office, owner)).text
    taken = visitor.post(f"{link(office)}/take", data={"handoff": "2"})
    assert "Kari Lund has it now." in taken.text and "Lead2" in taken.text
    late = visitor.post(f"{link(office, 'tom')}/take", data={"handoff": "2"})
    assert "Somebody was faster" in late.text and "Lead2" not in late.text
    assert owners(office)[1] == "kari"


def test_at_the_list_of_the_pool_one_says_who_one_is(office: Office, visitor: Visitor) -> None:
    reassign(office.ports, 2, "tom", "pool")
    pool = link(office, "pool")
    assert visitor.post(f"{pool}/take", data={"handoff": "2"}).status_code == 422
    assert visitor.post(f"{pool}/take", data={"handoff": "2", "by": "olga"}).status_code == 422
    assert "Tom Becker has it now." in visitor.post(f"{pool}/take", data={"handoff": "2", "by": "tom"}).text
    assert "Nothing waits" in visitor.get(pool).text


def test_who_has_no_phone_number_is_mailed_from_the_list(office: Office, visitor: Visitor) -> None:
    assert 'href="mailto:lead1@company1.example"' in visitor.get(link(office)).text


def test_who_wants_no_calls_has_no_button_for_it(office: Office, visitor: Visitor) -> None:
    """Whoever was taken before it said so stays on the list."""
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    with office.database.transaction("said so") as connection:
        connection.execute(text("UPDATE lead SET no_sales_contact = TRUE, phone = '+47 55 12 34 56' WHERE id = 1"))
    page = visitor.get(link(office)).text
    assert "Wants no sales contact. Do not call." in page
    assert "tel:" not in page and "mailto:lead1" not in page and page.count("Next: call") == 1
    about = visitor.get(f"/h/{office.one('SELECT token FROM handoff WHERE id = 1').token}").text
    assert "Wants no sales contact. Do not call." in about and "By the playbook" not in about


def test_a_lead_that_asked_and_was_taken_asks_no_more(office: Office, visitor: Visitor) -> None:
    assert visitor.get(link(office)).text.count("Asks for a person") == 2
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    assert visitor.get(link(office)).text.count("Asks for a person") == 1


def test_the_list_says_what_a_colleague_has_begun_with(office: Office, visitor: Visitor) -> None:
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    reassign(office.ports, 1, "kari", "tom")
    page = visitor.get(link(office, "tom")).text
    assert "Given on by a colleague who has begun with it, just now" in page
    assert "First touch by Tue 3 Mar 13:00 UTC" in page
    about = visitor.get(f"/h/{office.one('SELECT token FROM handoff WHERE id = 1').token}").text
    assert "Given on" in about and "Reach out by Tue 3 Mar 13:00 UTC (in 4 hours)" in about


def test_a_deal_stays_on_the_list_after_its_verdict(office: Office, visitor: Visitor) -> None:
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    assert "Deals you work on" not in visitor.get(link(office)).text
    judge(office.ports, 1, "kari", "yes", "yes", "yes")
    page = visitor.get(link(office)).text
    assert page.index("Deals you work on") < page.index("Lead1")


def test_a_new_link_ends_the_old_one_and_a_rep_who_left_has_none(office: Office, visitor: Visitor) -> None:
    old = link(office)
    assert visitor.get(old).headers["cache-control"] == "no-store"
    assert visitor.get(link(office, new=True)).status_code == 200
    for path in (old, old[:-1], "/w/nothing"):
        for answer in (visitor.get(path), visitor.post(f"{path}/take", data={"handoff": "1"})):
            assert answer.status_code == 404 and "Lead" not in answer.text
    left = link(office, "tom")
    office.ports.project.config.agreement.__dict__["owners"] = office.ports.project.config.agreement.owners[:1]
    assert visitor.get(left).status_code == 404
