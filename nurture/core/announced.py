"""What other systems can be told as it happens: the events of a lead's life, by the names that receivers know."""

from __future__ import annotations

from typing import Literal

Announced = Literal[
    "lead.created", "lead.stage_changed", "lead.promoted", "lead.answered", "lead.opted_out", "lead.erased",
    "handoff.offered", "handoff.accepted", "handoff.rejected", "sequence.entered",
    "email.clicked", "email.bounced", "email.replied",
]  # fmt: skip

#: event -> what it means
ANNOUNCED: dict[Announced, str] = {
    "lead.created": "a lead became known",
    "lead.stage_changed": "a lead moved to another lifecycle stage",
    "lead.promoted": "a lead is qualified, for marketing (mql) or for sales (sql)",
    "lead.answered": "a lead answered one of the four questions in a poll",
    "lead.opted_out": "a lead wants no more mail, or marked one as spam",
    "lead.erased": "a lead was erased at its own wish: erase it, too",
    "handoff.offered": "a lead was offered to sales",
    "handoff.accepted": "sales took a lead",
    "handoff.rejected": "sales gave a lead back",
    "sequence.entered": "a lead came into a sequence",
    "email.clicked": "a person followed a link in a mail, and it has settled",
    "email.bounced": "an address does not exist",
    "email.replied": "a person answered a mail",
}
