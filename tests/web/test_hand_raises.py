"""What comes in over the web app reaches sales at once, if it asks for a person; what only looks like it does not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nurture.netguard import LOOPBACK, Reach
from nurture.web import create_app
from nurture.web.inbound import InboundKeys
from tests.mail.inbound_samples import auto, posted, raw
from tests.office import Office
from tests.receiver import Receiver, connect
from tests.test_channels import connect as connect_channel
from tests.web.conftest import Visitor

SECRET = "s3cret-path-of-ours"
FORM = {"content-type": "multipart/form-data; boundary=xYzZY"}


@pytest.fixture
def lead(office: Office) -> str:
    """Mona has got a mail; the address that answers to it go to."""
    office.ports = replace(office.ports, reply_domain="in.acme.example")
    office.add_lead(phone="+47 55 00 00 00")
    to = office.mail().reply_to
    assert to
    return to.address


def answer(office: Office, to: str, mail: bytes) -> None:
    app = create_app(office.ports, webhook_keys=(), inbound_keys=InboundKeys(SECRET))
    envelope = json.dumps({"to": [to], "from": "mona@mill.example"})
    body = posted(mail, envelope=envelope)
    assert Visitor(app).post(f"/webhooks/inbound/{SECRET}", content=body, headers=FORM).status_code == 204


def test_a_reply_that_asks_for_a_call_is_with_sales_when_the_request_is_done(office: Office, lead: str) -> None:
    """Statement 14."""
    answer(office, lead, raw("Yes, please call me."))
    (brief,) = [alert for alert in office.alerts if alert.subject.startswith("Asks for a person")]
    assert brief.to.address == "kari@example.com"
    assert "Yes, please call me." in brief.text
    assert office.one("SELECT stage FROM lead").stage == "sql"


@pytest.mark.parametrize(
    "mail",
    [
        auto("I am out of the office until 20 March. Please call me on +47 99.", Auto_Submitted="auto-replied"),
        raw("I am out of office until Monday.", subject="Automatic reply: A word on leaks"),
        raw("Not now, maybe next year."),
        raw("Stop. Please unsubscribe me, and do not call me."),
        raw("Please do not call me."),
        raw("Thanks, interesting."),
    ],
    ids=["out of office", "automatic subject", "not now", "stop", "do not call", "thanks"],
)
def test_a_reply_that_does_not_ask_for_a_person_is_none_of_sales_business(
    office: Office, lead: str, mail: bytes
) -> None:
    """Statement 14."""
    answer(office, lead, mail)
    assert office.rows("SELECT 1 FROM handoff") == []
    assert [alert.to.address for alert in office.alerts if "kari" in alert.to.address] == []
    assert office.one("SELECT stage FROM lead").stage == "iql"


def test_a_form_reaches_mail_channel_and_signed_webhook_in_one_request(office: Office, crm: Receiver) -> None:
    with Receiver() as slack:
        connect(office, crm=crm.url)
        told = {"events": ("handoff.offered",)}
        project = office.ports.project
        hooks = {name: one.model_copy(update=told) for name, one in project.config.webhooks.items()}
        config = project.config.model_copy(update={"webhooks": hooks})
        office.ports = replace(office.ports, project=replace(project, config=config))
        connect_channel(office, {"slack": slack})
        office.ports = replace(office.ports, reach=Reach(LOOPBACK))
        app = create_app(office.ports, webhook_keys=())
        sent = {"email": "bo@loom.example", "first_name": "Bo", "phone": "+47 1"}
        Visitor(app).post("/f/demo", json=sent).raise_for_status()
        assert [alert.to.address for alert in office.alerts] == ["kari@example.com"]
        (posted_to_slack,) = slack.got
        assert "asks for a person" in posted_to_slack.body["title"]
        (event,) = crm.got
        assert event.genuine
        assert (event.body["type"], event.body["data"]["handoff_id"]) == ("handoff.offered", 1)
