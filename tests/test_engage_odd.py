"""Odd events: batches with one part that cannot be read, two who click in one second, drops, our own links."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from nurture import gates
from nurture.engage import fold, receive
from nurture.handoff import qualify_due
from nurture.mail import Email
from nurture.mail.sendgrid import read_events
from tests.office import Office

SCANNER = {"useragent": "python-requests/2.31", "ip": "203.0.113.99"}


def mailed(office: Office) -> Email:
    office.add_lead()
    return office.mail()


@pytest.mark.parametrize(
    "odd",
    [
        b'"half \\ud83d of a character"',
        b'"a bare\ttab"',
        b'"no utf-8 \xff\xc3"',
        b"NaN",
        b"1e999",
        b'NaN, "x": ' + b"9" * 5000,
        b'"\\u0000"',
    ],
)
def test_a_complaint_counts_whatever_stands_beside_it(office: Office, odd: bytes) -> None:
    """The provider does not send a batch again that was taken."""
    complaint = json.dumps(office.event(mailed(office), "spamreport", 9)).encode()
    receive(office.ports, "sendgrid", b'\xef\xbb\xbf[{"event": "open", "useragent": %s}, %s]' % (odd, complaint))
    folded = fold(office.ports)
    assert (folded.events, folded.faults) == (1, 1)
    assert office.one("SELECT suppressed FROM address").suppressed == "complaint"


def test_what_is_nested_beyond_all_measure_is_no_list_of_events() -> None:
    with pytest.raises(ValueError, match=r"nested|recursion|too deeply|far more"):
        read_events(b'[{"event": "open", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}]")


def test_a_person_and_a_scanner_in_the_same_second_are_two(here: Office) -> None:
    email = mailed(here)
    person, scanner = here.click(email, 4000), here.click(email, 4000) | SCANNER
    here.tell(person)
    here.tell(scanner, person, scanner)
    rows = here.rows("SELECT verdict FROM event WHERE kind = 'clicked' ORDER BY verdict")
    assert [row.verdict for row in rows] == ["human", "machine"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_verdicts_do_not_hang_on_who_is_told_of_first(here: Office, order: tuple[int, ...]) -> None:
    email = mailed(here)
    told = [here.click(email, 4000), here.click(email, 4000) | SCANNER, here.click(email, 9000, "/prices")]
    for place in order:
        here.tell(told[place])
    rows = here.rows("SELECT user_agent, verdict FROM event WHERE kind = 'clicked' ORDER BY occurred_at, verdict")
    assert [row.verdict for row in rows] == ["human", "machine", "human"]


@pytest.mark.parametrize(
    ("reason", "suppressed"),
    [
        ("Bounced Address", "hard_bounce"),
        ("Unsubscribed Address", "opt_out"),
        ("Spam Reporting Address", "complaint"),
        ("Spam Content", None),
        ("", None),
    ],
)
def test_whoever_the_provider_drops_mail_to_is_on_a_list_that_holds_here_too(
    office: Office, reason: str, suppressed: str | None
) -> None:
    office.tell(office.event(mailed(office), "dropped", 5, reason=reason))
    assert office.one("SELECT suppressed FROM address").suppressed == suppressed
    with office.database.reading() as connection:
        assert gates.closed(connection, office.clock.now()) == {}


def test_over_the_providers_quota_nothing_more_is_mailed_until_a_person_has_looked(office: Office) -> None:
    office.tell(office.event(mailed(office), "dropped", 5, reason="Recipient List over Package Quota"))
    with office.database.reading() as connection:
        [(gate, why)] = gates.closed(connection, office.clock.now()).items()
    assert "sendgrid" in gate and "over_quota" in why
    assert office.one("SELECT suppressed FROM address").suppressed is None


@pytest.mark.parametrize("path", ["/u/{token}", "/a/{token}/budget/yes", "/c/{token}"])
def test_who_opts_out_or_answers_has_not_read_what_is_behind_a_link(here: Office, path: str) -> None:
    """And the token, by which anybody could answer, is not kept with the click."""
    email = mailed(here)
    token = here.one("SELECT token FROM address").token
    here.tell(click_on(here, email, here.ports.public_url + path.format(token=token)))
    here.pass_time(days=1)
    qualify_due(here.ports)
    row = here.one("SELECT url, verdict, counts_at FROM event WHERE kind = 'clicked'")
    assert (row.verdict, row.counts_at) == ("human", None)
    assert token not in row.url
    assert not [row for row in here.rows("SELECT engagement FROM score") if row.engagement]


def test_a_page_of_another_site_under_such_a_path_is_a_page(here: Office) -> None:
    here.tell(click_on(here, mailed(here), "https://acme.example/u/guides"))
    assert here.one("SELECT counts_at FROM event WHERE kind = 'clicked'").counts_at is not None


def click_on(office: Office, email: Email, url: str) -> dict[str, Any]:
    return office.click(email, timedelta(hours=2).total_seconds()) | {"url": url}
