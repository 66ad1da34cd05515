"""Who asks for a person in vain is told to marketing, once a day, and stands in the status; never to a rep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import text

from nurture.alerts import deliver
from nurture.core.channels import Channel
from nurture.handoff import qualify_due, reject
from nurture.status import status
from tests.office import Office

MARKETING = "marketing@acme.example"
KNOWN = {"title": "CEO", "employees": 120, "industry": "Food", "country": "NO"}


def told(office: Office) -> list[tuple[str, str]]:
    """Alerts that go out now: to whom, and what they say."""
    deliver(office.ports)
    alerts = [(email.to.address, email.text) for email in office.alerts]
    office.mailer.emails.clear()
    return alerts


def asks(office: Office, email: str = "mona@mill.example", **fields: Any) -> None:
    office.submit("demo", email, **{"first_name": "Mona", "company": "Mill", **fields})
    qualify_due(office.ports)


def listed(office: Office) -> list[tuple[str, str]]:
    return [(one.what, one.do) for one in status(office.ports, office.clock.now()).todo if "asked" in one.what]


def with_marketing(office: Office, *channels: Channel, address: str | None = MARKETING) -> Office:
    config = office.ports.project.config.model_copy(update={"alert_to": address, "alerts": channels})
    office.ports = replace(office.ports, project=replace(office.ports.project, config=config))
    return office


def rule_out(office: Office) -> None:
    """Sales got it, and wants it never again."""
    asks(office)
    told(office)
    reject(office.ports, 1, "kari", "wrong_fit")
    told(office)
    office.pass_time(days=2)


def test_a_lead_that_was_ruled_out_and_asks_again_is_decided_upon_and_told_of(office: Office) -> None:
    with_marketing(office)
    rule_out(office)
    asks(office)
    decision = office.rows("SELECT outcome, because FROM decision ORDER BY id")[-1]
    assert tuple(decision) == (None, '"Is someone we want to sell to" is no (it was ruled out before)')
    assert office.one("SELECT stage FROM lead").stage == "disqualified"
    assert told(office) == []
    office.pass_time(days=1, hours=1)
    [(to, words)] = told(office)
    assert to == MARKETING
    assert "Lead 1" in words
    assert "it was ruled out before" in words
    assert "nurture leads explain 1" in words
    assert "Mona" not in words
    office.pass_time(days=3)
    assert told(office) == []


def test_one_note_a_day_names_all_of_them(office: Office) -> None:
    with_marketing(office)
    asks(office, "x@rival.example")
    asks(office, "s@uni.example", title="Student")
    lead = office.add_lead("no@mill.example", **KNOWN)
    with office.database.transaction("said so") as connection:
        connection.execute(text("UPDATE lead SET no_sales_contact = TRUE WHERE id = :id"), {"id": lead})
    asks(office, "no@mill.example")
    office.pass_time(days=1, hours=1)
    [(to, words)] = told(office)
    assert to == MARKETING
    for reason in ("works for a competitor", "studies and does not buy", "Did not ask sales to stay away"):
        assert reason in words
    assert office.rows("SELECT id FROM handoff") == []


def test_nothing_else_that_it_does_tells_of_the_same_request_again(office: Office) -> None:
    with_marketing(office)
    asks(office, "x@rival.example")
    office.pass_time(days=1, hours=1)
    assert len(told(office)) == 1
    office.submit("ebook", "x@rival.example")
    qualify_due(office.ports)
    assert len(office.rows("SELECT id FROM decision")) == 1
    office.pass_time(days=1, hours=1)
    assert told(office) == []
    asks(office, "x@rival.example")
    office.pass_time(days=1, hours=1)
    assert len(told(office)) == 1


def test_what_sales_heard_before_it_ruled_the_lead_out_is_no_news(office: Office) -> None:
    with_marketing(office)
    rule_out(office)
    office.submit("ebook")
    qualify_due(office.ports)
    assert [row.outcome for row in office.rows("SELECT outcome FROM decision")] == ["sql"]
    assert listed(office) == []


def test_the_status_names_them_for_a_week_whether_or_not_anybody_is_mailed(office: Office) -> None:
    asks(office, "x@rival.example")
    asks(office, "y@rival.example")
    what = "2 leads asked for a person in the last 7 days and were turned down: 1, 2"
    assert listed(office) == [(what, "nurture leads explain 1")]
    office.pass_time(days=1, hours=1)
    assert told(office) == []
    assert listed(office) == [(what, "nurture leads explain 1")]
    office.pass_time(days=7)
    assert listed(office) == []


def test_who_was_handed_over_after_all_is_on_no_list(office: Office) -> None:
    with_marketing(office)
    asks(office, "s@uni.example", title="Student")
    office.pass_time(hours=1)
    with office.database.transaction("asked on the phone") as connection:
        connection.execute(text("UPDATE lead SET title = 'Managing Director'"))
    asks(office, "s@uni.example")
    assert office.one("SELECT stage FROM lead").stage == "sql"
    assert listed(office) == []
    told(office)
    office.pass_time(days=1, hours=1)
    assert [to for to, words in told(office) if to == MARKETING] == []


def test_of_the_chat_channels_only_marketings_own_tells_of_it(office: Office) -> None:
    names = ("marketing", "team", "manager", "kari")
    with_marketing(office, *(Channel.model_validate({"name": n, "for": n, "about": ["note"]}) for n in names))
    asks(office, "x@rival.example")
    office.pass_time(days=1, hours=1)
    assert [to for to, _ in told(office)] == [MARKETING]
    rows = office.rows("SELECT payload ->> 'channel' AS name FROM outbox WHERE kind = 'channel_alert'")
    assert [row.name for row in rows] == ["marketing"]


def test_marketing_without_an_address_reads_it_in_its_chat_channel(office: Office) -> None:
    channel = Channel.model_validate({"name": "marketing", "for": "marketing", "about": ["note"]})
    with_marketing(office, channel, address=None)
    asks(office, "x@rival.example")
    office.pass_time(days=1, hours=1)
    assert told(office) == []
    rows = office.rows("SELECT kind, state FROM outbox ORDER BY id")
    assert rows == [("turned_down_alert", "delivered"), ("channel_alert", "pending")]
