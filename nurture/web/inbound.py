"""Mails that come in, posted by the provider: stored as they came but for attachments, answered, then worked.

The provider tries again for three days after a 5xx, and drops a mail for good after anything else that is not 2xx,
telling nobody. So whatever is not certainly somebody else's is answered with 2xx or 5xx.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nurture.engage import receive
from nurture.engage.inbox import INBOUND
from nurture.mail.inbound import without_attachments
from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER, could_be_signed, verify
from nurture.mail.sendgrid.knock import HEARD, KNOCK
from nurture.web.guard import RETRY
from nurture.web.site import Site

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InboundKeys:
    """What tells the provider from others: a secret end of the address, signatures, or both."""

    secret_path: str = ""
    keys: Sequence[str] = ()


def routes(site: Site, known: InboundKeys) -> APIRouter:
    """POST /webhooks/inbound/{secret}, or /webhooks/inbound where only signatures are asked for.

    Played back, a mail is one that was told before, so there is no rule about its age.
    """
    router = APIRouter()

    @router.post("/webhooks/inbound")
    @router.post("/webhooks/inbound/{secret}")
    async def inbound(request: Request, secret: str = "") -> Response:
        if not known.secret_path and not known.keys:
            log.error("mails are refused: set NURTURE_INBOUND__SECRET_PATH, NURTURE_INBOUND__KEY or both")
            raise HTTPException(503)
        # before the body is read: nobody else sends us 30 MB
        if not hmac.compare_digest(secret.encode(), known.secret_path.encode()):
            raise HTTPException(404)
        seal, stamp = request.headers.get(SIGNATURE_HEADER), request.headers.get(TIMESTAMP_HEADER)
        if known.keys and not could_be_signed(seal, stamp):
            raise HTTPException(403)
        body = await _whole(request)
        if known.keys and not verify(known.keys, seal, stamp, body):
            raise HTTPException(403)
        if body == KNOCK:  # `nurture doctor` asks whether we listen here
            return Response(status_code=HEARD)
        await run_in_threadpool(receive, site.ports, INBOUND, without_attachments(body))
        return Response(status_code=204, background=BackgroundTask(site.drain))

    return router


async def _whole(request: Request) -> bytearray:
    """The body, held in memory once; one that came too slowly may come again."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
    except HTTPException as error:
        if error.status_code != 408:
            raise
        raise HTTPException(503, headers=RETRY) from None
    return body
