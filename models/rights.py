"""What is left of people who asked to be forgotten, who still waits for it, and how far the tidying has come."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from models.base import Row


class Erasure(Row, table=True):
    """An address that was erased at its own wish, as a keyed hash: enough to refuse it, too little to know it.

    It does not say which lead it was, and the day is all of the time that is kept, so that nothing can be joined.
    """

    #: HMAC-SHA256 of the normalized address without its +tag, in hex
    hash: str = Field(primary_key=True)
    #: which key that was (nurture.erasure); a lost key is noticed by it
    key_id: str
    erased_on: date


class ErasureRequest(Row, table=True):
    """A wish to be erased that has not been done yet. The row goes when it has."""

    __tablename__ = "erasure_request"

    address_id: int = Field(primary_key=True, foreign_key="address.id")
    requested_at: datetime


class Tidied(Row, table=True):
    """How far a chore of `nurture tidy` has come in a table that it goes through by number."""

    chore: str = Field(primary_key=True)
    last_id: int
