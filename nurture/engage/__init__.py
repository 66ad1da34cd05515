"""What comes back from leads: stored raw at once, worked afterwards, in any order and however often it is told.

receive   a request as it arrived, in one transaction, before it is answered
fold      requests into events, and events into what they mean: proof that a mail arrived, an opt-out, a
          click that counts once it has settled, a form that asks for a person
"""

from nurture.engage.inbox import fold, receive
from nurture.engage.tally import Folded

__all__ = ["Folded", "fold", "receive"]
