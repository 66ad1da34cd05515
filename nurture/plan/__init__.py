"""Edits of sequences that leads stand in: what they would do, and making them live.

    look   what would become of every lead, with nothing written
    apply  the same, written down: the file goes live, and leads that wait are decided anew
    outlook  what comes next for one lead, before and after

Both ask `anew`, so that a plan can never disagree with what is then done.
"""

from nurture.plan.edits import refuse_faults
from nurture.plan.look import Plan, SequencePlan, look
from nurture.plan.make_live import Applied, apply
from nurture.plan.one_lead import Outlook, outlook

__all__ = ["Applied", "Outlook", "Plan", "SequencePlan", "apply", "look", "outlook", "refuse_faults"]
