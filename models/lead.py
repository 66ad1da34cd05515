"""People: a lead, and the address that mail goes to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, false, text
from sqlmodel import Field

from models.base import Row

_ERASED = "suppressed = 'erased'"


class Address(Row, table=True):
    """One normalized e-mail address: the row that orders opt-outs against hand-overs.

    Whoever hands a mail over and whoever suppresses an address lock this row first, so that no mail leaves
    after an opt-out has committed. `version` counts the changes; an attempt notes the version it saw.
    It outlives the lead, because "never again" must.
    """

    __table_args__ = (
        Index("ix_address_erased", "id", sqlite_where=text(_ERASED), postgresql_where=text(_ERASED)),
        # two doors at once make one lead, whatever the tags
        Index("ix_address_mailbox", "mailbox", "twin", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    #: the address without its +tag (nurture.core.mailbox): one person is behind all of them. None once it is erased
    mailbox: str | None = None
    #: 0, but for a second address of a mailbox that was a lead before tags were understood: its own id
    twin: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    #: 16 random bytes, url-safe: names the address in links without telling it (RFC 8058)
    token: str = Field(unique=True)
    version: int = 0
    #: the strongest Suppression in force
    suppressed: str | None = None
    suppressed_at: datetime | None = None
    suppressed_by: str = ""
    #: when a soft_bounce ends or ended; kept, because the next time is for good
    suppressed_until: datetime | None = None
    #: the reader's own wishes: no mail before then; at most one mail in so many days
    paused_until: datetime | None = None
    pace_days: int | None = None


_ACCOUNT = "account IS NOT NULL"


class Lead(Row, table=True):
    """A person at a company who showed interest once. Unknown is None, never an empty guess."""

    __table_args__ = (
        Index("ix_lead_stage", "stage"),
        Index("ix_lead_account", "account", sqlite_where=text(_ACCOUNT), postgresql_where=text(_ACCOUNT)),
    )

    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id", unique=True)
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    title: str | None = None
    industry: str | None = None
    employees: int | None = None
    country: str | None = None
    language: str | None = None
    #: IANA name; None where neither the lead nor its country tells
    timezone: str | None = None
    phone: str | None = None
    #: first touch, kept for ever: a second intake does not overwrite it
    source: str | None = None
    asset: str | None = None
    #: LegalGround, with since when and how we know; None can be stored, not mailed
    legal_ground: str | None = None
    ground_since: datetime | None = None
    ground_source: str | None = None
    #: the ground holds until then (implied consent under CASL); None: until it is withdrawn
    ground_until: datetime | None = None
    #: it agreed and was asked to confirm, which it may do until then (double opt-in)
    confirm_until: datetime | None = None
    no_sales_contact: bool = False
    #: lifecycle stage (nurture.core.lifecycle)
    stage: str = "iql"
    stage_since: datetime
    #: key of the sales rep it belongs to, set by the handoff; kept after a rejection, so that the same rep gets it back
    owner: str | None = None
    #: which time round this is, and what happened before; engagement before `recycled_at` no longer scores
    cycle: int = 1
    rejected_times: int = 0
    recycled_at: datetime | None = None
    #: the company it belongs to: its registrable mail domain; None behind a private mailbox
    account: str | None = None
    #: the rep lets marketing write on, lightly, though the lead belongs to sales
    kept_warm: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: the cycle in which it made no progress and changed track; it does so once in each
    stalled_cycle: int | None = None
    created_at: datetime


class LeadTag(Row, table=True):
    """A word that a sequence put on a lead; conditions ask for it with `tagged('...')`."""

    __tablename__ = "lead_tag"

    lead_id: int = Field(foreign_key="lead.id", primary_key=True)
    tag: str = Field(primary_key=True)
    since: datetime


class TopicRefusal(Row, table=True):
    """A topic that an address does not want mail about, though it may be mailed about others."""

    __tablename__ = "topic_refusal"

    address_id: int = Field(foreign_key="address.id", primary_key=True)
    topic: str = Field(primary_key=True)
    since: datetime
    #: how we know
    source: str
