"""Every table imported, so that `SQLModel.metadata` is whole."""

from models.engagement import Event, Inbox, Score
from models.journey import Attempt, Enrollment, LeadTrigger, Message, SequenceVersion
from models.lead import Address, Lead
from models.operations import Gate, Installation, Outbox, Quota
from models.sales import AgreementVersion, Decision, Handoff, Transition

__all__ = [
    "Address",
    "AgreementVersion",
    "Attempt",
    "Decision",
    "Enrollment",
    "Event",
    "Gate",
    "Handoff",
    "Inbox",
    "Installation",
    "Lead",
    "LeadTrigger",
    "Message",
    "Outbox",
    "Quota",
    "Score",
    "SequenceVersion",
    "Transition",
]
