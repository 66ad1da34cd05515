"""Every SELECT of sequence tests: what was told to the outside about the one lead there is."""

from __future__ import annotations

from models.statement import read

#: alerts and webhooks, in the order in which they were caused
TOLD = read("SELECT kind, payload AS payload_json FROM outbox ORDER BY id")
