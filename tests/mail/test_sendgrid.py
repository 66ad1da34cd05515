"""The SendGrid mailer over real sockets, against our own SendGrid."""

from __future__ import annotations

import copy
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from nurture.clock import Budget, VirtualClock
from nurture.errors import SetupError
from nurture.mail import Email, Mailbox, Outcome
from nurture.mail.sendgrid import SendGridMailer, account, build_payload, check_account, classify, transport
from nurture.mail.sendgrid.transport import read_failure
from tests.mail.fake_sendgrid import FakeSendGrid, Fault, crash, hang, refuse, reset, slow, too_many_requests
from tests.mail.samples import ENCODED_WORD, mail, mails, plenty
from tests.mail.sendgrid_rules import find_errors

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
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.3)
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


# --- connections


@pytest.mark.parametrize("connections", [1, 4])
def test_many_mails_share_few_connections(sendgrid: FakeSendGrid, connections: int) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections)
    for start in range(0, 60, 20):
        mailer.send([mail(n) for n in range(start, start + 20)], plenty())
    mailer.close()
    assert len(sendgrid.accepted) == 60
    assert 1 <= sendgrid.connections <= connections


def test_mails_go_out_side_by_side(sendgrid: FakeSendGrid) -> None:
    """Each waits until all four are there, so a mailer that sent one by one would time out."""
    together = threading.Barrier(4, timeout=10)

    def wait(body: object) -> None:
        together.wait()

    sendgrid.otherwise = wait
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=4)
    assert {receipt.outcome for receipt in mailer.send(mails(4), plenty())} == {ACCEPTED}
    mailer.close()


def test_an_idle_connection_is_not_used_again(sendgrid: FakeSendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "IDLE_SECONDS", 0.0)
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1)
    mailer.send([mail(1)], plenty())
    mailer.send([mail(2)], plenty())
    mailer.close()
    assert sendgrid.connections == 2


def test_threads_may_share_a_mailer(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=3)
    results: list[list[str]] = [[] for _ in range(4)]

    def work(index: int) -> None:
        chunk = [mail(100 * index + n) for n in range(10)]
        results[index] = [receipt.attempt_id for receipt in mailer.send(chunk, plenty())]

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mailer.close()
    assert results == [[f"attempt-{100 * index + n}" for n in range(10)] for index in range(4)]
    assert sendgrid.connections <= 3


def test_close_waits_for_what_is_in_flight_and_starts_no_more(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1)
    arrived = threading.Event()

    def hold(body: object) -> Fault:
        arrived.set()
        return slow(0.2)

    sendgrid.otherwise = hold
    outcomes: list[Outcome] = []
    sender = threading.Thread(target=lambda: outcomes.extend(r.outcome for r in mailer.send(mails(3), plenty())))
    sender.start()
    assert arrived.wait(10)
    mailer.close()
    sender.join()
    assert outcomes == [ACCEPTED, NOT_ACCEPTED, NOT_ACCEPTED]


def test_a_closed_mailer_sends_nothing_and_says_so(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    mailer.close()
    receipts = mailer.send(mails(2), plenty())
    assert [receipt.outcome for receipt in receipts] == [NOT_ACCEPTED] * 2
    assert sendgrid.posts == 0


def test_a_forked_worker_opens_connections_of_its_own(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    mailer.send([mail(1)], plenty())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(20)  # ends a child that hangs
        accepted = mailer.send([mail(2)], plenty())[0].outcome is ACCEPTED
        mailer.close()
        os._exit(0 if accepted else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert mailer.send([mail(3)], plenty())[0].outcome is ACCEPTED
    assert sendgrid.connections == 2, "the parent's connection still serves the parent"


_SCRIPT = """
import sys
from nurture.mail.sendgrid import SendGridMailer
from tests.mail.samples import mails, plenty
mailer = SendGridMailer("SG.fake-key", sys.argv[1], "test")
assert not [name for name in sys.modules if name.split(".")[0] in ("aiohttp", "sendgrid")], "imported too early"
assert len(mailer.send(mails(5), plenty())) == 5
if sys.argv[2] == "close":
    mailer.close()
"""


@pytest.mark.parametrize("ending", ["close", "just exit"])
def test_a_process_ends_without_a_warning(sendgrid: FakeSendGrid, ending: str) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", _SCRIPT, sendgrid.url, ending]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(sendgrid.accepted) == 5


def test_an_interrupted_sender_starts_no_more(sendgrid: FakeSendGrid) -> None:
    """Ctrl-C while waiting: the mail under way is left for recovery to settle, the rest never leaves."""
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1)

    def interrupt(body: object) -> Fault:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return slow(0.2)

    sendgrid.otherwise = interrupt
    with pytest.raises(KeyboardInterrupt):
        mailer.send(mails(5), plenty())
    sendgrid.otherwise = lambda body: None
    mailer.send([mail(6)], plenty())  # in turn after any that were still to come
    mailer.close()
    assert [taken.message_id for taken in sendgrid.accepted] == ["message-1", "message-6"]


# --- the body


@pytest.mark.parametrize(
    "email",
    [
        mail(),
        mail(html=""),
        mail(text=""),
        mail(reply_to=None, headers={}, categories=()),
        mail(categories=("a", "a", "bøk", "", "x" * 300, *"bcdefghijklm")),
        mail(to=Mailbox("lead@example.com", "Lovelace, Ada; Dr.")),
        mail(to=Mailbox("lead@example.com", ",;")),
        mail(subject="🦊" * 100),
    ],
)
@pytest.mark.parametrize("sandbox", [False, True])
def test_the_body_passes_twilios_schema_and_the_documented_rules(email: Email, sandbox: bool) -> None:
    assert find_errors(build_payload(email, "test", sandbox)) == []


def test_the_body_says_what_we_mean() -> None:
    payload = build_payload(mail(to=Mailbox("lead@example.com", "Lovelace, Ada")), "production")
    assert payload == {
        "personalizations": [
            {
                "to": [{"email": "lead@example.com", "name": "Lovelace Ada"}],
                "custom_args": {"env": "production", "msg": "message-1", "att": "attempt-1"},
            }
        ],
        "from": {"email": "hello@acme.example", "name": "Acme"},
        "reply_to": {"email": "r+token1@in.acme.example"},
        "subject": "Your guide is here",
        "content": [
            {"type": "text/plain", "value": mail().text},
            {"type": "text/html", "value": mail().html},
        ],
        "headers": dict(mail().headers),
        "categories": ["ebook-to-demo", "tofu"],
        "tracking_settings": {
            "click_tracking": {"enable": True, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }


def test_encoded_words_are_defused_in_the_body_too() -> None:
    email = mail(subject=ENCODED_WORD, to=Mailbox("lead@example.com", ENCODED_WORD), headers={"X-T": ENCODED_WORD})
    assert "=?" not in str({**build_payload(email, "test"), "content": []})


def test_no_personal_data_goes_into_custom_args(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    mailer.send([mail()], plenty())
    assert sendgrid.accepted[0].custom_args == {"env": "test", "msg": "message-1", "att": "attempt-1"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.update(bogus=1),
        lambda body: body["personalizations"][0].update(bogus=1),
        lambda body: body["personalizations"][0]["custom_args"].update(n=1),
        lambda body: body["personalizations"][0]["custom_args"].update(n=""),
        lambda body: body["personalizations"][0]["custom_args"].update(n="x" * 10_000),
        lambda body: body["personalizations"][0]["to"].append({"email": "LEAD-1@example.com"}),
        lambda body: body["personalizations"][0]["to"][0].update(name="a, b"),
        lambda body: body["personalizations"][0].update(to=[]),
        lambda body: body.pop("from"),
        lambda body: body.update(subject=""),
        lambda body: body["content"].reverse(),
        lambda body: body["content"][0].update(type="text/plain; charset=utf-8"),
        lambda body: body["content"][0].update(value=""),
        lambda body: body.update(content=[]),
        lambda body: body.update(headers={"Reply-To": "x@example.com"}),
        lambda body: body.update(headers={"X Y": "z"}),
        lambda body: body.update(headers={"X-N": 1}),
        lambda body: body.update(categories=["a"] * 2),
        lambda body: body.update(categories=["é"]),
        lambda body: body.update(reply_to_list=[{"email": "x@example.com"}]),
        lambda body: body["tracking_settings"]["open_tracking"].update(enable="false"),
    ],
)
def test_our_sendgrid_is_as_strict_as_the_real_one(spoil: Callable[[dict[str, object]], object]) -> None:
    """A fake that takes anything proves nothing."""
    payload = copy.deepcopy(build_payload(mail(), "test"))
    spoil(payload)
    assert find_errors(payload)


def test_in_the_sandbox_mail_is_accepted_and_not_sent(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", sandbox=True)
    receipt = mailer.send([mail()], plenty())[0]
    mailer.close()
    assert (receipt.outcome, receipt.provider_id) == (ACCEPTED, "")
    assert (sendgrid.posts, sendgrid.accepted) == (1, [])


# --- the set-up


@pytest.mark.parametrize("key", ["", "  ", "SG.a b", "SG.\x00", "SG.é"])
def test_a_missing_or_mangled_key_names_its_setting(key: str) -> None:
    with pytest.raises(SetupError, match="NURTURE_SENDGRID__API_KEY") as raised:
        SendGridMailer(key, "https://api.sendgrid.com", "test")
    assert not key.strip() or key not in str(raised.value)


def test_a_pasted_newline_around_the_key_does_no_harm(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer(f" {sendgrid.api_key}\n", sendgrid.url + "/", "test")
    assert mailer.send([mail()], plenty())[0].outcome is ACCEPTED
    mailer.close()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "api.sendgrid.com",
        "http://api.sendgrid.com",
        "ftp://x",
        "https://",
        "https://x/v3",
        "https://[x",
        "https://x?y",
    ],
)
def test_a_host_must_be_a_whole_url_and_the_key_never_travels_in_the_clear(host: str) -> None:
    with pytest.raises(SetupError, match="NURTURE_SENDGRID__HOST"):
        SendGridMailer("SG.key", host, "test")


def test_the_doctor_is_told_that_all_is_well(sendgrid: FakeSendGrid) -> None:
    assert "may send mail" in check_account(sendgrid.api_key, sendgrid.url)


def test_the_doctor_is_told_what_to_mend(sendgrid: FakeSendGrid) -> None:
    with pytest.raises(SetupError, match=r"401.*NURTURE_SENDGRID__API_KEY"):
        check_account("SG.wrong", sendgrid.url)
    sendgrid.scopes = ["user.profile.read"]
    with pytest.raises(SetupError, match="may not send mail"):
        check_account(sendgrid.api_key, sendgrid.url)
    sendgrid.scopes = None
    with pytest.raises(SetupError, match=r"403.*Mail Send"):
        check_account(sendgrid.api_key, sendgrid.url)
    sendgrid.close()
    with pytest.raises(SetupError, match="cannot be reached"):
        check_account(sendgrid.api_key, sendgrid.url)


def test_the_doctor_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "TIMEOUT_SECONDS", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(SetupError, match=r"cannot be reached.*timed out"),
    ):
        check_account("SG.key", f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_the_key_is_never_logged(
    sendgrid: FakeSendGrid, mailer: SendGridMailer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    sendgrid.script(refuse(401))
    mailer.send(mails(2), plenty())
    check_account(sendgrid.api_key, sendgrid.url)
    with pytest.raises(SetupError) as raised:
        check_account("SG.other-secret", sendgrid.url)
    said = "".join([caplog.text, *capfd.readouterr(), str(raised.value), repr(mailer)])
    assert sendgrid.api_key not in said
    assert "SG.other-secret" not in said
