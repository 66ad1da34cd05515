"""Where marketing and sales meet: decisions with their evidence, stages, handoffs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import Row, json_column


class AgreementVersion(Row, table=True):
    """The agreement as it stood when a decision was made by it."""

    __tablename__ = "agreement_version"

    version: str = Field(primary_key=True)
    source: str = Field(sa_column=Column(Text, nullable=False))
    first_used_at: datetime
    #: when it came into force; None for one that only a trial went by
    applied_at: datetime | None = None


class LiveAgreement(Row, table=True):
    """The agreement in force: one row. `nurture apply` alone changes it, with both signatures."""

    __tablename__ = "live_agreement"

    #: always 1
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: str = Field(foreign_key="agreement_version.version")
    applied_at: datetime


class Decision(Row, table=True):
    """One answer to "is this lead ready?", with the checklist it was read from. Never changed."""

    __table_args__ = (Index("ix_decision_lead", "lead_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    at: datetime
    #: "engagement" or the step that asked ("first-interest/tofu/checklist/promote-1")
    asked_by: str
    #: mql | sql, or None for "not yet"
    outcome: str | None = None
    because: str
    agreement_version: str = Field(foreign_key="agreement_version.version")
    #: {"checks": [...], "addends": [...], "fit": .., "score": .., "grade": ..}
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


class Transition(Row, table=True):
    """One move from stage to stage: who, when, why. Never changed."""

    __table_args__ = (Index("ix_transition_lead", "lead_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    from_stage: str
    to_stage: str
    at: datetime
    #: "engine", or the rep's key
    actor: str
    because: str
    decision_id: int | None = Field(default=None, foreign_key="decision.id")
    #: the agreement in force
    agreement_version: str | None = None
    #: the handoff by which it crossed between the departments
    handoff_id: int | None = Field(default=None, foreign_key="handoff.id", index=True)


_OFFERED = "state = 'offered'"
_RUNG = "rung_due_at IS NOT NULL"
_ACCOUNT = "account IS NOT NULL"


class Handoff(Row, table=True):
    """A lead offered to sales, and what sales made of it: at most one for each cycle of a lead.

    Four moments are kept apart: `offered_at`, `decided_at` (accepted or rejected), the disposition's `at` (the
    verdict), and the opportunity's `opened_at`.
    """

    __table_args__ = (
        UniqueConstraint("lead_id", "cycle"),
        Index("ix_handoff_open", "due_at", sqlite_where=text(_OFFERED), postgresql_where=text(_OFFERED)),
        Index("ix_handoff_owner", "owner", "offered_at"),
        Index("ix_handoff_first_owner", "first_owner", "offered_at"),
        Index("ix_handoff_rung", "rung_due_at", sqlite_where=text(_RUNG), postgresql_where=text(_RUNG)),
        Index(
            "ix_handoff_account", "account", "offered_at", sqlite_where=text(_ACCOUNT), postgresql_where=text(_ACCOUNT)
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    cycle: int
    decision_id: int = Field(foreign_key="decision.id")
    state: str = "offered"
    #: who has it now, and whom it was offered to first: a rep's key, or the pool
    owner: str
    first_owner: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: why this rep
    assigned_because: str
    hand_raise: bool = False
    #: 16 random bytes, url-safe: the link in the alert
    token: str = Field(unique=True)
    offered_at: datetime
    #: when sales promised an answer (agreement: sla)
    due_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    #: reject reason code of the agreement, and what the rep wrote
    reason: str | None = None
    note: str | None = None
    #: when nurture may start again
    recycle_at: datetime | None = None
    #: the company, so that colleagues are told of together
    account: str | None = None
    #: the link in the alert opens nothing after that
    token_until: datetime | None = None
    #: when the promised time began to run; later than the offer where the rep's day had not begun
    clock_from: datetime | None = None
    #: how many rungs of the ladder were climbed, and when the next is due; None: no more
    rung: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rung_due_at: datetime | None = None
    #: the rep put it off until then; the clock stands still
    snoozed_until: datetime | None = None
    #: when sales first reached out, or answered
    touched_at: datetime | None = None


class Touch(Row, table=True):
    """Something a rep did by hand with a lead: a call, a mail, a meeting."""

    __table_args__ = (Index("ix_touch_lead", "lead_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    handoff_id: int | None = Field(default=None, foreign_key="handoff.id", index=True)
    at: datetime
    #: the rep's key
    by: str
    #: call | mail | meeting
    kind: str
    #: reached | no_answer | left_message
    outcome: str
    note: str | None = None


class Disposition(Row, table=True):
    """Sales' own verdict on a lead it was handed, beside marketing's decision: neither changes the other."""

    handoff_id: int = Field(primary_key=True, foreign_key="handoff.id", sa_column_kwargs={"autoincrement": False})
    lead_id: int = Field(foreign_key="lead.id", index=True)
    at: datetime
    by: str
    #: yes | no | unknown: is there a project, is there a budget
    project: str | None = None
    budget: str | None = None
    #: yes | no | unknown: was it the right person, was it ready to talk, did what marketing sent help
    right_person: str | None = None
    ready: str | None = None
    helpful: str | None = None
    note: str | None = None


class Opportunity(Row, table=True):
    """A deal that sales works on, and how it ended; told by sales, or by the CRM."""

    __table_args__ = (Index("ix_opportunity_lead", "lead_id", "opened_at"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    #: one for each handoff that was accepted; None for a deal that came another way
    handoff_id: int | None = Field(default=None, foreign_key="handoff.id", unique=True)
    #: the CRM's number for it
    external_id: str | None = Field(default=None, unique=True)
    state: str = "open"
    name: str | None = None
    #: hundredths of the currency (ISO 4217)
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    #: reject reason code of the agreement, for one that was lost
    reason: str | None = None
    #: "sales", "api" or "import deals.csv"
    source: str


class Account(Row, table=True):
    """A company of which several people are known: whose it is, and when sales last heard of it as a whole."""

    key: str = Field(primary_key=True)
    owner: str | None = None
    surged_at: datetime | None = None


class FormerLink(Row, table=True):
    """A link that opens a handoff no more: whoever follows it is told who has the lead now, and nothing else."""

    __tablename__ = "former_link"

    #: SHA-256 of its token, in hex
    hash: str = Field(primary_key=True)
    handoff_id: int = Field(foreign_key="handoff.id", index=True)


class Rep(Row, table=True):
    """A sales rep's own page: the link to the worklist."""

    owner: str = Field(primary_key=True)
    #: 16 random bytes, url-safe
    token: str = Field(unique=True)
    since: datetime
