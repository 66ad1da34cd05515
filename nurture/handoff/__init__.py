"""The handoff: a lead is asked whether it is ready, offered to sales, and answered; each in one transaction.

`qualify_lead` asks the agreement's gate and acts on the answer. `accept` and `reject` are sales' side.
"""

from nurture.handoff.answer import Answered, accept, reject
from nurture.handoff.qualify import qualify_due, qualify_lead, reconsider

__all__ = ["Answered", "accept", "qualify_due", "qualify_lead", "reconsider", "reject"]
