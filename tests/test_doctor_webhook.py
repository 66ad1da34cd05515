"""`nurture doctor` learns whether the provider's events reach us, and only the provider's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from nurture.clock import SystemClock
from nurture.doctor import _from_outside, _heard
from nurture.errors import SetupError
from nurture.mail.sendgrid.knock import knock
from nurture.settings import SendGridSettings, Settings
from nurture.web import create_app
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


def test_silence_after_a_mail_is_told_and_events_end_it(office: Office) -> None:
    assert _heard(office.database).says.startswith("none yet")
    office.clock.move_to(SystemClock().now() - timedelta(hours=3))
    office.add_lead()
    email = office.mail()
    assert _heard(office.database).level == "warn"
    assert "never" in _heard(office.database).says
    office.pass_time(minutes=1)
    office.tell(office.event(email, "delivered", 1))
    assert _heard(office.database).level == "ok"


def test_a_mail_of_this_minute_may_still_be_without_events(here: Office) -> None:
    here.clock.move_to(SystemClock().now() - timedelta(minutes=1))
    here.add_lead()
    here.mail()
    assert _heard(here.database).level == "ok"
