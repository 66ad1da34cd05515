"""Sales' page: reading decides nothing, one press decides once."""

from __future__ import annotations

import pytest

from nurture.alerts import deliver
from nurture.handoff import qualify_due
from tests.office import Office
from tests.web.conftest import Visitor


@pytest.fixture
def link(office: Office) -> str:
    """The link in the alert."""
    told = {"first_name": "Mona <i>", "last_name": "Berg", "company": "Mill & Sons", "phone": "+47 22 33"}
    office.submit("demo", message="Call me", **told)
    qualify_due(office.ports)
    deliver(office.ports)
    return f"/h/{office.one('SELECT token FROM handoff').token}"


def stage(office: Office) -> str:
    return str(office.one("SELECT stage FROM lead").stage)


def test_the_brief_says_who_why_and_by_when(visitor: Visitor, link: str) -> None:
    page = visitor.get(link).text
    for told in ("Mona &lt;i&gt; Berg", "Mill &amp; Sons", "Call me", "Asked for a person (demo)", "09:05 UTC",
                 'href="tel:+4722', "Not ready yet", "Can be reached"):  # fmt: skip
        assert told in page


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_that_follows_every_link_decides_nothing(
    office: Office, visitor: Visitor, link: str, method: str
) -> None:
    for path in (link, f"{link}/accept", f"{link}/reject?reason=wrong_fit"):
        assert visitor.request(method, path).status_code in (200, 405)
    assert office.one("SELECT state FROM handoff").state == "offered"
    assert stage(office) == "sql"


def test_accept(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.post(f"{link}/accept")
    assert page.status_code == 200
    assert "Thank you, that is noted." in page.text
    assert "Accepted by Kari Lund" in page.text
    assert "/accept" not in page.text
    assert stage(office) == "opportunity"


def test_a_second_answer_says_who_gave_the_first_and_changes_nothing(
    office: Office, visitor: Visitor, link: str
) -> None:
    visitor.post(f"{link}/accept")
    for path in ("accept", "reject"):
        page = visitor.post(f"{link}/{path}", data={"reason": "wrong_fit"})
        assert page.status_code == 200
        assert "This was answered before, and that answer stands." in page.text
        assert "Accepted by Kari Lund" in page.text
    assert stage(office) == "opportunity"
    assert len(office.rows("SELECT 1 FROM transition WHERE to_stage = 'opportunity'")) == 1


def test_reject_with_a_reason_recycles_on_its_date(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.post(f"{link}/reject", data={"reason": "not_ready", "note": "call\r\nin May\x00"})
    assert "Rejected by Kari Lund" in page.text
    assert "Not ready yet. Nurture starts again Mon 1 Jun" in page.text
    row = office.one("SELECT state, reason, note, decided_by FROM handoff")
    assert tuple(row) == ("rejected", "not_ready", "call in May", "kari")
    assert stage(office) == "recycled"
    trigger = office.one("SELECT due_at FROM lead_trigger WHERE name = 'handoff_rejected'")
    assert str(trigger.due_at)[:10] == "2026-06-01"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Please choose a reason."),
        ({"reason": "nonsense"}, "unknown reason"),
        ({"reason": "other"}, "needs a note"),
        ({"reason": "other", "note": "  "}, "needs a note"),
    ],
)
def test_an_answer_that_is_not_whole_is_asked_for_again(
    office: Office, visitor: Visitor, link: str, data: dict[str, str], told: str
) -> None:
    page = visitor.post(f"{link}/reject", data=data)
    assert page.status_code == 422
    assert told in page.text
    assert office.one("SELECT state FROM handoff").state == "offered"


@pytest.mark.parametrize("path", ["", "/accept", "/reject"])
def test_a_link_that_is_cut_off_leads_nowhere(visitor: Visitor, link: str, path: str) -> None:
    answer = visitor.post(f"{link[:-1]}{path}") if path else visitor.get(link[:-1])
    assert answer.status_code == 404
    assert "cut off" in answer.text
