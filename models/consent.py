"""What people agreed to and took back, as proof: each entry is added once and never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.base import Row


class Consent(Row, table=True):
    """One entry of the consent log: who, when, in which words, how we know (GDPR Art. 7(1); CASL s. 13)."""

    __table_args__ = (Index("ix_consent_address", "address_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id")
    at: datetime
    #: ConsentAct: given, asked to confirm, confirmed, withdrawn
    act: str
    #: LegalGround that it gives; None for what gives none
    ground: str | None = None
    #: what said so: "form ebook", "import fair.csv", "preference page", "one-click"
    source: str
    #: the words that were agreed to, whole, because a version number proves nothing without its text
    wording: str | None = None
    #: what it can be checked against: the event of the form, the entry that was confirmed
    proof: str | None = None
    #: of a request to confirm: 16 random bytes, url-safe, the link in the mail
    token: str | None = Field(default=None, unique=True)
