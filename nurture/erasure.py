"""Addresses that were erased at their own wish: kept as keyed hashes only, so that they can be refused but not read.

The key lies outside the database (NURTURE_ERASURE_KEY, or a file in the state folder), because whoever has both can
try addresses against the hashes. It must not get lost: without it nobody who was erased would be recognized.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection

from models.queries import rights
from models.statement import write
from nurture.core.mailbox import mailbox_of
from nurture.errors import ErasureKeyLost

#: in the state folder, where no key is set
KEY_FILE = "erasure.key"
#: what people and logs are told about an address that comes back
REFUSED = "was erased at its own wish"

#: which of these addresses were erased
Erased = Callable[[Connection, Collection[str]], frozenset[str]]

_REMEMBER = write(
    """
    INSERT INTO erasure (hash, key_id, erased_on) VALUES (:hash, :key_id, :erased_on) ON CONFLICT (hash) DO NOTHING
    """
)


def nobody(_connection: Connection, _emails: Collection[str]) -> frozenset[str]:
    """Where nobody can have been erased: simulations, rehearsals."""
    return frozenset()


@dataclass(slots=True)
class Erasures:
    """Who was erased, asked by address. `path` None keeps the key in memory (tests, simulations)."""

    path: Path | None = None
    configured: SecretStr | None = None
    _key: bytes = field(default=b"", repr=False)

    def among(self, connection: Connection, emails: Collection[str]) -> frozenset[str]:
        """Which of these normalized addresses were erased. Raises ErasureKeyLost where nobody can tell."""
        if not emails or connection.execute(rights.ANY_ERASED).first() is None:
            return frozenset()
        self.check(connection)
        key = self._known()
        hashes = {email: _hashes(key, email) for email in emails}
        asked = sorted(frozenset().union(*hashes.values()))
        found = frozenset(connection.execute(rights.ERASED, {"names": asked}).scalars())
        return frozenset(email for email in emails if hashes[email] & found)

    def test(self, connection: Connection) -> Callable[[str], bool] | None:
        """The same for very many addresses, as a function; None where nobody was erased. Raises ErasureKeyLost."""
        hashes = frozenset(connection.execute(rights.HASHES).scalars())
        if not hashes:
            return None
        self.check(connection)
        key = self._known()
        return lambda email: not hashes.isdisjoint(_hashes(key, email))

    def remember(self, connection: Connection, email: str, now: datetime) -> None:
        """Refuse this address, under whatever tag, from the commit of this transaction on. The first erasure makes the
        key.

        Raises ErasureKeyLost rather than begin with a second key.
        """
        key = self._known()
        if not key and connection.execute(rights.ANY_ERASED).first() is None:
            key = self._make()
        self.check(connection)
        row = {"hash": _hash(key, mailbox_of(email)), "key_id": _id(key), "erased_on": now.date()}
        connection.execute(_REMEMBER, row)

    def check(self, connection: Connection) -> None:
        """Raise ErasureKeyLost if an address was erased under another key than ours."""
        ours = _id(self._known())
        lost = sum(row.number for row in connection.execute(rights.ERASURE_KEYS) if row.key_id != ours)
        if lost:
            place = f"Bring {self.path} back, or set" if self.path else "Set"
            told = f"The key is gone by which {lost} erased addresses are recognized."
            raise ErasureKeyLost(f"{told} {place} NURTURE_ERASURE_KEY to what it was.")

    def _known(self) -> bytes:
        if self.configured and self.configured.get_secret_value():
            return self.configured.get_secret_value().encode()
        if not self._key and self.path and self.path.exists():
            self._key = self.path.read_bytes().strip()
        return self._key

    def _make(self) -> bytes:
        """A new key, readable by its owner alone. Whoever was first has made it for all."""
        fresh = secrets.token_hex(32).encode()
        if self.path is None:
            self._key = fresh
            return fresh
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(fresh + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # unlike a rename, a link never replaces what another process has put there
            self.path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return self._known()


def _hashes(key: bytes, email: str) -> frozenset[str]:
    """By which the address would be known: its mailbox's, and its own, as erasures of earlier versions were kept."""
    return frozenset(_hash(key, one) for one in {email, mailbox_of(email)})


def _hash(key: bytes, email: str) -> str:
    return hmac.new(key, email.strip().lower().encode(), hashlib.sha256).hexdigest()


def _id(key: bytes) -> str:
    """A name for the key that does not tell it."""
    return hmac.new(key, b"nurture erasure key", hashlib.sha256).hexdigest()[:8] if key else ""
