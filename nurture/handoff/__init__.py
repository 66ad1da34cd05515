"""The handoff: a lead is asked whether it is ready, offered to sales, and answered; each in one transaction.

`qualify_leads` asks the agreement's gate and acts on the answer. `accept`, `reject` and `judge` are sales' side.
"""

from nurture.handoff.answer import Answered, Given, accept, judge, reject
from nurture.handoff.qualify import qualify_due, qualify_leads, reconsider

__all__ = ["Answered", "Given", "accept", "judge", "qualify_due", "qualify_leads", "reconsider", "reject"]
