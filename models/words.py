"""The words for states, in one place: what a row can say about itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class EnrollmentState(StrEnum):
    """Where one lead stands with one sequence."""

    #: on its way: something is due, or a mail is in flight
    ACTIVE = "active"
    #: reached the end or the goal
    DONE = "done"
    #: left early: opt-out, bounce, handoff, an exit rule
    STOPPED = "stopped"
    #: a mail could not be rendered or was refused for good; a person must look
    DEAD = "dead"


class MessageState(StrEnum):
    """What became of one mail: (enrollment, step), once and for all."""

    PLANNED = "planned"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    #: the provider refused it for good, or it could not be rendered
    REJECTED = "rejected"
    #: the lead must not be mailed any more
    SUPPRESSED = "suppressed"
    #: nobody knows whether it went out, and it will not go out again without a person's word
    HELD = "held"


class AttemptState(StrEnum):
    """What is known about one hand-over to the provider."""

    POSTING = "posting"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    REJECTED = "rejected"


class OutboxState(StrEnum):
    """An alert or webhook on its way out: at least once, always under the same id."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class InboxState(StrEnum):
    """A request that was received, stored raw and answered; then worked."""

    NEW = "new"
    DONE = "done"
    #: could not be read at all; kept for a person
    QUARANTINED = "quarantined"


class Suppression(StrEnum):
    """Why an address must not be mailed, the strongest reason first (domain: suppression precedence)."""

    ERASED = "erased"
    COMPLAINT = "complaint"
    OPT_OUT = "opt_out"
    HARD_BOUNCE = "hard_bounce"
    #: until `suppressed_until`
    SOFT_BOUNCE = "soft_bounce"
    SUNSET = "sunset"

    @classmethod
    def in_force(cls, reason: str | None, until: datetime | None, now: datetime) -> Suppression | None:
        """The reason on an address row, as long as it holds: that of soft bounces ends at `until`."""
        found = cls(reason) if reason else None
        return None if found is cls.SOFT_BOUNCE and until is not None and until <= now else found

    def outranks(self, other: Suppression | None) -> bool:
        """Whether this reason replaces `other` on the address row."""
        order = list(Suppression)
        return other is None or order.index(self) < order.index(other)

    @property
    def in_words(self) -> str:
        """The reason as people read it."""
        return {
            Suppression.ERASED: "erased",
            Suppression.COMPLAINT: "marked our mail as spam",
            Suppression.OPT_OUT: "opted out",
            Suppression.HARD_BOUNCE: "the address does not exist",
            Suppression.SOFT_BOUNCE: "mail bounced again and again",
            Suppression.SUNSET: "quiet for too long",
        }[self]


class ConsentAct(StrEnum):
    """What an entry of the consent log says happened."""

    GIVEN = "given"
    #: a form agreed, and the mail that asks to confirm it was written (double opt-in)
    ASKED = "asked"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class LegalGround(StrEnum):
    """Why we may mail a lead at all (GDPR and ePrivacy; CASL; CAN-SPAM asks for less)."""

    CONSENT = "consent"
    SOFT_OPT_IN = "soft_opt_in"
    CONTRACT = "contract"


class HandoffState(StrEnum):
    """Sales' side of a handoff."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    #: taken back before an answer: what it rested on was a machine's, or the lead wants no sales contact
    WITHDRAWN = "withdrawn"


class OpportunityState(StrEnum):
    """What became of a deal that sales works on."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
