"""The mailer that posts to SendGrid's v3 API."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from nurture.clock import Budget, Clock, SystemClock
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.headers import screen
from nurture.mail.sendgrid.account import require_host, require_key
from nurture.mail.sendgrid.outcomes import NoAnswer, classify
from nurture.mail.sendgrid.payload import build_payload

if TYPE_CHECKING:
    from nurture.mail.sendgrid.transport import Transport


@dataclass(slots=True)
class _Chunk:
    """The mails of one `send`, under way. `halt` is the answer after which no further mail is started."""

    transport: Transport
    budget: Budget
    now: datetime
    halt: Receipt | None = None


class SendGridMailer:
    """Sends through SendGrid, one request a mail, `connections` at once (SendGrid advises about ten).

    `host` is https://api.sendgrid.com, or https://api.eu.sendgrid.com for a regional subuser. `environment`
    comes back with each event and tells production from staging. With `sandbox`, SendGrid checks each mail
    and sends none. Raises SetupError for a missing key or a host that is not a URL.
    """

    name = "sendgrid"
    idempotent = False

    def __init__(
        self,
        api_key: str,
        host: str,
        environment: str,
        connections: int = 10,
        *,
        sandbox: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._key = require_key(api_key)
        self._host = require_host(host)
        self.environment = environment
        self.connections = connections
        self.sandbox = sandbox
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._transports: dict[int, Transport] = {}
        self._closed = False

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        if not emails:
            return []
        under_way = self._start(emails, budget)
        try:
            return under_way.result()
        except BaseException:
            under_way.cancel()
            raise

    def close(self) -> None:
        """Start no further mail, wait for those in flight (20 s at most), let go of the connections."""
        with self._lock:
            self._closed = True
            transport = self._transports.pop(os.getpid(), None)
        if transport:
            transport.close()

    def _start(self, emails: Sequence[Email], budget: Budget) -> Future[list[Receipt]]:
        now = self._clock.now()
        with self._lock:
            if self._closed:
                return _settled([_not_started(email, "the mailer is closed") for email in emails])
            transport = self._transport()
            return transport.submit(self._send_chunk(emails, _Chunk(transport, budget, now)))

    def _transport(self) -> Transport:
        # By process: a fork inherits the sockets but not the thread, and must leave its parent's alone.
        if os.getpid() not in self._transports:
            # Imported here because aiohttp takes 0.4 s, and most commands send nothing.
            from nurture.mail.sendgrid.transport import Transport

            self._transports[os.getpid()] = Transport(self._host, self._key, self.connections)
        return self._transports[os.getpid()]

    async def _send_chunk(self, emails: Sequence[Email], chunk: _Chunk) -> list[Receipt]:
        return await asyncio.gather(*(self._send_one(email, chunk) for email in emails))

    async def _send_one(self, email: Email, chunk: _Chunk) -> Receipt:
        async with chunk.transport.slots:
            receipt = self._hold_back(email, chunk) or await self._post(email, chunk)
            if receipt.closes_gate or receipt.retry_after is not None:
                chunk.halt = chunk.halt or receipt
            return receipt

    def _hold_back(self, email: Email, chunk: _Chunk) -> Receipt | None:
        """Why a mail is not started, looked at when its turn has come."""
        if chunk.halt:
            return replace(chunk.halt, attempt_id=email.attempt_id, reason=f"not started: {chunk.halt.reason}")
        if self._closed:
            return _not_started(email, "the mailer was closed")
        return screen(email, chunk.budget)

    async def _post(self, email: Email, chunk: _Chunk) -> Receipt:
        body = orjson.dumps(build_payload(email, self.environment, self.sandbox))
        answer = await chunk.transport.post(body)
        if isinstance(answer, NoAnswer):
            return Receipt(email.attempt_id, answer.outcome, reason=answer.reason)
        return classify(answer.status, answer.headers, answer.body, chunk.now, email.attempt_id)


def _not_started(email: Email, why: str) -> Receipt:
    return Receipt(email.attempt_id, Outcome.NOT_ACCEPTED, reason=f"not started: {why}")


def _settled(receipts: list[Receipt]) -> Future[list[Receipt]]:
    future: Future[list[Receipt]] = Future()
    future.set_result(receipts)
    return future
