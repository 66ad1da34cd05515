"""The inbound webhook: a mail that we could have is never refused for good, and nobody else's is taken."""

from __future__ import annotations

import asyncio
import logging
import tracemalloc
from pathlib import Path

import pytest

from nurture.errors import SetupError
from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER
from nurture.settings import load_settings
from nurture.web import create_app
from nurture.web.inbound import InboundKeys
from tests.mail.fake_sendgrid import FakeSendGrid
from tests.mail.inbound_samples import SAMPLES, form, posted, raw
from tests.office import START, Office
from tests.web.conftest import Visitor

SECRET = "s3cret-path-of-ours"
PATH = f"/webhooks/inbound/{SECRET}"
FORM = {"content-type": "multipart/form-data; boundary=xYzZY"}
BODY = posted(raw("Does it work at 16 bar?"))
NOW = int(START.timestamp())


def app(office: Office, secret: str = SECRET, *keys: str) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=(), inbound_keys=InboundKeys(secret, keys)))


def stored(office: Office) -> list[bytes]:
    return [
        bytes(row.body)
        for row in office.rows("SELECT body FROM inbox i JOIN inbox_body b ON b.id = i.id WHERE source = 'inbound'")
    ]


def test_a_mail_is_stored_as_it_came_and_worked_at_once(office: Office) -> None:
    office.add_lead()
    assert app(office).post(PATH, content=BODY, headers=FORM).status_code == 204
    assert stored(office) == [BODY]
    assert office.one("SELECT intent, matched_by FROM reply").intent == "question"


@pytest.mark.parametrize("path", ["/webhooks/inbound", "/webhooks/inbound/", "/webhooks/inbound/wrong", f"{PATH}/x"])
def test_whoever_does_not_know_the_path_finds_nothing_there(office: Office, path: str) -> None:
    assert app(office).post(path, content=BODY, headers=FORM).status_code == 404
    assert stored(office) == []


def test_reading_the_address_changes_nothing(office: Office) -> None:
    assert [app(office).request(method, PATH).status_code for method in ("GET", "HEAD", "PUT")] == [405, 405, 405]


def test_nobody_but_the_provider_is_listened_to(office: Office) -> None:
    """Before the body is read, of which there may be 30 MB."""
    assert app(office).post("/webhooks/inbound/wrong", content=_never(), headers=FORM).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE_HEADER: "MEUC"},
        {TIMESTAMP_HEADER: "1795334400"},
        {SIGNATURE_HEADER: "AAAA", TIMESTAMP_HEADER: "1795334400"},
        {SIGNATURE_HEADER: "%%", TIMESTAMP_HEADER: "1795334400"},
    ],
)
def test_what_cannot_be_signed_is_not_read_either(
    office: Office, sendgrid: FakeSendGrid, headers: dict[str, str]
) -> None:
    answer = app(office, "", sendgrid.public_key).post("/webhooks/inbound", content=_never(), headers=FORM | headers)
    assert answer.status_code == 403


def test_a_signature_without_a_time_is_none(office: Office, sendgrid: FakeSendGrid) -> None:
    signed = sendgrid.sign(BODY, NOW) | {TIMESTAMP_HEADER: "today"}
    answer = app(office, "", sendgrid.public_key).post("/webhooks/inbound", content=_never(), headers=FORM | signed)
    assert answer.status_code == 403


async def _never():  # type: ignore[no-untyped-def]
    raise AssertionError("the body was asked for")
    yield b""


def test_without_any_secret_mails_may_come_again_later(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert app(office, "").post("/webhooks/inbound", content=BODY, headers=FORM).status_code == 503
    assert "NURTURE_INBOUND__SECRET_PATH" in caplog.text


def test_signed_mails_are_checked_over_their_raw_bytes(office: Office, sendgrid: FakeSendGrid) -> None:
    visitor = app(office, "", "not a key", sendgrid.public_key)
    signed = sendgrid.sign(BODY, NOW - 90 * 3600)
    assert visitor.post("/webhooks/inbound", content=BODY, headers=FORM | signed).status_code == 204
    refused = [
        (BODY, {}),
        (BODY + b"\r\n", signed),
        (BODY.replace(b"16 bar", b"17 bar"), signed),
        (BODY, {**signed, TIMESTAMP_HEADER: str(NOW)}),
        (BODY, {SIGNATURE_HEADER: signed[SIGNATURE_HEADER]}),
    ]
    for body, headers in refused:
        assert visitor.post("/webhooks/inbound", content=body, headers=FORM | headers).status_code == 403
    assert stored(office) == [BODY]


def test_with_both_secrets_both_are_needed(office: Office, sendgrid: FakeSendGrid) -> None:
    visitor = app(office, SECRET, sendgrid.public_key)
    signed = FORM | sendgrid.sign(BODY, NOW)
    assert visitor.post(PATH, content=BODY, headers=FORM).status_code == 403
    assert visitor.post("/webhooks/inbound", content=BODY, headers=signed).status_code == 404
    assert visitor.post(PATH, content=BODY, headers=signed).status_code == 204


async def _pieces(fields: dict[str, bytes], attachment: int):  # type: ignore[no-untyped-def]
    """A mail as it comes over the network, with so many MB attached."""
    yield form(fields).removesuffix(b"--xYzZY--\r\n")
    yield b'--xYzZY\r\nContent-Disposition: form-data; name="attachment1"; filename="a.pdf"\r\n\r\n'
    for _ in range(attachment):
        yield b"x" * 1_000_000
    yield b"\r\n--xYzZY--\r\n"


def test_a_mail_of_thirty_megabytes_is_taken_in_little_memory_and_kept_without_its_attachments(office: Office) -> None:
    visitor = app(office)
    tracemalloc.start()
    answer = visitor.post(PATH, content=_pieces({"headers": b"From: a@b.example", "text": b"Why?"}, 30), headers=FORM)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 204
    assert office.one("SELECT state FROM inbox").state == "done"
    assert office.one("SELECT text FROM reply").text == "Why?"
    assert len(stored(office)[0]) < 1_100_000
    assert most < 50_000_000


def test_a_forged_signature_is_refused_in_little_memory_and_nothing_is_kept(
    here: Office, sendgrid: FakeSendGrid
) -> None:
    """It is over the whole mail, so all of it is read before anybody can tell; once."""
    visitor, forged = app(here, "", sendgrid.public_key), FORM | sendgrid.sign(BODY, NOW)
    tracemalloc.start()
    answer = visitor.post("/webhooks/inbound", content=_pieces({"text": b"Why?"}, 30), headers=forged)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 403
    assert stored(here) == []
    assert 30_000_000 < most < 50_000_000


def test_a_mail_that_comes_too_slowly_may_come_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck():  # type: ignore[no-untyped-def]
        yield b"--xYzZY"
        await asyncio.Event().wait()

    monkeypatch.setattr("nurture.web.guard.ROOMS", (("", 1_000_000, 0.05),))
    assert app(office).post(PATH, content=stuck(), headers=FORM).status_code == 503


def test_when_it_cannot_be_stored_the_provider_is_asked_to_try_again(office: Office) -> None:
    def full(moment: str) -> None:
        if moment == "receive: before":
            raise OSError("disk full")

    office.database.hook = full
    assert app(office).post(PATH, content=BODY, headers=FORM).status_code == 500


def test_whatever_stands_in_a_mail_it_is_taken(office: Office) -> None:
    visitor = app(office)
    bodies = [b"", b"{}", b"\xff\x00" * 1000, *(posted(sample.raw) for sample in SAMPLES[-40:])]
    assert {visitor.post(PATH, content=body, headers=FORM).status_code for body in bodies} == {204}
    quarantined = office.rows("SELECT id FROM inbox WHERE state = 'quarantined'")
    assert len(quarantined) == 3


def test_neither_the_secret_nor_the_mail_is_in_a_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.database.hook = lambda moment: _fail_if(moment == "fold: before")
    with caplog.at_level(logging.DEBUG, logger="nurture"):
        app(office).post(PATH, content=posted(raw("A canary sings")), headers=FORM)
        app(office).post("/webhooks/inbound/canary", content=BODY, headers=FORM)
    assert "fold failed" in caplog.text
    assert "canary" not in caplog.text and SECRET not in caplog.text


def _fail_if(now: bool) -> None:
    if now:
        raise OSError("no disk")


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"DOMAIN": "in.acme.example", "SECRET_PATH": SECRET}, None),
        ({"DOMAIN": "in.acme.example", "KEY": "a, b"}, None),
        ({"DOMAIN": "in.acme.example"}, "set SECRET_PATH or KEY too"),
        ({"DOMAIN": "In Acme", "KEY": "a"}, "a domain in small letters"),
        ({"SECRET_PATH": "short"}, "16 or more letters"),
        ({"SECRET_PATH": "canary/canary/canary"}, "16 or more letters"),
    ],
)
def test_settings_that_would_lose_mails_are_refused_without_telling_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], fault: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"NURTURE_INBOUND__{name}", value)
    if fault is None:
        assert load_settings(tmp_path).inbound.domain == "in.acme.example"
        return
    with pytest.raises(SetupError, match=fault) as refused:
        load_settings(tmp_path)
    assert "NURTURE_INBOUND" in str(refused.value) and "canary" not in str(refused.value)
