"""Mail as files: one `.eml` per message, for demos, development and tests. Any mail program opens them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from nurture.clock import Budget, Clock, SystemClock
from nurture.errors import SetupError
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.headers import screen
from nurture.mail.mime import file_safe, write_mail


class OutboxMailer:
    """Writes each mail into `directory`, named after its message id: sent twice, it is still one file."""

    name = "outbox"
    idempotent = True
    connections = 25

    def __init__(self, directory: Path, clock: Clock | None = None) -> None:
        self.directory = directory
        self._clock = clock or SystemClock()
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"The outbox {directory} cannot be created: {error.strerror}.") from error

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        now = self._clock.now()
        return [screen(email, budget) or self._keep(email, now) for email in emails]

    def close(self) -> None:
        """Nothing is held open."""

    def _keep(self, email: Email, now: datetime) -> Receipt:
        target = self.directory / f"{file_safe(email.message_id)}.eml"
        draft = self.directory / f".{file_safe(email.attempt_id)}.draft"
        try:
            self._write(draft, write_mail(email, now))
            draft.replace(target)
        except OSError as error:
            return Receipt(email.attempt_id, Outcome.NOT_ACCEPTED, reason=f"{self.directory}: {error.strerror}")
        return Receipt(email.attempt_id, Outcome.ACCEPTED, provider_id=target.name)

    def _write(self, draft: Path, data: bytes) -> None:
        # People empty the outbox with `rm -r` while a worker runs.
        self.directory.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
