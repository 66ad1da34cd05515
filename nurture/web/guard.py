"""Around every request: how often, how much and how slowly it may come in, and what every answer says to browsers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurture.web.limits import Limits, caller

#: bytes of a body; the mail provider sends its events in batches
MAX_EVENTS, MAX_FORM = 4_000_000, 64_000

#: by what a path begins with, the first that fits: bytes of a body, and seconds until all of it must have come
ROOMS = (
    ("/webhooks/inbound", 31_000_000, 120),
    ("/webhooks/", MAX_EVENTS, 20),
    ("/v1/batch", 512_000, 30),
    ("/v1/opportunities", 512_000, 30),
    ("/v1/", 32_768, 20),
    ("/f/", 5_000_000, 30),  # a form may have a file with it, which is dropped
    ("", MAX_FORM, 20),
)
#: bytes of unfinished bodies held at once: of all, and of one caller's others; beyond that, whoever sends more than a
#: form is asked to come back
MOST_HELD, MOST_OF_ONE = 40_000_000, 8_000_000
#: when to come back, in seconds, to whoever is sent away for want of room
RETRY = {"Retry-After": "30"}


@dataclass(slots=True)
class Taken:
    """What has come in of one caller's body, in bytes."""

    caller: str
    bytes: int = 0


class Room:
    """What all unfinished bodies hold, in bytes, by caller."""

    def __init__(self) -> None:
        self._held = Counter[str]()

    def add(self, taken: Taken, size: int) -> None:
        taken.bytes += size
        self._held[taken.caller] += size

    def is_too_small(self, taken: Taken) -> bool:
        """Whether this body has to go; one of a form's size never does."""
        others = self._held[taken.caller] - taken.bytes
        return taken.bytes > MAX_FORM and (others > MOST_OF_ONE or self._held.total() > MOST_HELD)

    def free(self, taken: Taken) -> None:
        self._held[taken.caller] -= taken.bytes
        taken.bytes = 0
        if not self._held[taken.caller]:
            del self._held[taken.caller]


class Guard:
    """Counts a body while it comes in, whatever its Content-Length claims; adds the security headers."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], limits: Limits | None = None) -> None:
        self._app = app
        self._headers = headers
        self._limits = limits
        self._room = Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = Taken(caller(scope))
        sealed = self._sealed(send, taken)
        if "\0" in scope["path"]:  # no address of ours has one, and PostgreSQL cannot look for it
            await PlainTextResponse("There is nothing here.\n", 404)(scope, receive, sealed)
            return
        if self._limits and (seconds := self._limits.wait(scope)):
            await _later(seconds)(scope, receive, sealed)
            return
        most, span = next((most, span) for start, most, span in ROOMS if scope["path"].startswith(start))
        try:
            await self._app(scope, self._capped(receive, most, span, taken), sealed)
        finally:
            self._room.free(taken)

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
            if message["type"] == "http.disconnect":  # who hung up hears no answer, and is no fault of ours
                raise HTTPException(400)
            size = len(message.get("body", b""))
            self._room.add(taken, size)
            whole = not message.get("more_body", False)
            if taken.bytes > most:
                raise HTTPException(413)
            if size and self._room.is_too_small(taken):
                raise HTTPException(503, headers=RETRY)
            return message

        return capped

    def _sealed(self, send: Send, taken: Taken) -> Send:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
                self._room.free(taken)  # what is done after the answer may take its time
            await send(message)

        return sealed


def _later(seconds: int) -> PlainTextResponse:
    """Plain, because a flood must cost as little as it can."""
    text = f"Too many requests. Please try again in {seconds} s.\n"
    return PlainTextResponse(text, 429, {"Retry-After": str(seconds)})
