"""What a reader wishes, by the token in its mails: which topics, how often, nothing for a while, mail again after all.

A token that names nobody is no error, and is answered like any other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict

from sqlalchemy import Connection, Row

from models.queries import consent as queries
from models.queries import engagement
from models.statement import write
from models.words import ConsentAct, LegalGround, Suppression
from nurture import consent, topics
from nurture.announce import announce_pause, announce_wish
from nurture.core.project import ProjectConfig
from nurture.ports import Ports
from nurture.suppress import hold_leads, lift, wake

#: at most one mail in so many days, for those who want less
SELDOM_DAYS = 14
PAUSE = timedelta(days=90)
#: how we know
SOURCE = "preference page"
#: what the reader can take back by a button of its own
LIFTED = frozenset({Suppression.OPT_OUT, Suppression.COMPLAINT, Suppression.SUNSET})

_KEEP = write(
    """
    UPDATE address SET pace_days = :pace_days, paused_until = :paused_until, version = version + 1 WHERE id = :id
    """
)
_GROUND = write(
    """
    UPDATE lead SET legal_ground = :ground, ground_since = :now, ground_source = :source, ground_until = NULL,
        confirm_until = NULL
    WHERE id IN :lead_ids*
    """
)


class _Timing(TypedDict):
    pace_days: int | None
    paused_until: datetime | None


class Often(StrEnum):
    """How often a reader wants mail."""

    USUAL = "usual"
    SELDOM = "seldom"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a reader wished so far; somebody whom nobody knows wished nothing."""

    declined: frozenset[str] = frozenset()
    often: Often = Often.USUAL
    paused_until: datetime | None = None
    #: took itself off the list, so that it alone can come back
    left: bool = False


def look_up(ports: Ports, token: str) -> Preferences:
    """What whoever the token names wished. Writes nothing."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        row = connection.execute(queries.PREFERENCES, {"token": token}).first()
        if row is None:
            return Preferences()
        declined = connection.execute(queries.REFUSED, {"address_id": row.id}).scalars()
        often = _often(row, now)
        until = row.paused_until if often is Often.PAUSE else None
        left = Suppression.in_force(row.suppressed, row.suppressed_until, now) in LIFTED
        return Preferences(frozenset(declined), often, until, left)


def keep(ports: Ports, token: str, wanted: Collection[str], often: Often) -> None:
    """From the commit on, only `wanted` of the project's topics, and only as often as this."""
    now = ports.clock.now()
    with ports.database.transaction("keep preferences") as connection:
        row = _held(connection, token)
        if row is None:
            return
        for topic in ports.project.config.topics:
            if topic in wanted:
                topics.accept(connection, row.id, topic)
            else:
                topics.decline(connection, row.id, topic, SOURCE, now)
        timing = _timing(row, often, now)
        connection.execute(_KEEP, {"id": row.id, **timing})
        leads = _leads(connection, row.id)
        wake(connection, leads, now)
        _tell(connection, ports, leads, wanted, often, timing["paused_until"], now)


def _tell(
    connection: Connection,
    ports: Ports,
    leads: Collection[int],
    wanted: Collection[str],
    often: Often,
    until: datetime | None,
    now: datetime,
) -> None:
    """Other systems hear of wishes that they may have to keep, too."""
    config = ports.project.config
    told = {"declined": [topic for topic in config.topics if topic not in wanted], "often": often}
    announce_wish(connection, config, "lead.preferences_changed", leads, told, now)
    if until:
        announce_pause(connection, config, leads, until, SOURCE, now)


def tell_topics(connection: Connection, config: ProjectConfig, address_id: int, lead_id: int, now: datetime) -> None:
    """Other systems hear what the lead does not want mail about, after it was written down for it."""
    declined = sorted(connection.execute(queries.REFUSED, {"address_id": address_id}).scalars())
    announce_wish(connection, config, "lead.preferences_changed", [lead_id], {"declined": declined}, now)


def subscribe_again(ports: Ports, token: str) -> None:
    """Whoever had opted out or complained wants mail again, and says so itself. Nobody else is changed by it."""
    now = ports.clock.now()
    with ports.database.transaction("subscribe again") as connection:
        row = _held(connection, token)
        if row is None or not lift(connection, [row.id], LIFTED, SOURCE, now):
            return
        agree(connection, ports, row.id, ConsentAct.GIVEN, SOURCE, now, proof="the link in a mail to it")


def agree(
    connection: Connection,
    ports: Ports,
    address_id: int,
    act: ConsentAct,
    source: str,
    now: datetime,
    *,
    proof: str | None = None,
    wording: str | None = None,
) -> None:
    """Consent of the person itself: it replaces every other ground, has no end, and is in the log."""
    leads = _leads(connection, address_id)
    about = {"ground": LegalGround.CONSENT, "source": source, "now": now, "lead_ids": leads}
    connection.execute(_GROUND, about)
    entry: consent.Entry = {"ground": LegalGround.CONSENT, "proof": proof, "wording": wording}
    consent.record(connection, address_id, act, source, now, entry)
    wake(connection, leads, now)
    announce_wish(connection, ports.project.config, "lead.consented", leads, {"act": act, "source": source}, now)


def _often(row: Row[Any], now: datetime) -> Often:
    if row.paused_until and row.paused_until > now:
        return Often.PAUSE
    return Often.SELDOM if row.pace_days else Often.USUAL


def _timing(row: Row[Any], often: Often, now: datetime) -> _Timing:
    """A pause that runs is not made longer by saving it again."""
    running = row.paused_until if _often(row, now) is Often.PAUSE else now + PAUSE
    return {
        "pace_days": SELDOM_DAYS if often is Often.SELDOM else None,
        "paused_until": running if often is Often.PAUSE else None,
    }


def _held(connection: Connection, token: str) -> Row[Any] | None:
    """The address under its lock."""
    row = connection.execute(queries.PREFERENCES, {"token": token}).first()
    if row is None:
        return None
    connection.execute(engagement.LOCK_ADDRESSES, {"ids": [row.id]})
    return connection.execute(queries.PREFERENCES, {"token": token}).one()


def _leads(connection: Connection, address_id: int) -> list[int]:
    """The leads at an address, held."""
    leads = [row.id for row in connection.execute(engagement.LEADS_AT, {"ids": [address_id]})]
    hold_leads(connection, leads)
    return leads
