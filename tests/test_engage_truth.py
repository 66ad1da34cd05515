"""Engagement as it is believed in the end: the same for any order of events, and never a scanner's."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture.cli.dossier import show_history
from nurture.content import load_project
from nurture.content.samples import SAMPLE_LEADS
from nurture.core.links import TRAP
from nurture.core.verdict import Hit
from nurture.engage import fold, receive
from nurture.handoff import qualify_due
from nurture.history import history
from nurture.mail import Email
from nurture.render import compose
from nurture.web import create_app
from tests.core.clickers import DELIVERED, crowd
from tests.mail.fake_sendgrid import Event, disorder, wire
from tests.office import BROWSER, Office
from tests.support import sample_project
from tests.web.conftest import Visitor

#: mails, and events of them all
MAILS, EVENTS = 200, 20_000

_STATE = (
    "SELECT key, lead_id, message_id, kind, occurred_at, url, ip, verdict, because, counts_at FROM event ORDER BY key",
    "SELECT id, suppressed, suppressed_until FROM address ORDER BY id",
    "SELECT id, state, step, reason FROM enrollment ORDER BY id",
    "SELECT id, state FROM message ORDER BY id",
    "SELECT id, state FROM attempt ORDER BY id",
    "SELECT lead_id, fit, engagement, grade, intent, due_at FROM score ORDER BY lead_id",
)


def state(office: Office) -> list[list[tuple[Any, ...]]]:
    return [[tuple(row) for row in office.rows(sql)] for sql in _STATE]


def world(root: Path, environment: str) -> tuple[Office, list[Email]]:
    database = Database("sqlite://")
    database.create()
    office = Office(database, root)
    with database.transaction("rename") as connection:
        connection.exec_driver_sql("UPDATE installation SET environment = ?", (environment,))
    office.environment = environment
    with_links(office, "/0", "/1", "/2")
    for n in range(MAILS):
        office.add_lead(f"lead{n}@mill.example")
    office.mail()
    return office, office.mailer.emails[:MAILS]


def with_links(office: Office, *paths: str) -> None:
    """Each mail has links to these pages of the site."""
    root = office.ports.project.root
    links = "".join(f'<a href="https://acme.example{path}">More</a>' for path in paths)
    for page in (root / "templates").glob("tofu/*.html"):
        page.write_text(page.read_text().replace("<p>", f"<p>{links}", 1))
    office.ports = replace(office.ports, project=load_project(root))


def story(office: Office, emails: list[Email]) -> list[Event]:
    """Deliveries, deferrals, opens, what readers and scanners click, some complaints and bounces."""
    rng, events = random.Random(4), list[Event]()
    for email, (_, mail) in zip(emails, crowd(4, len(emails)), strict=True):
        events += [office.event(email, "processed", -2), office.event(email, "delivered", 0)]
        events += [clicked(office, email, hit) for hit in (*mail.people, *mail.machines)]
        events += [office.event(email, "spamreport", 9000)] * (rng.random() < 0.02)
        events += [office.event(email, "bounce", 5, type="blocked", reason="452 full")] * (rng.random() < 0.1)
    while len(events) < EVENTS:
        email = rng.choice(emails)
        kind = rng.choice(("open", "open", "deferred"))
        events.append(
            office.event(email, kind, rng.randint(0, 500_000), response="later" if kind == "deferred" else "")
        )
    return events


def clicked(office: Office, email: Email, hit: Hit) -> Event:
    after = (hit.at - DELIVERED).total_seconds()
    return office.event(email, "click", after, url=hit.url, useragent=hit.user_agent, ip=hit.ip)


def tell(office: Office, events: list[Event], size: int = 500) -> None:
    for start in range(0, len(events), size):
        receive(office.ports, "sendgrid", wire(events[start : start + size]))
    assert fold(office.ports).faults == 0


def test_twenty_thousand_events_doubled_and_shuffled_end_where_the_ordered_ones_do(tmp_path: Path) -> None:
    plain, emails = world(tmp_path, "same")
    events = story(plain, emails)
    assert len(events) == EVENTS
    tell(plain, sorted(events, key=lambda event: int(event["timestamp"])))
    wild, again = world(tmp_path, "same")
    assert [email.attempt_id for email in again] == [email.attempt_id for email in emails]
    tell(wild, disorder(events, random.Random(1), copies=2), size=700)
    for office in (plain, wild):
        office.pass_time(days=1)
        qualify_due(office.ports)
    assert state(wild) == state(plain)
    verdicts = {row.verdict for row in wild.rows("SELECT verdict FROM event WHERE kind = 'clicked'")}
    assert {"human", "machine"} <= verdicts


# --- scanners


_LINK = re.compile(r'href="(https?://[^"]+)"')


def shipped_mails(here: Office) -> Iterator[tuple[str, list[str]]]:
    """Each mail of the sample project with its links, for a lead of this office."""
    project = sample_project()
    token = here.one("SELECT token FROM address").token
    for name in project.templates.names():
        if name.partition("/")[0] in ("alerts", "pages"):
            continue
        mail = compose(
            project,
            template=name,
            lead=next(iter(SAMPLE_LEADS.values())),
            message_id="1",
            unsubscribe_url=f"https://nurture.acme.example/u/{token}",
        )
        yield name, list(dict.fromkeys(link.replace("&amp;", "&") for link in _LINK.findall(mail.html)))


def test_each_shipped_mail_has_one_link_that_no_reader_sees(here: Office) -> None:
    here.add_lead()
    mails = dict(shipped_mails(here))
    assert len(mails) > 15
    for name, links in mails.items():
        assert [link for link in links if link.endswith(TRAP)] == [f"https://nurture.acme.example{TRAP}"], name


def test_a_scanner_that_gets_every_link_of_every_mail_changes_nothing(here: Office) -> None:
    """No opt-out, no score, no branch, no promotion: by what it fetches from us, and by what the provider tells."""
    here.add_lead(company="Mill", title="CEO", employees=80, industry="food", country="NO")
    email = here.mail()
    qualify_due(here.ports)
    before = state(here)[1:]
    stage = here.one("SELECT stage FROM lead")
    visitor = Visitor(create_app(here.ports, webhook_keys=()))
    rng, at = random.Random(2), 30
    for name, links in shipped_mails(here):
        for link in links:
            if link.startswith("https://nurture.acme.example"):
                path = link.removeprefix("https://nurture.acme.example")
                assert visitor.get(path).status_code == visitor.request("HEAD", path).status_code == 200, (name, link)
        # all at once, or one after the other: the hidden link gives it away then
        pause = rng.choice((0, 0, 7))
        here.tell(
            *(
                here.event(email, "click", at + pause * n, url=link, useragent=BROWSER, ip="203.0.113.7")
                for n, link in enumerate(links)
            )
        )
        at += 3600
    here.pass_time(days=3)
    assert qualify_due(here.ports) == 0
    assert {row.verdict for row in here.rows("SELECT verdict FROM event")} == {"machine"}
    assert here.rows("SELECT 1 FROM event WHERE counts_at IS NOT NULL") == []
    assert state(here)[1:] == before
    assert here.one("SELECT stage FROM lead") == stage


def test_the_hidden_link_gives_away_what_else_its_follower_did(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    office.tell(office.event(email, "delivered", 1), office.click(email, 700, "/prices"))
    assert office.one("SELECT verdict FROM event WHERE kind = 'clicked'").verdict == "human"
    trap = replace(Hit(b"", DELIVERED, f"https://nurture.acme.example{TRAP}"), user_agent=BROWSER)
    office.tell(office.event(email, "click", 740, url=trap.url, useragent=BROWSER, ip="203.0.113.7"))
    assert {row.verdict for row in office.rows("SELECT verdict FROM event WHERE kind = 'clicked'")} == {"machine"}
    assert office.rows("SELECT 1 FROM event WHERE counts_at IS NOT NULL") == []


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_a_careful_gateway_is_a_machine_whatever_its_lead_does_later(office: Office, order: tuple[int, ...]) -> None:
    """It leaves the hidden link alone and follows the others one by one; how many there are is known of each mail."""
    with_links(office, "/guide", "/prices", "/guide?utm_source=mail")
    office.add_lead()
    email = office.mail()
    assert office.one("SELECT links FROM message").links == 2
    told = [
        office.event(email, "delivered", 1),
        office.click(email, 42, "/guide"),
        office.click(email, 44, "/prices"),
        office.event(email, "click", 90_000, url="https://acme.example/prices", useragent=BROWSER, ip="198.51.100.9"),
    ]
    for place in order:
        office.tell(told[place])
    verdicts = office.rows("SELECT verdict, because FROM event WHERE kind = 'clicked' ORDER BY occurred_at")
    assert [row.verdict for row in verdicts] == ["machine", "machine", "human"]
    assert "went through all links of the mail in one go" in verdicts[0].because


def test_who_follows_one_of_two_links_soon_is_believed_when_a_form_comes(here: Office) -> None:
    with_links(here, "/guide", "/prices")
    here.add_lead()
    email = here.mail()
    here.tell(here.event(email, "delivered", 1), here.click(email, 42, "/guide"))
    assert here.one("SELECT verdict FROM event WHERE kind = 'clicked'").verdict == "suspect"
    here.pass_time(hours=2)
    here.submit("ebook")
    assert here.one("SELECT verdict FROM event WHERE kind = 'clicked'").verdict == "human"


def test_a_lead_is_shown_with_the_clicks_of_people_and_those_of_machines(
    here: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    lead = here.add_lead()
    email = here.mail()
    burst = [here.click(email, 43, f"/{n}") for n in range(9)]
    here.tell(
        here.event(email, "delivered", 1),
        *burst,
        here.event(email, "click", 9000, url="https://acme.example/prices", useragent=BROWSER, ip="198.51.100.9"),
    )
    show_history(history(here.database, lead), str)
    assert "1 (machine: 9)" in capsys.readouterr().out


def test_a_change_of_the_account_is_named_where_it_stopped_the_mail(
    here: Office, caplog: pytest.LogCaptureFixture
) -> None:
    here.tell({"event": "account_status_change", "type": "compliance_suspend", "timestamp": 1772528400})
    reason = here.one("SELECT reason FROM gate WHERE name = 'mailer:sendgrid'").reason
    assert reason == "the provider changed the status of our account (compliance_suspend)"
    assert "compliance_suspend" in caplog.text
