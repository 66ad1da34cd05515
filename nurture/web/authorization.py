"""The key that a request shows, however it shows it."""

from __future__ import annotations

import base64


def shown_key(authorization: str) -> str:
    """The key in an Authorization header: a Bearer token, or the user name of Basic (as Segment's libraries do it, with
    any password); "" if there is none."""
    kind, _, rest = authorization.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
