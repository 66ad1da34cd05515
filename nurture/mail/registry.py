"""Which mailers there are, and the one thing that recovery must know of each: whether sending twice is harmless."""

from __future__ import annotations

from typing import Literal, get_args

Provider = Literal["outbox", "null", "sendgrid"]

PROVIDERS: tuple[Provider, ...] = get_args(Provider)

#: an attempt of one of these that never came back is simply made again
IDEMPOTENT: frozenset[Provider] = frozenset({"outbox", "null"})


def is_idempotent(mailer: str) -> bool:
    """The rule for an attempt by `mailer`, which may not be the mailer in use today. Unknown names are not trusted."""
    return mailer in IDEMPOTENT
