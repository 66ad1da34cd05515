"""The connections to SendGrid: one event loop on one daemon thread, one session, a few kept-alive sockets.

Nothing here tries twice: not we, and not aiohttp, which repeats idempotent methods only. The official package
would open a connection and build an SSL context (50 ms) for each mail; aiohttp shares one among them all.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import aiohttp

from nurture.mail import Outcome
from nurture.mail.sendgrid.outcomes import Answer, NoAnswer

T = TypeVar("T")

SEND_PATH = "/v3/mail/send"
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
#: A socket idle for longer is not used again: the far end may be closing it just as we write, and then nobody
#: can say whether the mail was taken.
IDLE_SECONDS = 2.0

#: no byte of the request left: name resolution, connection, TLS handshake
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def read_failure(error: Exception) -> NoAnswer:
    """What the lack of an answer says: certain that nothing was sent, or unknown."""
    if isinstance(error, _NOT_SENT):
        return NoAnswer(Outcome.NOT_ACCEPTED, f"SendGrid could not be reached ({type(error).__name__})")
    return NoAnswer(Outcome.UNKNOWN, f"SendGrid did not answer ({type(error).__name__})")


class Transport:
    """Posts mails from any thread until `close`. Take one of the `slots` first: there are `connections` of them."""

    slots: asyncio.Semaphore

    def __init__(self, host: str, api_key: str, connections: int) -> None:
        self._url = host + SEND_PATH
        self._key = api_key
        self._connections = connections
        self._running: set[asyncio.Task[Any]] = set()
        self._loop, self._stop = asyncio.new_event_loop(), asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="sendgrid", daemon=True)
        self._thread.start()
        self._ready.wait()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work` on the transport's loop."""
        return asyncio.run_coroutine_threadsafe(self._tracked(work), self._loop)

    async def post(self, body: bytes) -> Answer | NoAnswer:
        """One POST, tried once."""
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                return Answer(response.status, response.headers, await _rest(response))
        except Exception as error:  # noqa: BLE001  whatever it is, the chunk goes on, and UNKNOWN is never false
            return read_failure(error)

    def close(self) -> None:
        """Let what was submitted come to its end, then end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._live())
        finally:
            self._ready.set()  # nobody waits for a thread that could not start

    async def _live(self) -> None:
        self.slots = asyncio.Semaphore(self._connections)
        async with self._open() as self._session:
            self._ready.set()
            await self._stop.wait()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _tracked(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            return await work
        finally:
            self._running.discard(task)


async def _rest(response: aiohttp.ClientResponse) -> bytes:
    """The body, or nothing if it breaks off: the status has said what matters."""
    try:
        return await response.read()
    except (aiohttp.ClientError, OSError):
        return b""
