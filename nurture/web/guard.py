"""Around every request: how much may come in, and what every answer says to browsers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: bytes of a body; the mail provider sends its events in batches
MAX_EVENTS, MAX_FORM = 4_000_000, 64_000


class Guard:
    """Counts a body while it comes in, whatever its Content-Length claims; adds the security headers."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MAX_EVENTS if scope["path"].startswith("/webhooks/") else MAX_FORM
        await self._app(scope, _capped(receive, most), self._sealed(send))

    def _sealed(self, send: Send) -> Send:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        return sealed


def _capped(receive: Receive, most: int) -> Receive:
    taken = 0

    async def capped() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return capped
