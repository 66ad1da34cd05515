"""The address that a reply comes back to: it names the mail that is answered, and nobody can make one up.

    reply+1207-mfrggzdfmztwq2lknnwg@in.acme.example

The number is the message's; the letters are 100 bits of an HMAC keyed with the random token of the lead's address.
So no token has to be stored, nothing in it is personal, and one lead's cannot be made from another's. Erasing a lead's
address makes its tokens void. All in small letters, because some servers fold them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

_LETTERS = 20
_TOKEN = re.compile(rf"reply\+([1-9][0-9]{{0,17}})-([a-z2-7]{{{_LETTERS}}})@", re.IGNORECASE)


def reply_address(domain: str, message_id: int, secret: str) -> str:
    """Where the answer to a message goes; `secret` is the token of the address it was sent to."""
    return f"reply+{message_id}-{reply_token(message_id, secret)}@{domain}"


def reply_token(message_id: int, secret: str) -> str:
    """The letters that prove who made the address."""
    digest = hmac.digest(secret.encode(), f"reply {message_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest).decode().lower()[:_LETTERS]


def tokens_in(addresses: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """The messages that these addresses claim to answer, each with its letters, still to be proved; each once."""
    found = (match for address in addresses for match in _TOKEN.finditer(address))
    return tuple(dict.fromkeys((int(match[1]), match[2].lower()) for match in found))
