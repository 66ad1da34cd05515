"""What docs/coverage.md lists and no other file tests by itself: one person by many doors, no calls, two pains."""

from __future__ import annotations

import io
import json

import pytest

from nurture.engage import fold, receive
from nurture.engage.inbox import DEALS
from nurture.handoff import qualify_due
from nurture.leads import import_leads
from tests.engine.conftest import HEAD, Company, company
from tests.mail.inbound_samples import posted, raw
from tests.office import Office

__all__ = ["company"]


WRITINGS = [
    "MONA@MILL.example",
    "  mona@mill.example ",
    "Mona@Mill.Example",
    "mona+fair@mill.example",
    " Mona+2026@MILL.example ",
]


@pytest.mark.parametrize("written", WRITINGS)
def test_one_person_by_every_door_is_one_lead_with_all_it_did(office: Office, written: str) -> None:
    """Statement 27: by a file, a form, the site, the CRM and a mail, in any writing of the address and under any tag;
    what it did comes together, and mail goes to the address that came first."""
    file = io.BytesIO(f'Email,First name,Lead source\n"{written}",Mona,Ebook\n'.encode())
    found = import_leads(office.database, office.clock, file, file="fair.csv", new_token=office.ports.new_id)
    assert (found.created, found.faults) == (1, [])
    office.pass_time(days=1)
    office.submit("pricing", written.upper(), company="Mill AS")
    office.submit("webinar", "Mona+News@mill.example")
    told = json.dumps({"anonymousId": "a1", "userId": "42", "traits": {"email": " MONA@mill.example", "title": "CTO"}})
    receive(office.ports, "site:server:identify", told.encode())
    receive(office.ports, "site:browser:page", b'{"anonymousId": "a1", "properties": {"path": "/pricing"}}')
    receive(
        office.ports, DEALS, b'{"batch": [{"external_id": "D1", "email": "mona+crm@mill.example", "state": "open"}]}'
    )
    receive(office.ports, "inbound", posted(raw("Who are you?", sender="mona+phone@mill.example")))
    fold(office.ports)
    lead = office.one("SELECT l.*, a.email FROM lead l JOIN address a ON a.id = l.address_id")
    assert lead.email == written.strip().lower()
    assert (lead.first_name, lead.company, lead.title, lead.source) == ("Mona", "Mill AS", "CTO", "ebook")
    acts = office.rows("SELECT lead_id, name, url FROM event ORDER BY occurred_at, name, url")
    assert [tuple(act) for act in acts if act.name] == [
        (lead.id, name, None) for name in ("ebook", "pricing", "webinar")
    ]
    assert [tuple(act) for act in acts if act.url] == [(lead.id, None, "/pricing")]
    others = office.rows("SELECT lead_id FROM opportunity UNION ALL SELECT lead_id FROM reply")
    assert [row.lead_id for row in others] == [lead.id, lead.id]


@pytest.mark.parametrize("said", ["yes", "TRUE", "x", "2026-02-01"])
def test_who_wants_no_calls_in_a_file_reaches_no_rep_though_it_asks_for_one(office: Office, said: str) -> None:
    """Statement 84: whatever a list has in that column but a no; nothing that comes later takes it back."""
    for cell in (said, "", "no"):
        file = io.BytesIO(f"Email,Company,Legal ground,Do not call\nmona@mill.example,Mill,consent,{cell}\n".encode())
        import_leads(office.database, office.clock, file, file="list.csv", new_token=office.ports.new_id)
    assert office.one("SELECT no_sales_contact FROM lead").no_sales_contact
    office.submit("demo")
    qualify_due(office.ports)
    assert office.rows("SELECT id FROM handoff") == []
    assert office.rows("SELECT id FROM outbox WHERE kind = 'sales_alert'") == []
    lead = office.one("SELECT a.suppressed, l.legal_ground FROM lead l JOIN address a ON a.id = l.address_id")
    assert (lead.suppressed, lead.legal_ground) == (None, "consent")


def test_who_says_so_in_a_form_reaches_no_rep_and_whoever_says_no_to_the_question_does(office: Office) -> None:
    """Statement 84: a box in a form that was ticked; left empty it means nothing."""
    office.submit("ebook", "mona@mill.example", no_sales_contact="on")
    office.submit("ebook", "lars@mill.example", no_sales_contact="no")
    for address in ("mona@mill.example", "lars@mill.example"):
        office.submit("call-me", address, first_name="Kim", company="Mill", phone="+47 22 33")
    qualify_due(office.ports)
    handed = office.rows(
        "SELECT a.email FROM handoff h JOIN lead l ON l.id = h.lead_id JOIN address a ON a.id = l.address_id"
    )
    assert [row.email for row in handed] == ["lars@mill.example"]


def test_two_pains_lead_to_two_tracks_and_nobody_knows_to_a_third(company: Company) -> None:
    """Statement 89: what a lead wants to solve, as it answered, decides what it reads."""
    company.write(
        "pains",
        HEAD.format(name="pains")
        + """steps:
  - wait: 1 day
  - branch:
      - when: lead.need == 'peaks'
        steps: [{email: tofu/one}]
      - when: lead.need == 'night load'
        steps: [{email: tofu/two}]
      - otherwise: [{exit: has not said what it wants}]
""",
    )
    company.add_leads(3)
    with company.database.transaction("answer") as connection:
        for lead, need in ((1, "peaks"), (2, "night load")):
            connection.exec_driver_sql(
                "INSERT INTO answer (lead_id, question, value, answered_at, source)"
                f" VALUES ({lead}, 'need', '{need}', '2026-03-03 09:00:00+00:00', 'poll')"
            )
    company.tick(days=1)
    sent = """SELECT m.lead_id, m.template FROM message m JOIN enrollment e ON e.id = m.enrollment_id
        WHERE e.sequence = 'pains' ORDER BY m.lead_id"""
    assert company.rows(sent) == [(1, "tofu/one"), (2, "tofu/two")]
    assert company.one("SELECT reason FROM enrollment WHERE lead_id = 3 AND sequence = 'pains'") == (
        "has not said what it wants"
    )
