"""Every table imported, so that `SQLModel.metadata` is whole."""

from models.consent import Consent
from models.engagement import DomainPrior, Event, Inbox, InboxBody, Score
from models.journey import Attempt, Enrollment, LeadTrigger, LiveSequence, Message, SequenceVersion
from models.lead import Address, Lead, LeadTag, TopicRefusal
from models.operations import Gate, Installation, Outbox, Quota
from models.replies import Reply
from models.rights import Erasure, ErasureRequest, Tidied
from models.sales import (
    Account,
    AgreementVersion,
    Decision,
    Disposition,
    FormerLink,
    Handoff,
    LiveAgreement,
    Opportunity,
    Rep,
    Touch,
    Transition,
)
from models.site import Answer, Visitor

__all__ = [
    "Account",
    "Address",
    "AgreementVersion",
    "Answer",
    "Attempt",
    "Consent",
    "Decision",
    "Disposition",
    "DomainPrior",
    "Enrollment",
    "Erasure",
    "ErasureRequest",
    "Event",
    "FormerLink",
    "Gate",
    "Handoff",
    "Inbox",
    "InboxBody",
    "Installation",
    "Lead",
    "LeadTag",
    "LeadTrigger",
    "LiveAgreement",
    "LiveSequence",
    "Message",
    "Opportunity",
    "Outbox",
    "Quota",
    "Rep",
    "Reply",
    "Score",
    "SequenceVersion",
    "Tidied",
    "TopicRefusal",
    "Touch",
    "Transition",
    "Visitor",
]
