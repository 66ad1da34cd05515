"""Deals: what sales works on with a lead, and how it ended; said by a rep, or by the CRM.

A deal that is won makes the lead a customer and ends all prospect mail at once. One that is lost sends the lead where
its reason says, like a rejection. Facts may arrive twice and out of order; what happened later stands.
"""

from nurture.deals.close import Closed, lose, win
from nurture.deals.imports import import_deals
from nurture.deals.request import read_request
from nurture.deals.take_in import TakenIn, take_in

__all__ = ["Closed", "TakenIn", "import_deals", "lose", "read_request", "take_in", "win"]
