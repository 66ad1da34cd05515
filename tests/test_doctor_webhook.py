"""`nurture doctor` learns whether the provider's events reach us, and only the provider's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from models.statement import write
from nurture.clock import SystemClock
from nurture.doctor import _from_outside, _heard, _replies_from_outside, _stopped
from nurture.errors import SetupError
from nurture.mail.sendgrid.knock import knock, knock_replies
from nurture.settings import InboundSettings, SendGridSettings, Settings
from nurture.web import create_app
from nurture.web.inbound import InboundKeys
from tests.mail.fake_sendgrid import FakeSendGrid
from tests.office import START, Office
from tests.receiver import Answer, Receiver
from tests.web.conftest import serving


@pytest.fixture
def sendgrid() -> Iterator[FakeSendGrid]:
    with FakeSendGrid() as fake:
        yield fake


def test_a_guarded_app_is_reached_and_nothing_is_changed_by_the_question(here: Office, sendgrid: FakeSendGrid) -> None:
    with serving(create_app(here.ports, webhook_keys=[sendgrid.public_key])) as http:
        url = str(http.base_url).rstrip("/")
        assert knock(url, START) == f"{url}/webhooks/sendgrid reaches us, and refuses what the provider has not signed"
    assert here.rows("SELECT 1 FROM inbox") == []


def test_an_app_without_a_key_or_that_takes_everything_is_told(here: Office) -> None:
    with serving(create_app(here.ports, webhook_keys=())) as http, pytest.raises(SetupError, match="has no key"):
        knock(str(http.base_url).rstrip("/"), START)
    app = create_app(here.ports, webhook_keys=(), insecure_dev=True)
    with serving(app) as http, pytest.raises(SetupError, match="takes events that nobody has signed"):
        knock(str(http.base_url).rstrip("/"), START)


@pytest.mark.parametrize(("status", "says"), [(302, "redirects"), (404, "Something else"), (502, "a proxy")])
def test_whatever_else_listens_there_is_told(crm: Receiver, status: int, says: str) -> None:
    crm.otherwise = Answer(status, {"Location": "https://elsewhere.example/"})
    with pytest.raises(SetupError, match=says):
        knock(crm.url.rpartition("/")[0], START)


def test_what_cannot_be_reached_is_told_with_what_to_look_at() -> None:
    with pytest.raises(SetupError, match="nurture serve"):
        knock("http://127.0.0.1:1", START)


def test_the_question_is_asked_where_there_is_a_key_and_never_where_anything_is_taken_in() -> None:
    nobody = Settings(public_url="http://127.0.0.1:1")
    assert list(_from_outside(nobody)) == []
    taking = nobody.model_copy(update={"sendgrid": SendGridSettings(webhook_key="k", webhook_insecure=True)})
    assert list(_from_outside(taking)) == []
    (asked,) = _from_outside(nobody.model_copy(update={"sendgrid": SendGridSettings(webhook_key="k")}))
    assert (asked.level, asked.about) == ("fail", "webhook from outside")


# --- answers to mails

SECRET = "s3cret-path-of-ours"


@pytest.mark.parametrize(("secret", "signed"), [(SECRET, False), (SECRET, True), ("", True)])
def test_the_address_of_answers_is_reached_and_nothing_is_taken_in(
    here: Office, sendgrid: FakeSendGrid, secret: str, signed: bool
) -> None:
    keys = InboundKeys(secret, [sendgrid.public_key] if signed else [])
    with serving(create_app(here.ports, webhook_keys=(), inbound_keys=keys)) as http:
        says = knock_replies(str(http.base_url).rstrip("/"), secret, signed, START)
    assert "reaches us" in says and SECRET not in says
    assert here.rows("SELECT 1 FROM inbox") == []


@pytest.mark.parametrize(
    ("keys", "signed", "says"),
    [
        (InboundKeys(), False, "is not set up"),
        (InboundKeys("another-secret-path"), False, "knows nothing of this path"),
        (InboundKeys(SECRET), True, "takes mails that nobody has signed"),
        (InboundKeys(SECRET, ["key"]), False, "asks for a signature"),
    ],
)
def test_an_address_of_answers_that_is_set_up_otherwise_is_told(
    here: Office, keys: InboundKeys, signed: bool, says: str
) -> None:
    app = create_app(here.ports, webhook_keys=(), inbound_keys=keys)
    with serving(app) as http, pytest.raises(SetupError, match=says) as told:
        knock_replies(str(http.base_url).rstrip("/"), SECRET, signed, START)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(("status", "says"), [(302, "redirects"), (200, "Something else"), (413, "a proxy")])
def test_whatever_else_listens_for_answers_is_told(crm: Receiver, status: int, says: str) -> None:
    crm.otherwise = Answer(status, {"Location": "https://elsewhere.example/"})
    with pytest.raises(SetupError, match=says):
        knock_replies(crm.url.rpartition("/")[0], SECRET, False, START)


def test_answers_are_asked_for_where_they_are_set_up() -> None:
    nobody = Settings(public_url="http://127.0.0.1:1")
    assert list(_replies_from_outside(nobody)) == []
    told = InboundSettings(secret_path=SecretStr(SECRET))
    (asked,) = _replies_from_outside(nobody.model_copy(update={"inbound": told}))
    assert (asked.level, asked.about) == ("fail", "replies from outside")
    assert SECRET not in asked.says


# --- what is stopped


def test_what_waits_for_a_person_to_open_it_is_told_with_the_command(here: Office) -> None:
    assert list(_stopped(here.database)) == []
    here.tell({"event": "account_status_change", "type": "compliance_suspend", "timestamp": int(START.timestamp())})
    (finding,) = _stopped(here.database)
    assert finding.level == "warn" and "compliance_suspend" in finding.says
    assert finding.do == "settle that, then: nurture gate open mailer:sendgrid"


# --- silence

_MAILED_AT = write("UPDATE attempt SET started_at = :at")


def test_silence_after_a_mail_is_told_and_events_end_it(office: Office) -> None:
    assert _heard(office.database).says.startswith("none yet")
    office.add_lead()
    email = office.mail()
    assert _heard(office.database).level == "warn"
    assert "never" in _heard(office.database).says
    office.pass_time(minutes=1)
    office.tell(office.event(email, "delivered", 1))
    assert _heard(office.database).level == "ok"


def test_a_mail_of_this_minute_may_still_be_without_events(here: Office) -> None:
    here.add_lead()
    here.mail()
    with here.database.transaction("just now") as connection:
        connection.execute(_MAILED_AT, {"at": SystemClock().now() - timedelta(minutes=1)})
    assert _heard(here.database).level == "ok"
