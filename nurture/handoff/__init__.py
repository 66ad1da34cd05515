"""The handoff: a lead is asked whether it is ready, offered to sales, and answered; each in one transaction.

`qualify_lead` asks the agreement's gate and acts on the answer. `accept` and `reject` are sales' side.
"""

from nurture.handoff.answer import Answered, accept, reject
from nurture.handoff.qualify import lock_lead, qualify_due, qualify_lead

__all__ = ["Answered", "accept", "lock_lead", "qualify_due", "qualify_lead", "reject"]
