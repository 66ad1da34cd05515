"""The event webhook: genuine events are stored before they are answered; everything else changes nothing."""

from __future__ import annotations

import logging
import random

import pytest

from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER
from nurture.web import create_app
from tests.mail.fake_sendgrid import Event, FakeSendGrid, disorder, wire
from tests.office import START, Office
from tests.web.conftest import Visitor

NOW = int(START.timestamp())


def post(visitor: Visitor, sendgrid: FakeSendGrid, *events: Event, timestamp: int = NOW) -> int:
    body, headers = sendgrid.webhook(events, timestamp)
    return visitor.post("/webhooks/sendgrid", content=body, headers=headers).status_code


def test_signed_events_are_stored_as_they_came_and_worked_at_once(
    office: Office, visitor: Visitor, sendgrid: FakeSendGrid
) -> None:
    office.add_lead()
    event = office.event(office.mail(), "unsubscribe")
    assert post(visitor, sendgrid, event) == 204
    row = office.one("SELECT source, body, state FROM inbox i JOIN inbox_body b ON b.id = i.id")
    assert (row.source, bytes(row.body), row.state) == ("sendgrid", wire([event]), "done")
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"


def test_repeated_and_disordered_deliveries_are_all_welcome(
    office: Office, visitor: Visitor, sendgrid: FakeSendGrid
) -> None:
    office.add_lead()
    email = office.mail()
    events = [office.event(email, kind, n) for n, kind in enumerate(["processed", "delivered", "open"])]
    for seed in range(3):
        assert post(visitor, sendgrid, *disorder(events, random.Random(seed), 2)) == 204
    assert len(office.rows("SELECT 1 FROM event")) == 3


def test_a_bad_event_in_a_signed_batch_is_no_reason_to_refuse_it(
    office: Office, visitor: Visitor, sendgrid: FakeSendGrid
) -> None:
    body, headers = b"[7, {}]", sendgrid.sign(b"[7, {}]", NOW)
    assert visitor.post("/webhooks/sendgrid", content=body, headers=headers).status_code == 204
    assert office.one("SELECT state FROM inbox").state == "done"


def test_whatever_is_not_signed_by_the_provider_is_refused_and_not_stored(
    office: Office, visitor: Visitor, sendgrid: FakeSendGrid
) -> None:
    body, headers = sendgrid.webhook([office.event(_mailed(office), "unsubscribe")], NOW)
    with FakeSendGrid() as stranger:
        forged = stranger.sign(body, NOW)
    tried = [
        (body, {}),
        (body, forged),
        (body + b" ", headers),
        (body.replace(b"\r\n", b"\n"), headers),
        (body, {**headers, TIMESTAMP_HEADER: str(NOW + 1)}),
        (body, {**headers, SIGNATURE_HEADER: ""}),
        (b"", headers),
    ]
    for content, sent in tried:
        assert visitor.post("/webhooks/sendgrid", content=content, headers=sent).status_code == 403
    assert office.rows("SELECT 1 FROM inbox") == []


@pytest.mark.parametrize(
    ("age", "status"),
    [(0, 204), (24 * 3600, 204), (25 * 3600 + 1, 403), (-300, 204), (-301, 403)],
)
def test_a_request_that_is_played_back_later_is_refused(
    office: Office, visitor: Visitor, sendgrid: FakeSendGrid, age: int, status: int
) -> None:
    assert post(visitor, sendgrid, {"event": "open"}, timestamp=NOW - age) == status


def test_without_a_key_nothing_is_taken_in_and_the_log_says_what_to_set(
    office: Office, sendgrid: FakeSendGrid, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert post(Visitor(create_app(office.ports, webhook_keys=())), sendgrid) == 503
    assert "NURTURE_SENDGRID__WEBHOOK_KEY" in caplog.text
    assert office.rows("SELECT 1 FROM inbox") == []


def test_unsigned_events_are_taken_in_development_only_if_asked_for(office: Office, sendgrid: FakeSendGrid) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=(), insecure_dev=True))
    assert visitor.post("/webhooks/sendgrid", content=b"[]").status_code == 204
    strict = Visitor(create_app(office.ports, webhook_keys=[sendgrid.public_key], insecure_dev=True))
    assert strict.post("/webhooks/sendgrid", content=b"[]").status_code == 403


def test_a_key_that_is_being_replaced_still_counts(office: Office, sendgrid: FakeSendGrid) -> None:
    with FakeSendGrid() as newer:
        visitor = Visitor(create_app(office.ports, webhook_keys=[newer.public_key, sendgrid.public_key]))
        assert post(visitor, newer) == post(visitor, sendgrid) == 204


def test_when_it_cannot_be_stored_the_provider_is_asked_to_try_again(
    office: Office, visitor: Visitor, sendgrid: FakeSendGrid
) -> None:
    def full(moment: str) -> None:
        if moment == "receive: before":
            raise OSError("disk full")

    office.database.hook = full
    assert post(visitor, sendgrid, {"event": "open"}) == 500


def test_trouble_in_the_work_afterwards_is_not_the_providers(
    office: Office, sendgrid: FakeSendGrid, caplog: pytest.LogCaptureFixture
) -> None:
    office.database.hook = lambda moment: _fail_if(moment == "fold: before")
    visitor = Visitor(create_app(office.ports, webhook_keys=[sendgrid.public_key]))
    event = {"event": "open", "email": "secret@mill.example", "timestamp": NOW}
    assert post(visitor, sendgrid, event) == 204
    assert "fold failed: OSError" in caplog.text
    assert "secret@mill.example" not in caplog.text
    assert office.one("SELECT state FROM inbox").state == "new"


def _fail_if(now: bool) -> None:
    if now:
        raise OSError("no disk")


def _mailed(office: Office):  # type: ignore[no-untyped-def]
    office.add_lead()
    return office.mail()
