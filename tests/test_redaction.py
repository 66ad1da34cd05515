"""Secrets and personal data stay out of logs, tracebacks, metrics and what Prefect keeps: canaries are not found."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import text

from nurture import redaction
from nurture.advance.table import rows, summary
from nurture.errors import SetupError
from nurture.handoff.overdue import waiting_for_sales
from nurture.redaction import GONE, Failed, discreet, redact
from nurture.rounds import run_round
from nurture.settings import Settings, load_settings
from nurture.web import Drain
from tests.office import Office

SECRETS = [
    "SG.canary-key-one.canary-key-two-canary",
    "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5",
    "Authorization: Bearer canarytokencanary",
    "authorization: Basic Y2FuYXJ5OmNhbmFyeQ==",
    "postgresql://nurture:canary-word@db.internal/nurture",
    "{'api_key': 'canary value', 'n': 1}",
    'write_key="canary"',
    "NURTURE_INBOUND__SECRET=canary-canary",
    "POST /u/canarycanarycanary22ab HTTP/1.1",
    "https://n.example/h/canary_canary-canary12/accept",
    "/webhooks/inbound/canary",
    "?token=canary&x=1",
    "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----\ncanary cut off",
]
PERSONAL = [
    "canary@mill.example",
    "'canary.bird+news@mill.co.example' is taken",
    "DETAIL: Key (email)=(canary@mill.example) already exists.",
    "/unsubscribe?e=canary%40mill.example",
    "<canary@mill.example>",
]


@pytest.fixture
def discreet_logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, after redaction."""
    make, hook, threads = logging.getLogRecordFactory(), sys.excepthook, redaction.threading.excepthook
    redaction.install()
    redaction.install()  # twice is once
    with caplog.at_level(logging.DEBUG):
        yield caplog
    logging.setLogRecordFactory(make)
    sys.excepthook, redaction.threading.excepthook = hook, threads


@pytest.mark.parametrize("told", [*SECRETS, *PERSONAL])
def test_what_looks_like_a_secret_or_an_address_is_taken_out(told: str) -> None:
    assert "canary" not in redact(told).lower()
    assert GONE in redact(told)
    assert redact(redact(told)) == redact(told)


def test_phone_numbers_are_taken_out() -> None:
    assert redact("call +47 22 00 00 00 now") == f"call {GONE} now"
    assert redact("call +4722000000") == f"call {GONE}"


@pytest.mark.parametrize(
    "told",
    [
        "476 sent, 14 waiting",
        "request 12 is quarantined: ValueError",
        "lead 1207 of first-interest at tofu/welcome until 2026-03-03 09:00:00+00:00",
        "mailer:sendgrid is stopped by nurture: the provider refused our key",
        "POST /u/{token} failed: RuntimeError",
        "the token is missing",
        "/f/requirements-worksheet-2026",
    ],
)
def test_ordinary_lines_stay_as_they_are(told: str) -> None:
    assert redact(told) == told


def test_a_very_long_text_is_cut_instead_of_searched_for_minutes() -> None:
    assert len(redact("a@" * 500_000)) < 60_000


def test_what_is_known_by_heart_is_found_in_any_words() -> None:
    redaction.remember(["an-odd-secret", "short"])
    assert redact("it said an-odd-secret twice, in short") == f"it said {GONE} twice, in short"


def test_records_of_every_logger_are_clean_whatever_carries_the_secret(discreet_logs: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("some.library")
    log.info("to %s and %s", "canary@mill.example", {"email": "canary@mill.example"})
    log.info("canary@mill.example")
    log.info("%s %d", "lead", 7)
    try:
        int("Key (email)=(canary@mill.example) already exists")
    except ValueError:
        log.exception("failed")
    assert "canary" not in discreet_logs.text
    assert "lead 7" in discreet_logs.text
    assert "ValueError" in discreet_logs.text and "Traceback" in discreet_logs.text


def test_what_ends_a_program_is_told_without_personal_data() -> None:
    program = "from nurture import redaction; redaction.install(); int('canary@mill.example')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "canary" not in done.stderr.replace(program, "")


def test_what_prefect_keeps_of_an_error_is_clean_too(discreet_logs: pytest.LogCaptureFixture) -> None:
    @discreet
    async def work(number: int) -> int:
        """As a task is."""
        if number:
            raise ValueError("canary@mill.example")
        return 7

    assert asyncio.run(work(0)) == 7
    assert work.__name__ == "work"
    with pytest.raises(Failed) as told:
        asyncio.run(work(1))
    assert str(told.value) == f"ValueError: {GONE}"
    assert told.value.__cause__ is None and told.value.__suppress_context__
    assert "canary" not in discreet_logs.text


# --- canaries


PERSON = {
    "email": "canary.bird@mill.example",
    "first_name": "Canarina",
    "last_name": "Canarysdatter",
    "company": "Canary Mill AS",
    "title": "Canary keeper",
    "phone": "+47 22 99 99 99",
    "source": "canary-list",
}
CANARIES = ("canar", "22 99 99 99")


def test_canaries_in_every_field_of_a_lead_are_found_in_nothing_that_is_kept(
    office: Office, discreet_logs: pytest.LogCaptureFixture
) -> None:
    """A lead in, mailed, clicking, asking for a call, sales alerted, everything failing once on the way."""
    office.add_lead(**PERSON)
    reports = []
    email = office.mail()
    office.tell(office.event(email, "delivered", 1), office.click(email, 900), {"email": PERSON["email"], "event": 7})
    office.submit("demo", PERSON["email"], first_name=PERSON["first_name"], message="canary message")
    office.submit("demo", "canary at nowhere")
    for _ in range(3):
        office.pass_time(hours=1)
        reports.append(run_round(office.ports))
    _fail_everywhere(office)
    waiting = waiting_for_sales(office.ports)
    assert office.alerts and waiting
    kept = [discreet_logs.text, *[str(record.__dict__) for record in discreet_logs.records]]
    kept += [str(rows(done.report)) + summary(done.report) for done in reports] + [str(waiting)]
    assert [one for one in kept if any(word in one.lower() for word in CANARIES)] == []
    assert "failed" in discreet_logs.text


def _fail_everywhere(office: Office) -> None:
    """Each thing that the web app does fails, with the lead's data in the error."""

    def broken(moment: str) -> None:
        if moment.endswith("inside"):
            raise ValueError(f"{moment}: {PERSON['email']}")

    office.submit("demo", PERSON["email"])
    office.database.hook = broken
    Drain(office.ports.in_force)()
    office.database.hook = lambda moment: None


def test_an_error_of_the_database_tells_no_values(office: Office) -> None:
    office.add_lead(**PERSON)
    twice = text("INSERT INTO address (email, token, version, suppressed_by) VALUES (:email, 'x', 0, '')")
    with pytest.raises(Exception) as told, office.database.transaction("twice") as connection:  # noqa: PT011
        connection.execute(twice, {"email": PERSON["email"]})
    assert "canar" not in redact(str(told.value)).lower()


def test_secrets_in_settings_are_shown_by_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    planted = {
        "NURTURE_SENDGRID__API_KEY": "canary-api-key",
        "NURTURE_WEBHOOK_SECRETS__CRM": "canary-webhook",
        "NURTURE_METRICS_TOKEN": "canary-metrics",
        "NURTURE_DATABASE_URL": "postgresql://nurture:canary-database@localhost/nurture",
    }
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path)
    assert "canary" not in repr(settings.sendgrid) + repr(settings.webhook_secrets) + repr(settings.metrics_token)
    for value in ("canary-api-key", "canary-webhook", "canary-metrics", "canary-database"):
        assert redact(f"the {value}!") == f"the {GONE}!"


def test_every_secret_setting_is_a_secret_to_python_too() -> None:
    """What is called key, token, password or secret does not show in a repr, except what anybody may know: public
    keys, and the key that stands in the pages of the site."""
    public = {"webhook_key", "key", "write_key"}

    def leaves(model: type[BaseModel]) -> Iterator[tuple[str, object]]:
        for name, field in model.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                yield from leaves(field.annotation)
            else:
                yield name, field.annotation

    secret = {
        name for name, kind in leaves(Settings) if any(word in name for word in ("key", "token", "secret", "password"))
    }
    shown = {name for name, kind in leaves(Settings) if name in secret - public and SecretStr.__name__ not in str(kind)}
    assert secret and shown == set()


def test_an_error_about_settings_quotes_no_secret_of_theirs(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NURTURE_SITE__WRITE_KEY=canary-key\nNURTURE_SITE__SERVER_KEY=canary-key\n")
    with pytest.raises(SetupError, match="SERVER_KEY and WRITE_KEY are the same") as refused:
        load_settings(tmp_path)
    assert "NURTURE_SITE" in str(refused.value) and "canary" not in str(refused.value)
