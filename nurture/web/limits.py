"""How often one address, and one key, may ask. Never whoever opts out, and never who signs what it sends.

Token buckets in the memory of one process: a flood is slowed down, not counted to the letter.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

from starlette.types import Scope

from nurture.clock import SystemClock
from nurture.web.authorization import shown_key

#: opting out must always get through, and so must what is signed and what watches over us
NEVER = ("/u/", "/c/", "/webhooks/", "/healthz", "/readyz")
#: buckets kept at once; beyond that the one that was longest not asked for is forgotten, and so full again
MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a second in the long run, and so many at once."""

    per_second: float
    burst: int


API = "/v1/"
API_BY_KEY = Rate(200, 2000)
#: by what a path begins with; the first that fits
BY_ADDRESS = ((API, Rate(50, 500)), ("/f/", Rate(2, 60)), ("", Rate(10, 200)))


@dataclass(slots=True)
class Limits:
    """Who has asked how often. `elapsed` counts seconds."""

    elapsed: Callable[[], float] = field(default_factory=lambda: SystemClock().elapsed)
    #: name -> requests that are left, as of when
    _buckets: OrderedDict[Hashable, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, scope: Scope) -> int:
        """The seconds after which to ask again; 0: go ahead."""
        if scope["path"].startswith(NEVER):
            return 0
        now = self.elapsed()
        # Whoever is refused as an address takes nothing from a key that others show too.
        waits = (self._take(name, rate, now) for name, rate in _buckets_of(scope))
        return math.ceil(next((wait for wait in waits if wait), 0))

    def _take(self, name: Hashable, rate: Rate, now: float) -> float:
        left, then = self._buckets.pop(name, (float(rate.burst), now))
        left = min(left + (now - then) * rate.per_second, rate.burst)
        taken = left >= 1
        self._buckets[name] = (left - taken, now)
        while len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0 if taken else (1 - left) / rate.per_second


def _buckets_of(scope: Scope) -> Iterator[tuple[Hashable, Rate]]:
    path = scope["path"]
    start, rate = next((start, rate) for start, rate in BY_ADDRESS if path.startswith(start))
    yield (start, caller(scope)), rate
    key = shown_key(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))
    if start == API and key:
        yield hash(key), API_BY_KEY


def caller(scope: Scope) -> str:
    """The address that asks; of IPv6 its /64, which is one household's or one machine's."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    # a proxy that listens to both kinds at once writes ::ffff:203.0.113.7
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))
