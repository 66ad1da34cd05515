"""Every table imported, so that `SQLModel.metadata` is whole."""

from models.consent import Consent
from models.engagement import Event, Inbox, Score
from models.journey import Attempt, Enrollment, LeadTrigger, LiveSequence, Message, SequenceVersion
from models.lead import Address, Lead, LeadTag, TopicRefusal
from models.operations import Gate, Installation, Outbox, Quota
from models.replies import Reply
from models.rights import Erasure, ErasureRequest, Tidied
from models.sales import AgreementVersion, Decision, Handoff, Transition
from models.site import Answer, Visitor

__all__ = [
    "Address",
    "AgreementVersion",
    "Answer",
    "Attempt",
    "Consent",
    "Decision",
    "Enrollment",
    "Erasure",
    "ErasureRequest",
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
    "Reply",
    "Score",
    "SequenceVersion",
    "Tidied",
    "TopicRefusal",
    "Transition",
    "Visitor",
]
