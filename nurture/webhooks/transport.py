"""The way out: a name is looked up once, every answer is checked, and the connection goes to a checked address.

So a name that means something else a moment later (DNS rebinding) leads nowhere new. Host and TLS stay the name's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import httpx

from nurture.netguard import Reach

#: name and port -> the addresses it has now
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

LOOKUP_SECONDS = 5.0
#: addresses of a name that are tried one after the other
MOST_TRIED = 3


class Refused(httpx.ConnectError):
    """A request that would have gone where it must not."""


class Guarded(httpx.AsyncBaseTransport):
    """Carries requests to checked addresses only. Raises `Refused`, which is a ConnectError: nothing was sent.

    For one host at a time: kept connections go by address, so that two names of one address would share them.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, reach: Reach, resolve: Resolve | None = None) -> None:
        self._inner = inner
        self._reach = reach
        self._resolve = resolve or look_up

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        failed: httpx.TransportError | None = None
        host = request.url.host
        for address in (await self._addresses(request.url))[:MOST_TRIED]:
            request.url = request.url.copy_with(host=address)
            request.extensions = {**request.extensions, "sni_hostname": host}
            try:
                return await self._inner.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed or Refused("its name has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """All addresses of a host, each allowed."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await self._look_up(url.host, port)
        for address in found:
            if refusal := self._reach.refusal(url.scheme, port, ip_address(address)):
                raise Refused(refusal)
        return list(dict.fromkeys(found))

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                return await self._resolve(host, port)
        except TimeoutError:
            raise httpx.ConnectTimeout("its name could not be looked up in time") from None
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"its name could not be looked up: {error}") from None


async def look_up(host: str, port: int) -> Sequence[str]:
    """What the system says: DNS, the hosts file, and every way to write a number."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
