"""Where requests of ours may go: to the public internet, and nowhere inside, however the address is written."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = (443, 8443)
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

#: where IPv6 addresses for everybody begin; all others are somebody's own
_PUBLIC_V6 = ip_network("2000::/3")
#: not the public internet, though Python's table (of 3.11.7 at least) or the number alone says otherwise
_REFUSED = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata among them
        "192.88.99.0/24",  # 6to4 relays, which are no more
        "168.63.129.16/32",  # the host below a machine in Azure
        "2001::/23",  # protocol assignments; Teredo among them, which holds an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where requests may go: the public internet by https, and these networks in any way."""

    networks: tuple[Network, ...] = ()

    def refusal(self, scheme: str, port: int, address: Address) -> str:
        """Why not, in words; empty if it may."""
        if any(address in network for network in self.networks):
            return ""
        if not is_public(address):
            return "its address is not on the public internet"
        if scheme != "https":
            return "it is not https"
        return "" if port in PORTS else f"port {port} is neither {PORTS[0]} nor {PORTS[1]}"


def is_public(address: Address) -> bool:
    """Whether this is one machine on the public internet, as far as its number tells."""
    if isinstance(address, IPv6Address) and address not in _PUBLIC_V6:
        return False  # IPv4 inside IPv6 (::ffff:, 64:ff9b::) too: what it stands for depends on where one is
    if any(address in network for network in _REFUSED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks or single addresses with commas between them. Raises ValueError naming the one that is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
