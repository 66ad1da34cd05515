"""Whose mailbox an address is: `mona+fair@mill.example` is read by whoever reads `mona@mill.example` (RFC 5233).

Only `+` sets a tag apart. A dot or a hyphen is a part of the name at most hosts, where `mo.na` is somebody else.
"""

from __future__ import annotations


def mailbox_of(address: str) -> str:
    """The address without its tag; where nothing would be left of the name, the address itself."""
    local, at, domain = address.rpartition("@")
    name = local.partition("+")[0]
    return f"{name}{at}{domain}" if name and not local.startswith('"') else address
