"""What a rep reads and presses on its phone when there is more than one deal, or more than one press."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.database import Database
from nurture.errors import UsageError
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.reassign import reassign
from nurture.handoff.reps import worklist_link
from tests.office import KARI, TOM, Office
from tests.test_deals import fact, tell
from tests.web.conftest import Visitor

REASONS = {
    "not_ready": {"label": "Not ready yet", "track": "recycle", "after_days": 90},
    "unreachable": {"label": "Could not be reached", "track": "recycle", "after_days": 45},
}


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    office = Office(sqlite_database, tmp_path, owners=[KARI, TOM], reject_reasons=REASONS)
    office.submit("demo", "mona@mill.example", first_name="Mona", company="Mill")
    qualify_due(office.ports)
    return office


def page(office: Office) -> str:
    return f"/h/{office.one('SELECT token FROM handoff').token}"


def worklist(office: Office, owner: str = "kari") -> str:
    return worklist_link(office.ports, owner, new=False).removeprefix(office.ports.public_url)


def states(office: Office) -> list[tuple[int, str]]:
    return [(row.id, row.state) for row in office.rows("SELECT id, state FROM opportunity ORDER BY id")]


def test_a_second_deal_is_closed_on_the_page_too_and_no_old_form_closes_it(office: Office, visitor: Visitor) -> None:
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    tell(office, fact("open"), fact("open", external_id="D-9", name="Mill, hall 2"))
    visitor.post(f"{page(office)}/lost", data={"deal": "1", "reason": "not_ready"})
    assert states(office) == [(1, "lost"), (2, "open")]
    shown = visitor.get(page(office)).text
    assert "The deal: Mill, hall 2" in shown and 'name="deal" value="2"' in shown
    assert "Mona" in visitor.get(worklist(office)).text
    again = visitor.post(f"{page(office)}/lost", data={"deal": "1", "reason": "not_ready"})
    assert "closed before" in again.text and states(office)[1] == (2, "open")
    done = visitor.post(f"{page(office)}/won", data={"deal": "2"})
    assert "They are a customer now" in done.text and states(office)[1] == (2, "won")


def test_a_form_closes_no_deal_of_somebody_else(office: Office, visitor: Visitor) -> None:
    office.submit("demo", "bo@dairy.example", company="Dairy")
    qualify_due(office.ports)
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    accept(office.ports, 2, "tom", Given("yes", "yes"))
    path = f"/h/{office.one('SELECT token FROM handoff WHERE id = 1').token}"
    answer = visitor.post(f"{path}/won", data={"deal": "2"})
    assert answer.status_code == 422 and "another deal by now" in answer.text
    assert states(office) == [(1, "open"), (2, "open")]


def test_whoever_presses_take_it_twice_has_it(office: Office, visitor: Visitor) -> None:
    reassign(office.ports, 1, "kari", "pool")
    for path, by in ((worklist(office), ""), (worklist(office, "pool"), "kari")):
        for _ in range(2):
            answer = visitor.post(f"{path}/take", data={"handoff": "1", "by": by})
            assert "Kari Lund has it now." in answer.text
    late = visitor.post(f"{worklist(office, 'tom')}/take", data={"handoff": "1"})
    assert "Somebody was faster" in late.text


def test_keeping_warm_promises_no_mail_that_may_not_be_sent(office: Office, visitor: Visitor) -> None:
    answer = visitor.post(f"{page(office)}/warm", data={"on": "yes"})
    assert "nothing is sent: no legal ground to mail" in answer.text
    assert "Marketing keeps it warm" not in answer.text and "may send it the light mails" not in answer.text


def test_no_page_sends_a_rep_to_a_terminal(office: Office, visitor: Visitor) -> None:
    with pytest.raises(UsageError) as told:
        reject(office.ports, 1, "kari", "unreachable")
    early = visitor.post(f"{page(office)}/reject", data={"reason": "unreachable"})
    office.pass_time(days=40)
    gone = visitor.get(page(office))
    assert gone.status_code == 410
    assert "out of reach after 0" in str(told.value) and "Out of reach after 0" in early.text
    for text in (str(told.value), early.text, gone.text):
        assert "nurture handoffs" not in text
