"""What the site tells of its visitors: strangers are remembered, leads are known, and nobody is promoted by a flood."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.advance import tick
from nurture.content import load_project
from nurture.core.conditions import parse_condition
from nurture.engage import Folded, fold, receive
from nurture.engage.calls import read_calls
from nurture.engage.site import BROWSER, MOST_A_DAY, SERVER
from nurture.enroll import enroll
from nurture.gather import facts_of, read_leads
from nurture.handoff import qualify_due
from tests.core.agreements import TERMS
from tests.office import START, Office
from tests.support import make_ports, write_project

MONA = "mona@mill.example"
VISITS = {
    "pricing-page": {"about": "looked at the prices", "kind": "visited", "page": "/pricing", "points": 5,
                     "half_life_days": 14, "at_most": {"points": 10, "per": "day"}},
    "trial": {"about": "started a trial", "kind": "tracked", "events": ["trial_started"], "points": 8,
              "half_life_days": 14, "at_most": {"points": 8, "per": "day"}},
}  # fmt: skip


def tell(office: Office, *calls: dict[str, Any], by: str = BROWSER, **about: Any) -> Folded:
    """The site tells of these at once, and it is worked."""
    receive(office.ports, f"{by}:batch", json.dumps({"batch": calls} | about).encode())
    return fold(office.ports)


def page(path: str, anonymous: str = "a1", **more: Any) -> dict[str, Any]:
    return {"type": "page", "anonymousId": anonymous, "properties": {"path": path}, **more}


def track(event: str, anonymous: str = "a1", **more: Any) -> dict[str, Any]:
    return {"type": "track", "anonymousId": anonymous, "event": event, **more}


def identify(email: str = MONA, anonymous: str = "a1", **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "anonymousId": anonymous, "userId": "42", "traits": {"email": email} | traits}


def holds(office: Office, condition: str, lead: int = 1) -> bool:
    with office.database.reading() as connection:
        known = read_leads(connection, [lead], office.ports.project, office.clock.now())
    return parse_condition(condition).holds(facts_of(known, lead, office.ports.project, office.clock.now()))


def test_a_stranger_is_no_lead_and_its_visits_wait_for_it(office: Office) -> None:
    assert tell(office, page("/pricing?utm=x"), track("Trial Started")).events == 2
    assert office.rows("SELECT 1 FROM lead") == []
    rows = office.rows("SELECT kind, name, url, lead_id FROM event ORDER BY kind")
    assert [tuple(row) for row in rows] == [
        ("tracked", "trial_started", None, None),
        ("visited", None, "/pricing", None),
    ]


def test_who_says_who_it_is_has_done_all_that_before(office: Office) -> None:
    lead = office.add_lead()
    tell(office, page("/Pricing/"), track("trialStarted"))
    tell(office, identify(), page("/demo"))
    assert {row.lead_id for row in office.rows("SELECT lead_id FROM event")} == {lead}
    asked = ["visited('/pricing')", "visited('/demo')", "visited()", "did('trial_started')", "visited('/')"]
    assert [holds(office, one) for one in asked] == [True] * 5
    assert not holds(office, "visited('/price') or did('trial_ended')")


def test_a_browser_cannot_make_leads_and_a_server_can(office: Office) -> None:
    tell(office, identify(firstName="Mona"))
    assert office.rows("SELECT 1 FROM lead") == []
    assert office.rows("SELECT 1 FROM address") == []
    told = {"firstName": "Mona", "company": {"name": "Mill", "employee_count": 120}, "address": {"country": "Norway"}}
    tell(office, identify(**told, consent=True), by=SERVER)
    lead = office.one("SELECT first_name, company, employees, country, timezone, source, legal_ground FROM lead")
    assert tuple(lead) == ("Mona", "Mill", 120, "NO", "Europe/Oslo", "site", None)


def test_an_account_of_the_site_stays_the_lead_that_it_is(office: Office) -> None:
    tell(office, identify(), by=SERVER)
    tell(office, {"type": "track", "userId": "42", "event": "trial_started"})
    tell(office, {"type": "page", "userId": "42", "anonymousId": "another-browser", "properties": {"path": "/demo"}})
    tell(office, page("/help", "another-browser"))
    assert holds(office, "did('trial_started') and visited('/demo') and visited('/help')")


def test_what_the_server_says_of_an_account_no_browser_changes(office: Office) -> None:
    """Everybody can read the write key: with it nobody draws what an account does to another lead."""
    other = office.add_lead("ola@mill.example")
    tell(office, identify(anonymous="stranger", email="ola@mill.example"))
    tell(office, identify(), by=SERVER)
    mona = office.one("SELECT lead_id FROM visitor WHERE key = 'u:42'").lead_id
    assert mona != other
    tell(office, identify(anonymous="stranger", email="ola@mill.example"))
    tell(office, {"type": "track", "userId": "42", "event": "trial_started"}, by=SERVER)
    assert office.one("SELECT lead_id FROM event").lead_id == mona
    tell(office, identify("ola@mill.example"), by=SERVER)
    assert office.one("SELECT lead_id FROM visitor WHERE key = 'u:42'").lead_id == other


def test_where_no_server_speaks_the_last_browser_is_believed(here: Office) -> None:
    """What was made up first is mended by who comes."""
    mona, ola = here.add_lead(), here.add_lead("ola@mill.example")
    for email, lead in (("ola@mill.example", ola), (MONA, mona)):
        tell(here, identify(email))
        assert here.one("SELECT lead_id FROM visitor WHERE key = 'u:42'").lead_id == lead


def test_to_say_that_one_is_another_makes_no_one_of_two_leads(office: Office) -> None:
    """What the first did stays its own; and whoever reads the write key says nothing of anybody."""
    mona, ola = office.add_lead(), office.add_lead("ola@mill.example", first_name="Ola", title=None)
    tell(office, identify(), page("/pricing"))
    tell(office, identify("ola@mill.example", firstName="Eve", company="Evil", title="CEO"), page("/demo"))
    events = office.rows("SELECT lead_id, url FROM event ORDER BY url")
    assert [tuple(row) for row in events] == [(ola, "/demo"), (mona, "/pricing")]
    leads = office.rows("SELECT first_name, company, title FROM lead ORDER BY id")
    assert [tuple(row) for row in leads] == [("Mona", "Mill", None), ("Ola", "Mill", None)]
    addresses = office.rows("SELECT email, suppressed FROM address ORDER BY id")
    assert [tuple(row) for row in addresses] == [(MONA, None), ("ola@mill.example", None)]


def test_a_form_says_who_the_visitor_is(office: Office) -> None:
    tell(office, page("/guides/night-load"))
    office.submit("ebook", anonymousId="a1")
    assert holds(office, "visited('/guides') and submitted('ebook')")


def test_the_same_message_is_told_once_and_counts_once(office: Office) -> None:
    office.add_lead()
    calls = [identify(), track("trial_started", messageId="m1"), track("trial_started", messageId="m1")]
    assert tell(office, *calls).events == 1
    assert tell(office, *calls).repeated == 2
    assert len(office.rows("SELECT 1 FROM event")) == 1


def test_one_bad_call_does_not_keep_the_others(here: Office) -> None:
    here.add_lead()
    folded = tell(
        here,
        identify(phone="x" * 300, country="Atlantis"),
        {"type": "track"},
        7,  # type: ignore[arg-type]
        {"type": "group"},
        {"type": "track", "userId": "auth0|joe@internal", "event": "Trial Started"},
        page("/demo"),
        by=SERVER,
    )
    assert (folded.events, folded.faults) == (2, 4)
    assert here.one("SELECT state FROM inbox").state == "done"


def test_a_visitor_that_calls_itself_a_robot_counts_for_nothing(here: Office) -> None:
    here.add_lead()
    tell(here, identify(), page("/pricing", context={"userAgent": "Mozilla/5.0 HeadlessChrome/131.0"}))
    assert not holds(here, "visited()")


@pytest.mark.parametrize(
    ("by", "timestamp", "sent_at", "expected"),
    [
        (BROWSER, "2026-03-03T08:00:00Z", None, START - timedelta(hours=1)),
        (BROWSER, "2026-03-03T10:00:00Z", None, START),
        (BROWSER, "2026-03-02T10:00:00Z", None, START),
        (SERVER, "2026-03-02T10:00:00Z", None, START - timedelta(hours=23)),
        (SERVER, "2020-01-01T00:00:00Z", None, START.replace(year=2020, month=1, day=1, hour=0)),
        (BROWSER, "2031-01-01T00:00:00Z", "2031-01-01T00:00:07Z", START - timedelta(seconds=7)),
        (BROWSER, "yesterday", None, START),
    ],
    ids=[
        "offline for an hour",
        "ahead",
        "a browser's yesterday",
        "a server's yesterday",
        "a server's",
        "a clock that is years ahead",
        "no time",
    ],
)
def test_when_it_happened(here: Office, by: str, timestamp: str, sent_at: str | None, expected: object) -> None:
    calls, _ = read_calls(
        {"batch": [page("/", timestamp=timestamp)], "sentAt": sent_at}, "batch", START, trusted=by == SERVER
    )
    assert calls[0].at == expected


# --- what follows


def test_visits_score_up_to_their_cap_and_a_flood_promotes_nobody(database: Any, tmp_path: Any) -> None:
    """10,000 visits and events in a minute: what two visits and a trial give, and a day's limit of them is kept."""
    office = Office(database, tmp_path, signals=TERMS["signals"] | VISITS)
    office.add_lead(title="Managing Director", employees=120, industry="Food", country="NO")
    tell(office, identify())
    for batch in range(100):
        calls = [page("/pricing", messageId=f"{batch} {n}") for n in range(50)]
        calls += [track("Trial Started", messageId=f"{batch} t{n}") for n in range(50)]
        receive(office.ports, f"{BROWSER}:batch", json.dumps({"batch": calls}).encode())
    fold(office.ports)
    qualify_due(office.ports)
    assert office.one("SELECT COUNT(*) AS n FROM event").n == MOST_A_DAY
    assert office.one("SELECT engagement FROM score").engagement == 18
    assert office.one("SELECT stage FROM lead").stage == "iql"
    assert office.one("SELECT COUNT(*) AS n FROM lead_trigger WHERE name = 'trial_started'").n == 1


TRIAL = """
sequence: trial
title: Help to begin
owner: marketing
stage: mofu
enter: {trigger: trial_started}
steps: [{wait_for: "visited('/setup')", at_most: 5 days}, {email: tofu/two}]
send: {days: every day, between: 00:00-23:59, timezone: UTC}
"""


def test_an_event_brings_leads_in_and_a_visit_wakes_who_waits_for_it(here: Office, tmp_path: Any) -> None:
    write_project(
        tmp_path / "p", sequences={"trial": TRIAL}, templates=["tofu/two"], caps=[], signals=TERMS["signals"] | VISITS
    )
    here.ports = make_ports(here.database, here.clock, here.mailer, load_project(tmp_path / "p"))
    here.add_lead()
    tell(here, identify(), track("Trial Started"))
    assert enroll(here.ports).begun == {"trial": 1}
    tick(here.ports)
    here.pass_time(hours=1)
    before = here.one("SELECT due_at FROM enrollment").due_at
    tell(here, page("/setup"))
    qualify_due(here.ports)
    assert str(here.one("SELECT due_at FROM enrollment").due_at) < str(before)
    assert here.mail().to.address == MONA


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = st.sampled_from(["track", "page", "identify", "mona@mill.example", "/demo", "2026-03-03T08:00:00Z"])
KEYS = st.sampled_from(
    ["type", "userId", "anonymousId", "event", "traits", "properties", "context", "email", "path", "timestamp",
     "messageId", "company", "address", "url", "page", "sentAt", "country"]
)  # fmt: skip
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT | WORDS
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=8), max_leaves=20
)


@given(JSON)
def test_whatever_json_comes_it_is_read_or_told_apart(entry: Any) -> None:
    calls, faults = read_calls({"batch": [entry]}, "batch", START, trusted=True)
    assert len(calls) <= 1
    assert all(reason for _, reason in faults)


def test_what_is_told_of_somebody_in_several_calls_is_taken_together(office: Office) -> None:
    tell(office, identify(company="Mill & Co"), identify(title="Head of Energy", company="Other"), by=SERVER)
    row = office.one("SELECT company, title FROM lead")
    assert tuple(row) == ("Mill & Co", "Head of Energy")


def test_a_clock_that_goes_wrong_by_thousands_of_years_does_not_fail_the_rest(office: Office) -> None:
    told = {"timestamp": "0001-01-02T00:00:00Z", "sentAt": "9999-12-31T00:00:00Z"}
    assert tell(office, page("/one"), page("/two", **told), by=SERVER) == Folded(requests=1, events=2)
