from __future__ import annotations

from collections.abc import Iterator

import pytest

from nurture.mail.sendgrid import SendGridMailer
from tests.mail.fake_sendgrid import FakeSendGrid


@pytest.fixture
def sendgrid() -> Iterator[FakeSendGrid]:
    with FakeSendGrid() as fake:
        yield fake


@pytest.fixture
def mailer(sendgrid: FakeSendGrid) -> Iterator[SendGridMailer]:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test")
    yield mailer
    mailer.close()
