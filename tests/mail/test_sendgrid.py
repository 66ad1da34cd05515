"""What SendGrid's answers mean, as a table and over real sockets, against our own SendGrid."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from nurture.clock import Budget, VirtualClock
from nurture.mail import Outcome
from nurture.mail.sendgrid import SendGridMailer, classify, transport
from nurture.mail.sendgrid.transport import read_failure
from tests.mail.fake_sendgrid import FakeSendGrid, Fault, crash, hang, refuse, reset, too_many_requests
from tests.mail.samples import mail, mails, plenty

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
UNIX = int(NOW.timestamp())

ACCEPTED, NOT_ACCEPTED, REJECTED, UNKNOWN = Outcome


# --- what an answer says


@pytest.mark.parametrize(
    ("status", "outcome", "closes_gate"),
    [
        (200, ACCEPTED, False),  # sandbox
        (202, ACCEPTED, False),
        (400, REJECTED, False),
        (401, NOT_ACCEPTED, True),  # wrong key, or the credits are used up
        (403, NOT_ACCEPTED, True),  # blocked account, unverified sender
        (404, REJECTED, False),
        (405, REJECTED, False),
        (406, REJECTED, False),
        (408, UNKNOWN, False),
        (413, REJECTED, False),
        (415, REJECTED, False),
        (429, NOT_ACCEPTED, False),
        (500, UNKNOWN, False),
        (502, UNKNOWN, False),
        (503, UNKNOWN, False),
        (504, UNKNOWN, False),
        (307, UNKNOWN, False),  # never followed
        (201, UNKNOWN, False),  # not documented
        (418, UNKNOWN, False),
    ],
)
def test_each_status_has_one_meaning(status: int, outcome: Outcome, closes_gate: bool) -> None:
    receipt = classify(status, {}, b"", NOW, "a1")
    assert (receipt.attempt_id, receipt.outcome, receipt.closes_gate) == ("a1", outcome, closes_gate)
    assert (receipt.retry_after is not None) == (status == 429)
    assert (receipt.reason == "") == (outcome is ACCEPTED)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (str(UNIX + 12), 12.0),
        (str(UNIX + 10**6), 3600.0),  # never longer than an hour on SendGrid's word
        (str(UNIX - 1), 60.0),  # over already, and yet refused
        ("", 60.0),
        ("soon", 60.0),
        ("-5", 60.0),
        ("9" * 5000, 60.0),
    ],
)
def test_a_429_says_how_long_to_hold_back(value: str, seconds: float) -> None:
    assert classify(429, {"X-RateLimit-Reset": value}, b"", NOW).retry_after == seconds


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            b'{"errors":[{"message":"bad address","field":"personalizations.0.to","help":null},{"message":"x"}]}',
            "SendGrid answered 400: personalizations.0.to: bad address; x",
        ),
        (b'{"errors":[{"message":"line\\r\\nbreak","field":null}]}', "SendGrid answered 400: line break"),
        (b"<html>Bad gateway</html>", "SendGrid answered 400"),
        (b'{"errors":"what"}', "SendGrid answered 400"),
        (b'{"errors":[null,7,{"message":7}]}', "SendGrid answered 400"),
        (b"[]", "SendGrid answered 400"),
        (b"\xff", "SendGrid answered 400"),
        (b"", "SendGrid answered 400"),
    ],
)
def test_a_refusal_names_the_fields(body: bytes, reason: str) -> None:
    assert classify(400, {}, body, NOW).reason == reason


_KEY = aiohttp.client_reqrep.ConnectionKey("api.sendgrid.com", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (aiohttp.ClientConnectorError(_KEY, ConnectionRefusedError(111, "refused")), NOT_ACCEPTED),
        (aiohttp.ClientConnectorDNSError(_KEY, OSError(-2, "unknown name")), NOT_ACCEPTED),
        (aiohttp.ClientConnectorSSLError(_KEY, ssl.SSLError(1, "handshake")), NOT_ACCEPTED),
        (aiohttp.ClientConnectorCertificateError(_KEY, ssl.CertificateError("expired")), NOT_ACCEPTED),
        (aiohttp.ConnectionTimeoutError("connect"), NOT_ACCEPTED),
        (aiohttp.SocketTimeoutError("read"), UNKNOWN),
        (aiohttp.ServerTimeoutError("read"), UNKNOWN),
        (aiohttp.ServerDisconnectedError(), UNKNOWN),  # on a used connection the server may have read it all
        (aiohttp.ClientOSError(32, "broken pipe"), UNKNOWN),
        (aiohttp.ClientPayloadError("cut off"), UNKNOWN),
        (TimeoutError(), UNKNOWN),
        (ConnectionResetError(104, "reset"), UNKNOWN),
        (RuntimeError("a bug"), UNKNOWN),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_failed_before_the_first_byte_counts_as_not_sent(error: Exception, outcome: Outcome) -> None:
    assert read_failure(error).outcome is outcome


# --- the same over sockets


def test_an_accepted_mail_carries_sendgrids_id(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    receipt = mailer.send([mail()], plenty())[0]
    assert (receipt.outcome, receipt.provider_id) == (ACCEPTED, sendgrid.accepted[0].provider_id)


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (refuse(400, "bad address", "personalizations.0.to.0.email"), REJECTED, "personalizations.0.to.0.email"),
        (refuse(413, "content too large"), REJECTED, "413"),
        (crash(took_it=True), UNKNOWN, "500"),
        (crash(took_it=False, status=502), UNKNOWN, "502"),
        (crash(took_it=True, status=408), UNKNOWN, "408"),
        (Fault(307, headers={"Location": "/v3/mail/send"}), UNKNOWN, "307"),
        (reset(took_it=True), UNKNOWN, "did not answer"),
        (reset(took_it=False), UNKNOWN, "did not answer"),
    ],
)
def test_trouble_is_that_mails_own_and_nothing_is_tried_twice(
    sendgrid: FakeSendGrid, mailer: SendGridMailer, fault: Fault, outcome: Outcome, reason: str
) -> None:
    mailer.send([mail(0)], plenty())  # so that the next goes over a used connection, where clients like to repeat
    sendgrid.otherwise = lambda body: fault if "lead-2@" in str(body["personalizations"]) else None
    receipts = mailer.send(mails(3), plenty())
    assert [receipt.outcome for receipt in receipts] == [ACCEPTED, outcome, ACCEPTED]
    assert reason in receipts[1].reason
    assert sendgrid.posts == 4


@pytest.mark.parametrize("took_it", [True, False])
def test_silence_after_the_mail_was_written_is_unknown(
    sendgrid: FakeSendGrid, mailer: SendGridMailer, monkeypatch: pytest.MonkeyPatch, took_it: bool
) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 1.5)
    sendgrid.script(hang(took_it))
    assert mailer.send([mail()], plenty())[0].outcome is UNKNOWN
    assert sendgrid.posts == 1


def test_nobody_there_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mailer = SendGridMailer("SG.key", f"http://127.0.0.1:{port}", "test")
    receipts = mailer.send(mails(2), plenty())
    mailer.close()
    assert {receipt.outcome for receipt in receipts} == {NOT_ACCEPTED}
    assert "could not be reached" in receipts[0].reason


def test_a_failed_handshake_is_not_sent(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer("SG.key", f"https://127.0.0.1:{sendgrid.port}", "test")
    assert mailer.send([mail()], plenty())[0].outcome is NOT_ACCEPTED
    mailer.close()
    assert sendgrid.posts == 0


def test_a_peer_that_takes_no_connection_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full backlog: the SYN is never answered."""
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        mailer = SendGridMailer("SG.key", f"http://127.0.0.1:{address[1]}", "test")
        receipt = mailer.send([mail()], plenty())[0]
        mailer.close()
        for filler in fillers:
            filler.close()
    assert (receipt.outcome, "Timeout" in receipt.reason) == (NOT_ACCEPTED, True)


def test_an_accepted_mail_whose_answer_breaks_off_is_still_accepted() -> None:
    """The status line has said it: what follows does not matter."""

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: abc\r\nContent-Length: 10\r\n\r\nhal")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        mailer = SendGridMailer("SG.key", f"http://127.0.0.1:{server.getsockname()[1]}", "test")
        receipt = mailer.send([mail()], plenty())[0]
        mailer.close()
        thread.join()
    assert (receipt.outcome, receipt.provider_id) == (ACCEPTED, "abc")


@pytest.mark.parametrize(
    ("fault", "closes_gate", "retry_after"),
    [
        (refuse(401, "Maximum credits exceeded"), True, None),
        (refuse(403, "The from address does not match a verified Sender Identity"), True, None),
        (too_many_requests(UNIX + 30), False, 30.0),
        (too_many_requests(), False, 60.0),
    ],
)
def test_an_answer_about_the_account_or_the_pace_stops_the_chunk(
    sendgrid: FakeSendGrid, fault: Fault, closes_gate: bool, retry_after: float | None
) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1, clock=VirtualClock(NOW))
    sendgrid.script(None, fault)
    receipts = mailer.send(mails(5), plenty())
    assert [receipt.outcome for receipt in receipts] == [ACCEPTED] + [NOT_ACCEPTED] * 4
    assert [(r.closes_gate, r.retry_after) for r in receipts[1:]] == [(closes_gate, retry_after)] * 4
    assert [r.reason.startswith("not started: ") for r in receipts] == [False, False, True, True, True]
    assert len({receipt.reason for receipt in receipts[2:]}) == 1
    assert receipts[4].attempt_id == "attempt-5"
    assert sendgrid.posts == 2
    assert mailer.send([mail(6)], plenty())[0].outcome is ACCEPTED, "the engine holds the gate, not the mailer"
    mailer.close()


def test_the_budget_is_looked_at_before_each_mail(sendgrid: FakeSendGrid) -> None:
    """Not once per chunk: the last mails of a slow chunk must not start late."""
    clock = VirtualClock(NOW)
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1, clock=clock)

    def take_a_while(body: object) -> None:
        clock.advance(timedelta(seconds=8))

    sendgrid.otherwise = take_a_while
    receipts = mailer.send(mails(5), Budget.of(clock, 20))
    mailer.close()
    assert [receipt.outcome for receipt in receipts] == [ACCEPTED] * 3 + [NOT_ACCEPTED] * 2
    assert receipts[4].reason == "not started in time"
    assert sendgrid.posts == 3
