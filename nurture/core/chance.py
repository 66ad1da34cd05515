"""Chance that can be repeated: the same lead always falls the same way, without a row to remember it by."""

from __future__ import annotations

from hashlib import blake2b


def chance(*what: object) -> float:
    """A number in [0, 1), always the same for the same things; spread evenly over leads."""
    digest = blake2b("\0".join(map(str, what)).encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def pick(count: int, *what: object) -> int:
    """One of 0 .. count - 1, each as likely as the others."""
    return int(chance(*what) * count)
