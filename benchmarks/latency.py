"""How soon does somebody hear of it? What a lead asks for, and that it asks for a person, over the running app.

Real requests to a real server on this machine, a SQLite file, and a SendGrid of our own that checks every mail: from
the moment a request is posted to the moment the mail it sets off is accepted. All requests of a kind are posted one
right after the other, so most of them wait for others. The promise is 10 seconds for 95 in 100.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from models.database import Database
from models.statement import write
from models.words import LegalGround
from nurture.clock import SystemClock
from nurture.content import load_project
from nurture.core.channels import Channel
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.library import Library
from nurture.mail.sendgrid import SendGridMailer
from nurture.netguard import LOOPBACK, Reach
from nurture.ports import Ports
from nurture.runtime import new_id
from nurture.watermark import Watermark
from nurture.web import create_app
from nurture.web.inbound import InboundKeys
from tests.mail.fake_sendgrid import FakeSendGrid, Taken
from tests.receiver import Got, Receiver

#: seconds within which 95 in 100 are there
PROMISE = 10.0
#: what never comes is given up (seconds)
_PATIENCE = 60.0
_SECRET, _DOMAIN = "latency", "replies.example.com"
_QUALIFIED = write("UPDATE lead SET stage = 'mql'")


@dataclass(frozen=True)
class Latency:
    """What was waited for, and the seconds it took, the shortest first."""

    what: str
    seconds: tuple[float, ...]

    def percentile(self, share: float) -> float:
        """So many of them (0 to 1) took no longer."""
        return self.seconds[max(ceil(len(self.seconds) * share) - 1, 0)]


def run(root: Path, folder: Path, requests: int) -> list[Latency]:
    """So many requests of each kind, with the sequences and the agreement of the project at `root`."""
    with FakeSendGrid() as sendgrid, Receiver() as chat, _ports(root, folder, sendgrid, chat) as ports:
        readers, callers = _leads(ports, "reader", requests), _leads(ports, "caller", requests)
        app = create_app(ports, webhook_keys=[sendgrid.public_key], inbound_keys=InboundKeys(_SECRET))
        with _serving(app) as client:
            office = _Office(client, sendgrid, chat)
            asked = office.measure("requested mail accepted", readers, office.ask_for_prices, _to_lead)
            raised = office.measure("form 'please call me' to alert", callers, office.ask_for_a_call, _to_sales)
            told = office.channel("form 'please call me' to chat channel", callers)
            replied = office.measure("reply 'please call me' to alert", readers, office.reply, _to_sales)
        return [asked, raised, told, replied]


@contextmanager
def _ports(root: Path, folder: Path, sendgrid: FakeSendGrid, chat: Receiver) -> Iterator[Ports]:
    database = Database(f"sqlite:///{folder / 'latency.db'}")
    database.create()
    project, clock = load_project(root), SystemClock()
    channel = Channel.model_validate({"name": "chat", "about": ["handoff"], "personal": True})
    project = replace(project, config=project.config.model_copy(update={"alerts": (channel,)}))
    library = Library(database, project)
    library.publish(project, clock.now())
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "latency")
    addresses = {"chat": SecretStr(chat.url.replace("http:", "json:"))}
    ports = Ports(database, clock, project, library, mailer, Watermark(), new_id, reply_domain=_DOMAIN)
    yield replace(ports, alert_channels=addresses, reach=Reach(LOOPBACK))
    mailer.close()
    database.close()


def _leads(ports: Ports, name: str, count: int) -> list[str]:
    """Leads that fit, and have asked for nothing yet; their addresses."""
    drafts = [
        Draft(
            email=f"{name}{number}@mill{number}.example.com", first_name="Ingrid", last_name=f"Solheim {number}",
            company=f"Mill {number}", title="Production manager", industry="food", employees=120, country="NO",
            timezone="Europe/Oslo", phone="+47 55 00 00 00", legal_ground=LegalGround.CONSENT,
        )
        for number in range(count)
    ]  # fmt: skip
    with ports.database.transaction("leads") as connection:
        save(connection, drafts, Intake("latency", ports.clock.now(), ports.new_id))
        connection.execute(_QUALIFIED)
    return [draft.email for draft in drafts]


@contextmanager
def _serving(app: FastAPI) -> Iterator[httpx.Client]:
    """The app on a socket of this machine, as `nurture serve` runs it."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_PATIENCE) as client:
        yield client
    server.should_exit = True
    thread.join()


@dataclass(frozen=True)
class _Office:
    """Whoever posts requests, and looks at what SendGrid and the chat service were given."""

    client: httpx.Client
    sendgrid: FakeSendGrid
    chat: Receiver
    #: when each lead asked last
    posted: dict[str, datetime] = field(default_factory=dict)

    def measure(
        self,
        what: str,
        leads: Sequence[str],
        ask: Callable[[str], httpx.Response],
        answers: Callable[[Taken, str], bool],
    ) -> Latency:
        """Post a request for each lead, and wait for the mail that answers it. Raises TimeoutError where none comes."""
        for lead in leads:
            self.posted[lead] = datetime.now(UTC)
            ask(lead).raise_for_status()
        return Latency(what, tuple(sorted(self._wait(lead, self.posted[lead], answers) for lead in leads)))

    def channel(self, what: str, leads: Sequence[str]) -> Latency:
        """The same requests once more: how long until the chat service had them."""
        return Latency(what, tuple(sorted(self._wait_for_chat(lead) for lead in leads)))

    def _wait_for_chat(self, lead: str) -> float:
        company = lead.partition("@")[2].partition(".")[0].replace("mill", "Mill ")

        def found() -> list[Got]:
            return [got for got in list(self.chat.got) if got.body["title"].endswith(f", {company}")]

        _until(lambda: bool(found()))
        return (found()[0].at - self.posted[lead]).total_seconds()

    def _wait(self, lead: str, since: datetime, answers: Callable[[Taken, str], bool]) -> float:
        def found() -> list[Taken]:
            return [mail for mail in list(self.sendgrid.accepted) if mail.at >= since and answers(mail, lead)]

        _until(lambda: bool(found()))
        return (found()[0].at - since).total_seconds()

    def ask_for_prices(self, lead: str) -> httpx.Response:
        return self.client.post("/f/pricing", json={"email": lead})

    def ask_for_a_call(self, lead: str) -> httpx.Response:
        return self.client.post("/f/call-me", json={"email": lead, "message": "Please call me."})

    def reply(self, lead: str) -> httpx.Response:
        """The lead answers the mail it got."""
        mail = next(one for one in self.sendgrid.accepted if _to_lead(one, lead))
        to = mail.body["reply_to"]["email"]
        told = {"headers": "Date: Tue, 03 Mar 2026 12:00:00 +0100", "from": lead, "to": to, "subject": "Re: Prices",
                "text": "Yes please, call me.", "envelope": json.dumps({"to": [to], "from": lead})}  # fmt: skip
        return self.client.post(f"/webhooks/inbound/{_SECRET}", files={name: (None, one) for name, one in told.items()})


def _to_lead(mail: Taken, lead: str) -> bool:
    return mail.address == lead


def _to_sales(mail: Taken, lead: str) -> bool:
    """The brief of a lead that asks for a person."""
    subject = mail.body.get("subject") or mail.body["personalizations"][0]["subject"]
    return mail.address != lead and "Asks for a person" in subject and lead in json.dumps(mail.body)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it never came")
        time.sleep(0.01)
