"""Whose mailbox an address is: `mona+fair@mill.example` is read by whoever reads `mona@mill.example` (RFC 5233).

Only `+` sets a tag apart. A dot or a hyphen is a part of the name at most hosts, where `mo.na` is somebody else.
"""

from __future__ import annotations

import unicodedata


def mailbox_of(address: str) -> str:
    """The address without its tag; where nothing would be left of the name, the address itself."""
    local, at, domain = address.rpartition("@")
    name = local.partition("+")[0]
    return f"{name}{at}{domain}" if name and not local.startswith('"') else address


def as_typed(address: str) -> str:
    """The address with its domain in the letters that people type: `xn--mlle-gra.no` is `m\u00f8lle.no` (RFC 5891)."""
    local, at, domain = address.rpartition("@")
    return local + at + ".".join(map(_letters, domain.split(".")))


def as_stored(address: str) -> str:
    """The opposite: the address with its domain in ASCII, as we keep it."""
    local, at, domain = unicodedata.normalize("NFKC", address).lower().rpartition("@")
    return local + at + ".".join(map(_ascii, domain.split(".")))


def _letters(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _ascii(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
