"""Who is known to follow links for safety, not for interest: what they call themselves, and where they come from.

Names of link scanners, fetchers and libraries, and the networks from which mail security services work: only those
that are the service's own, never the whole of a cloud, because people come from there as well. Web proxies of the
same companies are left out for that reason. Both lists are short on purpose: most scanners wear the name of an
ordinary browser, and what gives them away is how they click (`nurture.core.verdict`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network

#: "bot" not in CUBOT, which makes phones
_AGENTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|scanner|preview|existence discovery"
    r"|barracuda|mimecast|proofpoint|trendmicro|forcepoint"
    r"|headlesschrome|python-|aiohttp|curl/|wget|go-http-client|okhttp|apache-httpclient|java/|libwww",
    re.IGNORECASE,
)

#: service -> networks its mail gateways use
NETWORKS = {
    "Barracuda": ("64.235.144.0/20", "209.222.80.0/21"),
    "Cisco": ("68.232.128.0/19", "216.71.128.0/19"),
    "Mimecast": ("91.220.42.0/24", "146.101.78.0/24", "195.130.217.0/24", "207.82.80.0/24", "213.167.75.0/24"),
    "Proofpoint": ("67.231.144.0/20", "148.163.128.0/19", "205.220.160.0/19"),
    "Symantec": ("67.219.240.0/20", "85.158.136.0/21", "193.109.254.0/23", "195.245.230.0/23", "216.82.240.0/20"),
    "Trend Micro": ("150.70.0.0/16",),
}
_NETWORKS = tuple(ip_network(network) for some in NETWORKS.values() for network in some)


@lru_cache(maxsize=4096)
def is_agent(user_agent: str) -> bool:
    """Whether a program that calls itself this is a machine's."""
    return bool(_AGENTS.search(user_agent))


@lru_cache(maxsize=4096)
def is_network(ip: str) -> bool:
    """Whether an address belongs to a mail security service. What is no address does not."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in _NETWORKS)
