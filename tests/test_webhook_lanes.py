"""Webhooks: each receiver for itself, what stops them, what is not told, and what a crash does."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from pydantic import SecretStr

from models.statement import write
from nurture.clock import VirtualClock
from nurture.delivery import Delivered
from nurture.demo.stage import set_up
from nurture.gates import EVERYTHING, close, reopen, webhook_gate
from nurture.runtime import opened
from nurture.status import status
from nurture.web import Drain
from nurture.webhooks import deliver
from nurture.webhooks.setup import Endpoint, Missing, endpoint
from tests.office import Office
from tests.receiver import SECRET, Answer, Receiver, connect, reach, states, todo
from tests.support import START, write_project


class Crash(BaseException):
    """kill -9."""


# --- each for itself


def test_a_slow_receiver_holds_up_no_other(office: Office, crm: Receiver, erp: Receiver) -> None:
    connect(office, crm=crm.url, erp=erp.url)
    lead = office.add_lead()
    reach(office, lead)
    reach(office, lead, step="else", webhook="erp")
    crm.script(Answer(hang=True))
    settled = Event()
    office.database.hook = lambda moment: settled.set() if moment == "settle webhooks: after" else None
    worker = Thread(target=deliver, args=(office.ports,))
    worker.start()
    try:
        assert crm.asked.acquire(timeout=60)
        assert settled.wait(60)
        assert worker.is_alive()
        assert [state for state, _ in states(office)] == ["pending", "delivered"]
    finally:
        crm.closing.set()
        worker.join()


def test_a_slow_receiver_does_not_keep_sales_waiting(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    crm.script(Answer(hang=True))
    drain = Drain(here.ports.in_force)
    worker = Thread(target=drain)
    worker.start()
    try:
        assert crm.asked.acquire(timeout=60)
        here.submit("call-me")
        drain()
        assert len(here.alerts) == 1
    finally:
        crm.closing.set()
        worker.join()


def test_two_workers_at_once_tell_each_event_once(office: Office, crm: Receiver) -> None:
    connect(office, crm=crm.url)
    lead = office.add_lead()
    for number in range(30):
        reach(office, lead, step=f"step-{number}")
    workers = [Thread(target=deliver, args=(office.ports,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert states(office) == [("delivered", None)] * 30
    assert sorted(Counter(got.id for got in crm.got).values()) == [1] * 30


def test_one_event_that_cannot_be_written_does_not_hold_up_the_others(
    here: Office, crm: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    connect(here, crm=crm.url)
    lead = here.add_lead()
    for step in ("one", "two", "three"):
        reach(here, lead, step=step)
    with here.database.transaction("spoil") as connection:
        connection.execute(write("""UPDATE outbox SET payload = '{"webhook": "crm"}' WHERE id = 1"""))
        connection.execute(write("UPDATE outbox SET payload = replace(payload, '\"lead_id\": 1', '\"lead_id\": 99')"
                                 " WHERE id = 2"))  # fmt: skip
    assert deliver(here.ports) == Delivered(sent=1, again=1, dead=1)
    assert [reason for _, reason in states(here)] == ["cannot be written: KeyError", "the lead is gone", None]


# --- stops and secrets


@pytest.mark.parametrize("gate", [EVERYTHING, webhook_gate("crm")])
def test_what_is_stopped_waits(office: Office, crm: Receiver, gate: str) -> None:
    connect(office, crm=crm.url)
    reach(office, office.add_lead())
    with office.database.transaction("stop") as connection:
        close(connection, gate, "test", office.clock.now(), by="kim")
    assert deliver(office.ports) == Delivered()
    with office.database.transaction("go") as connection:
        reopen(connection, gate, office.clock.now(), by="kim")
    assert deliver(office.ports) == Delivered(sent=1)


def test_a_stop_that_comes_while_it_is_prepared_is_in_time(office: Office, crm: Receiver) -> None:
    connect(office, crm=crm.url)
    reach(office, office.add_lead())

    def stop(moment: str) -> None:
        if moment == "claim webhooks: before":
            with office.database.transaction("stop") as connection:
                close(connection, EVERYTHING, "test", office.clock.now(), by="kim")

    office.database.hook = stop
    assert deliver(office.ports) == Delivered()
    assert crm.got == []


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        ("", "it has no secret"),
        (" ", "it has no secret"),
        ("sesame", "its secret is not one: it does not begin with whsec_"),
        ("whsec_#sesame#", "its secret is not one: what follows whsec_ is not base64"),
        ("whsec_c2VzYW1l", "its secret is not one: it has 6 bytes, where 24 to 64 are right"),
    ],
)
def test_without_a_secret_it_waits_in_sight_and_nothing_goes_out_unsigned(
    here: Office, crm: Receiver, secret: str, what: str
) -> None:
    connect(here, secret, crm=crm.url)
    reach(here, here.add_lead())
    assert deliver(here.ports) == Delivered()
    assert crm.got == []
    [(told, do)] = todo(here)
    assert told == f"1 events wait for webhook crm: {what}"
    assert "NURTURE_WEBHOOK_SECRETS__CRM" in do
    assert "sesame" not in told + do
    here.ports = replace(here.ports, webhook_secrets={"crm": SecretStr(SECRET)})
    assert todo(here) == []
    assert status(here.ports, here.clock.now()).webhooks["crm"].count == 1
    assert deliver(here.ports) == Delivered(sent=1)


def test_the_demo_tells_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NURTURE_WEBHOOK_SECRETS__CRM", SECRET)
    root = write_project(tmp_path, templates=["tofu/one"])
    with set_up(root, VirtualClock(START)) as ports:
        assert ports.webhook_secrets == {}
    with opened(root) as ports:
        assert ports.webhook_secrets.keys() == {"crm"}


def test_a_webhook_that_was_taken_out_of_the_file_is_told(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead(), webhook="old")
    assert deliver(here.ports) == Delivered()
    [(what, do)] = todo(here)
    assert (what, do) == (
        "1 events wait for webhook old: nurture.yaml does not have it",
        "put old under webhooks: in nurture.yaml",
    )


def test_a_secret_is_found_whatever_the_name_looks_like(here: Office, crm: Receiver) -> None:
    connect(here, **{"big-crm": crm.url})
    config = here.ports.project.config
    assert isinstance(endpoint(config, {"big_crm": SecretStr(SECRET.rstrip("="))}, "big-crm"), Endpoint)
    assert isinstance(endpoint(config, {"crm": SecretStr(SECRET)}, "big-crm"), Missing)


def test_neither_secrets_nor_addresses_nor_people_are_in_logs_and_reasons(
    here: Office, crm: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    crm.script(Answer(500, {}, b"mona@mill.example"), Answer(410))
    with caplog.at_level(logging.DEBUG):
        deliver(here.ports)
        here.pass_time(minutes=1)
        assert deliver(here.ports) == Delivered(dead=1)
    kept = [str(tuple(row)) for row in here.rows("SELECT reason FROM outbox UNION ALL SELECT reason FROM attempt")]
    to = endpoint(here.ports.project.config, here.ports.webhook_secrets, "crm")
    said = "\n".join([caplog.text, repr(to), repr(here.ports.webhook_secrets), *kept])
    assert "is given up after 2 tries" in said
    for secret in (SECRET.removeprefix("whsec_")[:20], "in-the-address", "mill.example"):
        assert secret not in said


# --- crashes


@pytest.mark.parametrize("place", ["before", "inside", "after"])
@pytest.mark.parametrize("transaction", ["reserve", "claim webhooks", "settle webhooks"])
def test_a_crash_at_any_boundary_loses_nothing_and_repeats_under_the_same_id(
    here: Office, crm: Receiver, transaction: str, place: str
) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())

    def dies(moment: str) -> None:
        if moment == f"{transaction}: {place}":
            raise Crash

    here.database.hook = dies
    with pytest.raises(Crash):
        deliver(here.ports)
    here.database.hook = lambda _: None
    here.pass_time(seconds=here.ports.limits.lease + 1)
    deliver(here.ports)
    assert states(here) == [("delivered", None)]
    settled = (transaction, place) == ("settle webhooks", "after")
    assert len(crm.got) == (2 if transaction == "settle webhooks" and not settled else 1)
    assert len({got.id for got in crm.got}) == 1
    assert here.rows("SELECT 1 FROM attempt WHERE state = 'posting'") == []
