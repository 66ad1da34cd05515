"""One signed POST, and what the answer means. Nothing here tries twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from nurture.mail import Outcome, Receipt
from nurture.netguard import Reach
from nurture.webhooks.setup import Endpoint
from nurture.webhooks.transport import Guarded

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
#: of an answer's body, which says nothing that matters; read so far, the connection can be used again
SKIMMED_BYTES, SKIM_SECONDS = 1024, 1.0
#: how long a receiver is left alone that does not answer or asks to slow down, and the most it can ask for
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 86_400.0

GONE, TOO_MANY = 410, 429


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it goes over the wire: `id` is the same on each attempt."""

    id: str
    attempt_id: str
    body: bytes


def open_client(connections: int, reach: Reach) -> httpx.AsyncClient:
    """A client for one receiver within `reach`: it follows no redirects and takes nothing from the environment."""
    # At INFO this logger prints addresses, and some of them hold a key.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=connections)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        headers={"Content-Type": "application/json", "User-Agent": "nurture"},
        trust_env=False,
        transport=Guarded(httpx.AsyncHTTPTransport(verify=_trusted(), limits=limits, trust_env=False), reach),
    )


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities this machine trusts, a company's own among them; read once, because it takes 50 ms."""
    return ssl.create_default_context()


async def post(client: httpx.AsyncClient, to: Endpoint, message: Message, now: datetime) -> Receipt:
    """Post one event, signed as of `now`."""
    request = client.stream("POST", to.url, content=message.body, headers=signed(to, message, now))
    try:
        async with asyncio.timeout(TOTAL_SECONDS), request as response:
            await _skim(response)
            return read_answer(message, response.status_code, response.headers.get("Retry-After", ""), now)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        reason = f"could not be reached ({str(error)[:200] or type(error).__name__})"
        return Receipt(message.attempt_id, Outcome.NOT_ACCEPTED, reason=reason, retry_after=PAUSE_SECONDS)
    # Whatever it is, the other events go on. Only the type: a text may hold the address.
    except Exception as error:  # noqa: BLE001
        reason = f"did not answer ({type(error).__name__})"
        return Receipt(message.attempt_id, Outcome.UNKNOWN, reason=reason, retry_after=PAUSE_SECONDS)


def signed(to: Endpoint, message: Message, now: datetime) -> dict[str, str]:
    """The three headers of the standard."""
    moment = now.astimezone(UTC)
    body = message.body.decode()
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signer.sign(message.id, moment, body) for signer in to.signers),
    }


def read_answer(message: Message, status: int, retry_after: str, now: datetime) -> Receipt:
    """2xx is delivered, 410 is given up; anything else is tried again, later where the receiver says so."""
    about = message.attempt_id
    if 200 <= status < 300:
        return Receipt(about, Outcome.ACCEPTED)
    if status == GONE:
        return Receipt(about, Outcome.REJECTED, reason="the receiver is gone (410)")
    pause = _pause(retry_after, now)
    if status == TOO_MANY and pause is None:
        pause = PAUSE_SECONDS
    moved = "; redirects are not followed" if 300 <= status < 400 else ""
    return Receipt(about, Outcome.NOT_ACCEPTED, reason=f"answered {status}{moved}", retry_after=pause)


async def _skim(response: httpx.Response) -> None:
    seen = 0
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(SKIM_SECONDS):
            async for part in response.aiter_raw(SKIMMED_BYTES):
                seen += len(part)
                if seen >= SKIMMED_BYTES:
                    return


def _pause(retry_after: str, now: datetime) -> float | None:
    """Retry-After (RFC 9110), in seconds or as a date; None where it says nothing that can be read."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
