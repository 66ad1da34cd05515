"""Who is known to follow links for safety, not for interest: what they call themselves, and where they come from.

Names of link scanners, fetchers and libraries, and the networks from which mail security services work: only those
that are the service's own, never the whole of a cloud, because people come from there as well. Web proxies of the
same companies are left out for that reason, and so is any network whose owner could not be checked. Both lists are
short on purpose: most scanners wear the name of an ordinary browser, and what gives them away is how they click
(`nurture.core.verdict`). A project adds what it knows under `scanners:` of nurture.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

#: "bot" not in CUBOT, which makes phones
_AGENTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|scanner|preview|existence discovery"
    r"|barracuda|mimecast|proofpoint|trendmicro|forcepoint"
    r"|headlesschrome|python-|aiohttp|curl/|wget|go-http-client|okhttp|apache-httpclient|java/|libwww",
    re.IGNORECASE,
)

#: service -> networks its mail gateways use; only what could be checked, with where
NETWORKS = {
    # ARIN, NET-64-235-144-0-1 (direct assignment); TXT spf.ess.barracudanetworks.com
    "Barracuda": ("64.235.144.0/20", "209.222.80.0/21"),
    # announced by AS42427 (Mimecast), and among the ranges Mimecast gives its customers for their firewalls
    "Mimecast": ("91.220.42.0/24", "146.101.78.0/24", "195.130.217.0/24", "207.82.80.0/24"),
    # Proofpoint's support page of addresses for firewalls; the other two: Microsoft's list of relays, where they are
    # put down as Proofpoint's
    "Proofpoint": ("67.231.144.0/20", "148.163.128.0/19", "205.220.160.0/19"),
}


class _Networks(NamedTuple):
    networks: tuple[IPv4Network | IPv6Network, ...]
    #: how addresses in them begin: the first number of IPv4, which none of them leaves open; of IPv6 anyhow
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, told: Iterable[str]) -> _Networks:
        networks = tuple(map(ip_network, told))
        return cls(networks, tuple(str(one).partition(".")[0] + "." if one.version == 4 else "" for one in networks))

    def have(self, ip: str) -> bool:
        """Most addresses begin otherwise, and need not be read."""
        if not ip.startswith(self.beginnings):
            return False
        try:
            address = ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


_NETWORKS = _Networks.of(network for some in NETWORKS.values() for network in some)


@dataclass(frozen=True)
class Scanners:
    """Who is known here: the lists above, and what a project knows besides (words in user agents, networks)."""

    agents: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    def is_agent(self, user_agent: str) -> bool:
        """Whether a program that calls itself this is a machine's."""
        return _is_agent(user_agent) or any(word in user_agent.casefold() for word in self._words)

    def is_network(self, ip: str) -> bool:
        """Whether an address belongs to a mail security service. What is no address does not."""
        return _is_known_network(ip) or self._own.have(ip)

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(word.casefold() for word in self.agents)

    @cached_property
    def _own(self) -> _Networks:
        return _Networks.of(self.networks)


#: those that everybody knows
KNOWN = Scanners()


#: larger networks have people in them, whoever they belong to: bits that are fixed at least, by version of IP
_LARGEST = {4: 8, 6: 32}
_EVERYBODYS = (
    "mozilla/5.0 (windows nt 10.0; win64; x64; linux x86_64; macintosh; intel mac os x; iphone; ipad; android; mobile; "
    "cpu os like mac os x) applewebkit/537.36 (khtml, like gecko) version chrome/ safari/ edg/ firefox/ opr/ outlook"
)


def program(text: str) -> str:
    """A word in what scanners call themselves, as nurture.yaml has it. Raises ValueError for one of every browser."""
    word = text.strip()
    if len(word) < 4:
        raise ValueError(f"'{word}' is too short to know a scanner by; write at least 4 characters of its name")
    if word.casefold() in _EVERYBODYS:
        raise ValueError(
            f"'{word}' stands in what ordinary browsers call themselves, so every reader would be a scanner"
        )
    return word


def span_of_net(text: str) -> str:
    """A network of scanners, as nurture.yaml has it. Raises ValueError for what is none, or takes in too many."""
    try:
        network = ip_network(text.strip())
    except ValueError:
        told = f"'{text.strip()}' is not a network; write its first address and its size, like '192.0.2.0/24'"
        raise ValueError(told) from None
    if network.prefixlen < _LARGEST[network.version]:
        most = _LARGEST[network.version]
        raise ValueError(
            f"'{network}' is larger than /{most}, so people are in it as well; write the scanner's own network"
        )
    return str(network)


@lru_cache(maxsize=4096)
def _is_agent(user_agent: str) -> bool:
    return bool(_AGENTS.search(user_agent))


@lru_cache(maxsize=4096)
def _is_known_network(ip: str) -> bool:
    return _NETWORKS.have(ip)
