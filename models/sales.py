"""Where marketing and sales meet: decisions with their evidence, stages, handoffs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import Row, json_column


class AgreementVersion(Row, table=True):
    """The agreement as it stood when a decision was made by it."""

    __tablename__ = "agreement_version"

    version: str = Field(primary_key=True)
    source: str = Field(sa_column=Column(Text, nullable=False))
    first_used_at: datetime


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


_OFFERED = "state = 'offered'"


class Handoff(Row, table=True):
    """A lead offered to sales, and what sales made of it: at most one for each cycle of a lead."""

    __table_args__ = (
        UniqueConstraint("lead_id", "cycle"),
        Index("ix_handoff_open", "due_at", sqlite_where=text(_OFFERED), postgresql_where=text(_OFFERED)),
        Index("ix_handoff_owner", "owner", "offered_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    cycle: int
    decision_id: int = Field(foreign_key="decision.id")
    state: str = "offered"
    owner: str
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
