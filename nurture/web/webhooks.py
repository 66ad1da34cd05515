"""The mail provider's events: proved genuine over the raw bytes, stored as they came, answered, then worked."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nurture.engage import receive
from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER, could_be_signed, verify
from nurture.web.site import Site

log = logging.getLogger(__name__)

#: the provider tries again for 24 h; beyond that a signed request is an old one played back (seconds)
MAX_AGE, MOST_AHEAD = 25 * 3600, 300

#: requests refused since this process began: "forged" (not signed by the provider) or "replayed" (signed, too old)
refused: Counter[str] = Counter()


def routes(site: Site, keys: Sequence[str], *, insecure_dev: bool, max_age: int = MAX_AGE) -> APIRouter:
    """POST /webhooks/sendgrid. A repeated batch does no harm, so 2xx means no more than "stored".

    A request signed more than `max_age` seconds ago is refused; 0 takes any age, because a repetition does no harm.
    """
    router = APIRouter()

    @router.post("/webhooks/sendgrid")
    async def sendgrid(request: Request) -> Response:
        if not keys and not insecure_dev:
            log.error("events are refused: set NURTURE_SENDGRID__WEBHOOK_KEY to the Event Webhook's public key")
            raise HTTPException(503)
        if keys and not could_be_signed(*_seal(request)):  # before the body is read: nobody else sends us megabytes
            raise _refusal("forged")
        body = await request.body()
        now = await run_in_threadpool(site.ports.clock.now)
        if keys and (fault := _fault(request, keys, body, now, max_age)):
            raise _refusal(fault)
        await run_in_threadpool(receive, site.ports, "sendgrid", body)
        return Response(status_code=204, background=BackgroundTask(site.drain))

    return router


def _refusal(fault: str) -> HTTPException:
    refused[fault] += 1
    log.warning("a request of events is refused: %s", fault)
    return HTTPException(403)


def _seal(request: Request) -> tuple[str | None, str | None]:
    """The signature and the time it is about."""
    return request.headers.get(SIGNATURE_HEADER), request.headers.get(TIMESTAMP_HEADER)


def _fault(request: Request, keys: Sequence[str], body: bytes, now: datetime, max_age: int) -> str | None:
    """Why this is not the provider's own request of these days, in a word; None if it is."""
    signature, stamp = _seal(request)
    if not verify(keys, signature, stamp, body):
        return "forged"
    if not max_age:
        return None
    age = now.timestamp() - int(stamp) if stamp and stamp.isdecimal() and len(stamp) < 12 else None
    return None if age is not None and -MOST_AHEAD <= age <= max_age else "replayed"
