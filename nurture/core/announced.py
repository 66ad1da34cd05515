"""What other systems can be told as it happens: the events of a lead's life, by the names that receivers know."""

from __future__ import annotations

from typing import Literal

Announced = Literal[
    "lead.created", "lead.updated", "lead.stage_changed", "lead.promoted", "lead.answered", "lead.consented",
    "lead.preferences_changed", "lead.paused", "lead.opted_out", "lead.suppressed", "lead.erased",
    "handoff.offered", "handoff.accepted", "handoff.rejected", "handoff.reassigned", "handoff.withdrawn",
    "opportunity.opened", "opportunity.won", "opportunity.lost",
    "form.submitted", "sequence.entered", "sequence.left",
    "email.sent", "email.clicked", "email.bounced", "email.replied",
]  # fmt: skip

#: event -> what it means
ANNOUNCED: dict[Announced, str] = {
    "lead.created": "a lead became known",
    "lead.updated": "something that was not known of a lead became known, or it is mailed at another address",
    "lead.stage_changed": "a lead moved to another lifecycle stage",
    "lead.promoted": "a lead is qualified, for marketing (mql) or for sales (sql)",
    "lead.answered": "a lead answered one of the four questions, or a poll",
    "lead.consented": "a lead agreed to mail, or confirmed that it had",
    "lead.preferences_changed": "a lead chose other topics, or how often it wants mail",
    "lead.paused": "a lead wants no mail for a while",
    "lead.opted_out": "a lead wants no more mail, or marked one as spam",
    "lead.suppressed": "a lead is not mailed any more for another reason: its address failed, or it was quiet too long",
    "lead.erased": "a lead was erased at its own wish: erase it, too",
    "handoff.offered": "a lead was offered to sales",
    "handoff.accepted": "sales took a lead",
    "handoff.rejected": "sales gave a lead back",
    "handoff.reassigned": "a lead that sales has in hand went to another rep, or to the whole team",
    "handoff.withdrawn": "a lead was taken back from sales: its clicks were no person's, or it wants no sales contact",
    "opportunity.opened": "sales has a deal with a lead",
    "opportunity.won": "a deal was won",
    "opportunity.lost": "a deal was lost",
    "form.submitted": "a lead sent a form",
    "sequence.entered": "a lead came into a sequence",
    "sequence.left": "a lead is in a sequence no more: it came to its end or goal, or left before",
    "email.sent": "the mail provider took a mail to a lead",
    "email.clicked": "a person followed a link in a mail, and it has settled",
    "email.bounced": "an address does not exist",
    "email.replied": "a person answered a mail",
}
