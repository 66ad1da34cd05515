"""The SendGrid mailer's connections: few, shared, used again while warm, and let go of cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from nurture.mail import Outcome
from nurture.mail.sendgrid import SendGridMailer, transport
from tests.mail.fake_sendgrid import FakeSendGrid, Fault, slow
from tests.mail.samples import mail, mails, plenty


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection stays warm however long the machine is busy elsewhere."""
    monkeypatch.setattr(transport, "IDLE_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
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
    together = threading.Barrier(4, timeout=60)

    def wait(body: object) -> None:
        together.wait()

    sendgrid.otherwise = wait
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=4)
    assert {receipt.outcome for receipt in mailer.send(mails(4), plenty())} == {Outcome.ACCEPTED}
    mailer.close()


def test_an_idle_connection_is_not_used_again(sendgrid: FakeSendGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "IDLE_SECONDS", 0.0)
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1)
    mailer.send([mail(1)], plenty())
    mailer.send([mail(2)], plenty())
    mailer.close()
    assert sendgrid.connections == 2


@pytest.mark.usefixtures("patient")
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


def test_close_waits_for_what_is_in_flight_and_starts_no_more(
    sendgrid: FakeSendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1)
    arrived, closing, usual = threading.Event(), threading.Event(), transport.Transport.close

    def hold(body: object) -> Fault:
        arrived.set()
        return slow(closing)

    def close(self: transport.Transport) -> None:
        closing.set()
        usual(self)

    sendgrid.otherwise = hold
    monkeypatch.setattr(transport.Transport, "close", close)
    outcomes: list[Outcome] = []
    sender = threading.Thread(target=lambda: outcomes.extend(r.outcome for r in mailer.send(mails(3), plenty())))
    sender.start()
    assert arrived.wait(60)
    mailer.close()
    sender.join()
    assert outcomes == [Outcome.ACCEPTED, Outcome.NOT_ACCEPTED, Outcome.NOT_ACCEPTED]


def test_a_closed_mailer_sends_nothing_and_says_so(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    mailer.close()
    receipts = mailer.send(mails(2), plenty())
    assert [receipt.outcome for receipt in receipts] == [Outcome.NOT_ACCEPTED] * 2
    assert sendgrid.posts == 0


@pytest.mark.usefixtures("patient")
def test_a_forked_worker_opens_connections_of_its_own(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    mailer.send([mail(1)], plenty())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(60)  # ends a child that hangs
        accepted = mailer.send([mail(2)], plenty())[0].outcome is Outcome.ACCEPTED
        mailer.close()
        os._exit(0 if accepted else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert mailer.send([mail(3)], plenty())[0].outcome is Outcome.ACCEPTED
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
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(sendgrid.accepted) == 5


def test_an_interrupted_sender_starts_no_more(sendgrid: FakeSendGrid) -> None:
    """Ctrl-C while waiting: the mail under way is left for recovery to settle, the rest never leaves."""
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", connections=1)
    interrupted = threading.Event()

    def interrupt(body: object) -> Fault:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return slow(interrupted)

    sendgrid.otherwise = interrupt
    with pytest.raises(KeyboardInterrupt):
        mailer.send(mails(5), plenty())
    interrupted.set()
    sendgrid.otherwise = lambda body: None
    mailer.send([mail(6)], plenty())  # in turn after any that were still to come
    mailer.close()
    assert sorted(taken.message_id for taken in sendgrid.accepted) == ["message-1", "message-6"]
