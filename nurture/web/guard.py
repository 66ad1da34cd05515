"""Around every request: how often, how much and how slowly it may come in, and what every answer says to browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurture.web.limits import Limits

#: bytes of a body; the mail provider sends its events in batches
MAX_EVENTS, MAX_FORM = 4_000_000, 64_000

#: by what a path begins with, the first that fits: bytes of a body, and seconds until all of it must have come
ROOMS = (
    ("/webhooks/inbound", 31_000_000, 120),
    ("/webhooks/", MAX_EVENTS, 60),
    ("/v1/batch", 512_000, 30),
    ("/v1/opportunities", 512_000, 30),
    ("/v1/", 32_768, 20),
    ("/f/", 5_000_000, 30),  # a form may have a file with it, which is dropped
    ("", MAX_FORM, 20),
)
#: bytes of unfinished bodies held at once; beyond that, whoever sends more than a form is asked to come back
MOST_HELD = 40_000_000
#: when to come back, in seconds, to whoever is sent away for want of room
RETRY = {"Retry-After": "30"}


@dataclass(slots=True)
class Taken:
    """What has come in of one body, in bytes."""

    bytes: int = 0


class Guard:
    """Counts a body while it comes in, whatever its Content-Length claims; adds the security headers."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], limits: Limits | None = None) -> None:
        self._app = app
        self._headers = headers
        self._limits = limits
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sealed = self._sealed(send)
        if "\0" in scope["path"]:  # no address of ours has one, and PostgreSQL cannot look for it
            await PlainTextResponse("There is nothing here.\n", 404)(scope, receive, sealed)
            return
        if self._limits and (seconds := self._limits.wait(scope)):
            await _later(seconds)(scope, receive, sealed)
            return
        most, span = next((most, span) for start, most, span in ROOMS if scope["path"].startswith(start))
        taken = Taken()
        try:
            await self._app(scope, self._capped(receive, most, span, taken), sealed)
        finally:
            self._held -= taken.bytes

    def _capped(self, receive: Receive, most: int, seconds: float, taken: Taken) -> Receive:
        whole = False
        ends = asyncio.get_running_loop().time() + seconds

        async def capped() -> Message:
            nonlocal whole
            if whole:  # from here on only the end of the connection is waited for
                return await receive()
            try:
                async with asyncio.timeout_at(ends):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            size = len(message.get("body", b""))
            taken.bytes += size
            self._held += size
            whole = not message.get("more_body", False)
            if taken.bytes > most:
                raise HTTPException(413)
            if size and self._held > MOST_HELD and taken.bytes > MAX_FORM:
                raise HTTPException(503, headers=RETRY)
            return message

        return capped

    def _sealed(self, send: Send) -> Send:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        return sealed


def _later(seconds: int) -> PlainTextResponse:
    """Plain, because a flood must cost as little as it can."""
    text = f"Too many requests. Please try again in {seconds} s.\n"
    return PlainTextResponse(text, 429, {"Retry-After": str(seconds)})
