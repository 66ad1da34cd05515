"""Every table imported, so that `SQLModel.metadata` is whole."""

from models.engagement import Event, Inbox, Score
from models.journey import Attempt, Enrollment, LeadTrigger, LiveSequence, Message, SequenceVersion
from models.lead import Address, Lead, LeadTag, TopicRefusal
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
    "LeadTag",
    "LeadTrigger",
    "LiveSequence",
    "Message",
    "Outbox",
    "Quota",
    "Score",
    "SequenceVersion",
    "TopicRefusal",
    "Transition",
]
