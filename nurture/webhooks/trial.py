"""Trying a webhook out: one signed event about nobody, and what the receiver says to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from nurture.errors import SetupError
from nurture.mail import Outcome, Receipt
from nurture.ports import Ports
from nurture.webhooks.lane import body_of
from nurture.webhooks.post import Message, open_client, post
from nurture.webhooks.setup import Endpoint, Missing, endpoint

TEST = "test"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: the event's id, whether the receiver took it, and its answer in words."""

    id: str
    delivered: bool
    says: str


def try_out(ports: Ports, name: str) -> Tried:
    """Post it now, past gates and queue. Raises SetupError where nothing can be posted."""
    to = endpoint(ports.project.config, ports.webhook_secrets, name)
    if isinstance(to, Missing):
        raise SetupError(f"Webhook {name}: {to.what}; {to.do}.")
    number = ports.new_id()
    message = Message(f"msg_{number}", number, body_of(TEST, ports.clock.now(), {}))
    receipt = asyncio.run(_post(ports, to, message))
    return Tried(message.id, receipt.outcome is Outcome.ACCEPTED, receipt.reason or "took it")


async def _post(ports: Ports, to: Endpoint, message: Message) -> Receipt:
    async with open_client(1, ports.reach) as client:
        return await post(client, to, message, ports.clock.now())
