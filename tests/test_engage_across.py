"""What shows only across mails: gateways that come to many at once, domains that are scanned. And what never counts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.database import Database
from nurture.content import load_project
from nurture.engage import domains, fold, receive
from nurture.handoff import qualify_due
from nurture.mail import Email
from nurture.quiet import let_go
from tests.core.clickers import office_at_nine, office_in_a_hurry, one_gateway, scanned, scanned_single_links
from tests.mail.fake_sendgrid import Event, wire
from tests.office import BROWSER, Office
from tests.support import START
from tests.test_engage_truth import clicked

GATEWAY = "203.0.113.80"
LEADS = 12

_VERDICTS = """
    SELECT key, lead_id, message_id, url, ip, verdict, because, counts_at, crowd FROM event
    WHERE kind = 'clicked' ORDER BY key
    """


def mailed(office: Office, leads: int = LEADS, domain: str = "mill.example") -> list[Email]:
    """One mail to each of so many leads of one company."""
    before = len(office.mailer.emails)
    for n in range(leads):
        office.add_lead(f"lead{n}@{domain}")
    office.mail()
    return office.mailer.emails[before:]


def click(office: Office, email: Email, after: float, ip: str = GATEWAY, agent: str = BROWSER) -> Event:
    return office.event(email, "click", after, url="https://acme.example/guide", useragent=agent, ip=ip)


def kinds(office: Office) -> list[str]:
    return [row.verdict for row in office.rows("SELECT verdict FROM event WHERE kind = 'clicked' ORDER BY occurred_at")]


def know(office: Office, made_at: datetime, scans: bool, domain: str = "mill.example") -> None:
    with office.database.transaction("know") as connection:
        row = {"domain": domain, "made_at": made_at, "machine": 30 * scans, "human": 2, "scans": scans}
        connection.execute(domains._PUT_DOWN, row)


# --- crowds


def test_the_fifth_recipient_makes_a_crowd_of_all_whoever_is_told_of_last(office: Office) -> None:
    emails = mailed(office)
    for n, email in enumerate(emails[:4]):
        office.tell(click(office, email, 900 + 25 * n))
    assert kinds(office) == ["human"] * 4
    office.tell(click(office, emails[4], 1000))
    assert kinds(office) == ["suspect"] * 5
    assert office.rows("SELECT 1 FROM event WHERE counts_at IS NOT NULL") == []
    because = "one program opened mails of five or more leads within two minutes"
    assert {row.because for row in office.rows("SELECT because FROM event")} == {because}


def test_five_recipients_need_one_caller_and_two_minutes(here: Office) -> None:
    emails = mailed(here)
    here.tell(*(click(here, email, 900 + 31 * n) for n, email in enumerate(emails[:5])))
    here.tell(*(click(here, email, 5000 + n, ip=f"198.51.100.{n}") for n, email in enumerate(emails[5:10])))
    here.tell(*(click(here, emails[10], 9000 + 25 * n) for n in range(5)))
    assert set(kinds(here)) == {"human"}


def test_a_late_click_completes_a_crowd_of_long_ago(here: Office) -> None:
    emails = mailed(here)
    here.tell(*(click(here, email, 900 + n) for n, email in enumerate(emails[:4])))
    here.pass_time(days=3)
    qualify_due(here.ports)
    here.tell(click(here, emails[4], 950))
    assert kinds(here) == ["suspect"] * 5
    now = here.clock.now().isoformat(" ", "microseconds").removesuffix("+00:00")
    assert {row.due_at for row in here.rows("SELECT due_at FROM score WHERE lead_id <= 4")} == {now}


def test_who_of_a_crowd_comes_back_is_believed(here: Office) -> None:
    emails = mailed(here)
    here.tell(*(click(here, email, 900 + n) for n, email in enumerate(emails[:6])))
    here.tell(click(here, emails[0], 9000))
    assert here.submit("ebook", "lead1@mill.example").events == 1
    judged = here.rows("SELECT lead_id, verdict FROM event WHERE kind = 'clicked' ORDER BY lead_id, occurred_at")
    assert [tuple(row) for row in judged][:3] == [(1, "human"), (1, "human"), (2, "suspect")]


def test_a_form_after_the_crowd_clears_it(here: Office) -> None:
    emails = mailed(here)
    here.tell(*(click(here, email, 900 + n) for n, email in enumerate(emails[:6])))
    here.pass_time(hours=1)
    here.submit("ebook", "lead1@mill.example")
    assert kinds(here).count("human") == 1


def test_where_nobody_clicks_nobody_is_asked_about(here: Office) -> None:
    """Folding deliveries and opens costs no look at clicks."""
    email = mailed(here, 1)[0]
    asked = list[str]()
    with here.database.engine.connect() as connection:
        real = connection.engine.dialect.do_execute

        def spy(cursor: Any, statement: str, parameters: Any, context: Any = None) -> Any:
            asked.append(statement)
            return real(cursor, statement, parameters, context)

        connection.engine.dialect.do_execute = spy  # type: ignore[method-assign]
    here.tell(here.event(email, "processed", 1), here.event(email, "open", 3))
    assert asked
    assert not [statement for statement in asked if "stretch" in statement or "crowd" in statement]


# --- domains


def judged_mails(office: Office, emails: list[Email], machines: int, people: int) -> None:
    """So many mails in which a machine was caught, and so many that were read."""
    told = [
        office.event(email, "click", 300 + n, url=f"https://acme.example/{n}", useragent=BROWSER, ip=f"192.0.2.{at}")
        for at, email in enumerate(emails[:machines])
        for n in range(3)
    ]
    read = [click(office, email, 7200 + 300 * n) for n, email in enumerate(emails[machines : machines + people])]
    office.tell(*told, *read)


@pytest.mark.parametrize(
    ("domain", "machines", "people", "scans"),
    [
        ("mill.example", 18, 6, 1),
        ("mill.example", 12, 12, 0),
        # too few mails to say
        ("mill.example", 17, 2, 0),
        ("gmail.com", 22, 2, 0),
        ("hotmail.de", 22, 2, 0),
    ],
)
def test_a_domain_is_known_once_most_mails_to_it_are_scanned(
    here: Office, domain: str, machines: int, people: int, scans: int
) -> None:
    judged_mails(here, mailed(here, machines + people, domain), machines, people)
    here.pass_time(days=1)
    assert domains.learn(here.ports) == scans
    assert domains.learn(here.ports) == 0, "nothing new is known"
    rows = here.rows("SELECT domain, machine, human FROM domain_prior")
    assert [tuple(row) for row in rows] == [("mill.example", machines, people)] * scans


def test_a_domain_of_two_people_is_not_put_down(here: Office) -> None:
    for n in range(2):
        here.add_lead(f"lead{n}@mill.example")
    with here.database.transaction("many mails") as connection:
        for n in range(1, 61):
            connection.exec_driver_sql(
                "INSERT INTO enrollment (id, lead_id, sequence, version, state, since, why, entered_at, fence, pinned) "
                "VALUES (?1, ?2, ?3, 'v', 'done', '2026-03-03', '', '2026-03-03', 0, FALSE)",
                (n, 1 + n % 2, f"s{n}"),
            )
            connection.exec_driver_sql(
                "INSERT INTO message (id, enrollment_id, lead_id, step, template, state, planned_at) "
                "VALUES (?1, ?1, ?2, 'a', 'a', 'accepted', '2026-03-03')",
                (n, 1 + n % 2),
            )
            connection.exec_driver_sql(
                "INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, machine, verdict) "
                "VALUES (?, ?, ?, 'clicked', '2026-03-03 09:00:00', '2026-03-03 09:00:00', FALSE, 'machine')",
                (n.to_bytes(16, "big"), 1 + n % 2, n),
            )
    assert domains.learn(here.ports) == 0


def test_what_is_learnt_holds_for_later_clicks_and_changes_no_old_verdict(office: Office) -> None:
    emails = mailed(office, 26)
    judged_mails(office, emails[:24], 18, 6)
    office.tell(click(office, emails[24], 40_000))
    office.pass_time(days=1)
    assert domains.learn(office.ports) == 1
    office.tell(click(office, emails[25], 200_000))
    # judged again, and not by what was learnt since
    office.tell(office.event(emails[24], "delivered", 5))
    rows = office.rows("SELECT verdict, because FROM event WHERE kind = 'clicked' AND occurred_at > '2026-03-03 19:00'")
    assert [row.verdict for row in rows] == ["human", "suspect"]
    assert "a domain whose mail is scanned" in rows[1].because


def test_what_is_known_of_a_domain_does_not_prove_itself(here: Office) -> None:
    """The gateway was taken away: first clicks, doubted for the domain alone, are what shows it."""
    emails = mailed(here, 64)
    judged_mails(here, emails[:24], 18, 6)
    here.pass_time(days=1)
    assert domains.learn(here.ports) == 1
    here.tell(*(click(here, email, 200_000 + 300 * n) for n, email in enumerate(emails[24:])))
    assert kinds(here)[-40:] == ["suspect"] * 40
    here.pass_time(days=3)
    assert domains.learn(here.ports) == 1
    assert [bool(row.scans) for row in here.rows("SELECT scans FROM domain_prior ORDER BY made_at")] == [True, False]
    assert domains.learn(here.ports) == 0


def test_a_domain_goes_when_nobody_has_an_address_there_any_more(office: Office) -> None:
    office.add_lead("mona@mill.example")
    know(office, START, True)
    know(office, START, True, "gone.example")
    domains.learn(office.ports)
    assert {row.domain for row in office.rows("SELECT domain FROM domain_prior")} == {"mill.example"}


def test_scanners_of_ones_own_are_known_by_name_and_network(here: Office) -> None:
    path = here.ports.project.root / "nurture.yaml"
    own = {"agents": ["AcmeLinkCheck"], "networks": ["198.51.100.0/24", "2001:db8::/48"]}
    path.write_text(json.dumps({**json.loads(path.read_text()), "scanners": own}))
    here.ports = replace(here.ports, project=load_project(here.ports.project.root))
    a, b, c, d = mailed(here, 4)
    here.tell(
        click(here, a, 1000, ip="192.0.2.1", agent="Mozilla/5.0 (acmelinkcheck 3)"),
        click(here, b, 2000, ip="198.51.100.77"),
        click(here, c, 3000, ip="2001:db8:0:9::1"),
        click(here, d, 4000, ip="198.51.101.77"),
    )
    assert kinds(here) == ["machine", "machine", "machine", "human"]


# --- the whole


@pytest.fixture(scope="module")
def crowded_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, list[Email]]]:
    database = Database("sqlite://")
    database.create()
    office = Office(database, tmp_path_factory.mktemp("across"))
    emails = mailed(office, 40)
    know(office, START - timedelta(days=2), True)
    know(office, START + timedelta(seconds=600 - 3600), False)
    know(office, START + timedelta(seconds=1500 - 3600), True)
    yield office, emails
    database.close()


def story(office: Office, emails: list[Email], rng: random.Random) -> list[Event]:
    """Mails of companies of each kind, with what came back of them."""
    waiting, events = list(emails), [office.event(email, "delivered", 0) for email in emails]
    kinds = [one_gateway, scanned_single_links, office_at_nine, office_in_a_hurry]
    while waiting:
        for mail in rng.choice(kinds)(rng).mails[: rng.randint(5, 9)]:
            if waiting:
                extra = scanned(rng).machines if rng.random() < 0.1 else ()
                email = waiting.pop()
                events += [clicked(office, email, hit) for hit in (*mail.people, *mail.machines, *extra)]
    return events


def told(office: Office, events: list[Event], cuts: list[int]) -> list[tuple[Any, ...]]:
    """The verdicts in the end, when events come in this order, cut into requests there, some of them worked alone."""
    with office.database.transaction("anew") as connection:
        for table in ("event", "inbox_body", "inbox", "score"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    for n, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(events)], strict=True)):
        receive(office.ports, "sendgrid", wire(events[start:end]))
        if n % 3 == 0:
            fold(office.ports)
    assert fold(office.ports).faults == 0
    return [tuple(row) for row in office.rows(_VERDICTS)]


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6))
def test_order_repetition_delay_and_how_events_are_cut_change_the_verdict_on_no_mail(
    crowded_world: tuple[Office, list[Email]], seed: int
) -> None:
    office, emails = crowded_world
    rng = random.Random(seed)
    events = story(office, emails, rng)
    straight = told(office, sorted(events, key=lambda event: int(event["timestamp"])), [])
    wild = events + rng.sample(events, len(events) // 3)
    rng.shuffle(wild)
    cuts = sorted(rng.sample(range(1, len(wild)), rng.randint(1, 12)))
    assert told(office, wild, cuts) == straight
    assert {row[5] for row in straight} >= {"human", "suspect"}


# --- opens, and what a cleared click counts


def test_opens_are_kept_with_what_the_provider_says_of_them_and_count_for_nothing(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    office.tell(
        office.event(email, "delivered", 1),
        office.event(email, "open", 20, sg_machine_open=True),
        office.event(email, "open", 9000, sg_machine_open=False),
    )
    opens = office.rows("SELECT machine, verdict, counts_at FROM event WHERE kind = 'opened' ORDER BY occurred_at")
    assert [(bool(row.machine), row.verdict, row.counts_at) for row in opens] == [
        (True, None, None),
        (False, None, None),
    ]
    office.pass_time(days=1)
    qualify_due(office.ports)
    assert office.one("SELECT engagement FROM score").engagement == 0


def test_who_only_opens_is_quiet_and_is_let_go(here: Office) -> None:
    lead = here.add_lead()
    email = here.mail()
    with here.database.transaction("old mails") as connection:
        for n in range(6):
            connection.exec_driver_sql(
                "INSERT INTO message (enrollment_id, lead_id, step, template, state, planned_at) "
                "VALUES (1, ?, ?, 'tofu/one', 'accepted', '2026-03-03')",
                (lead, f"old-{n}"),
            )
            connection.exec_driver_sql(
                "INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, machine) VALUES "
                "(?1, ?2, (SELECT MAX(id) FROM message), 'delivered', ?3, ?3, FALSE)",
                (n.to_bytes(16, "big"), lead, "2026-06-01 09:00:00"),
            )
    here.pass_time(days=190)
    here.tell(here.event(email, "open", 189 * 86_400, sg_machine_open=False))
    assert let_go(here.ports) == 1


def test_a_click_that_is_cleared_later_counts_once_from_its_settling_time(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    click = office.click(email, 40)
    office.tell(office.event(email, "delivered", 1), click)
    assert kinds(office) == ["suspect"]
    office.pass_time(hours=3)
    for _ in range(2):
        office.submit("ebook")
        office.tell(click)
        office.pass_time(minutes=1)
    row = office.one("SELECT verdict, because, counts_at FROM event WHERE kind = 'clicked'")
    assert (row.verdict, row.because) == ("human", "within 60 seconds of delivery; but a person came later")
    settled = START + timedelta(seconds=40, minutes=office.ports.project.config.agreement.settle_minutes)
    assert str(row.counts_at)[:19] == str(settled)[:19]
    qualify_due(office.ports)
    points = office.one("SELECT engagement FROM score").engagement
    office.tell(click, office.event(email, "delivered", 1))
    qualify_due(office.ports)
    assert office.one("SELECT engagement FROM score").engagement == points
