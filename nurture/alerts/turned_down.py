"""Once a day marketing hears of the leads that asked for a person and were turned down: one mail names them all by
number. A gate may be wrong about somebody; no rep hears of them, because sales agreed not to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import turned_down as queries
from nurture.alerts.kind import Kind, Words
from nurture.core.cadence import local
from nurture.core.office_hours import working_day
from nurture.core.owners import POOL
from nurture.core.project import ProjectConfig
from nurture.core.promise import calendar_of
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.outbox import enqueue
from nurture.ports import Ports

TURNED_DOWN_ALERT = "turned_down_alert"
_KEY = "turned-down:"
#: what was decided just before the hours began has been written down by then
_WRITTEN = timedelta(minutes=5)
_DAY = timedelta(days=1)
#: a note is never further ahead, whatever the holidays
_AHEAD = 30


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A lead that asked for a person, and what stood in the way. Texts are ready to show."""

    lead_id: int
    #: "Tue 24 Nov 14:05 Oslo"
    since: str
    why: str
    command: str


def note_tomorrow(connection: Connection, config: ProjectConfig, now: datetime) -> None:
    """See that marketing gets a note when the next working day begins; one, however many are turned down until then.

    To be called before the decisions are kept: the note remembers which was the last one then.
    """
    calendar = calendar_of(config, POOL)
    opening = working_day(*calendar, now, 0)
    if opening == now:
        opening = working_day(*calendar, now, 1)
    last = connection.execute(queries.LAST_DECISION).scalar_one()
    payload = {"after": last, "until": opening.isoformat()}
    enqueue(connection, f"{_KEY}{opening:%Y-%m-%d}", TURNED_DOWN_ALERT, payload, opening + _WRITTEN)


def turned_down_since(connection: Connection, since: datetime, now: datetime) -> Sequence[Row[Any]]:
    """Who asked for a person since then and was turned down, whether or not a note has told of it. A lead that has been
    moved meanwhile is not among them."""
    days = (now - since).days + _AHEAD
    names = [f"{_KEY}{since + number * _DAY:%Y-%m-%d}" for number in range(days)]
    notes = connection.execute(queries.NOTES, {"names": names}).all()
    after = min((row.payload_json["after"] for row in notes), default=None)
    return [] if after is None else _found(connection, after, since, now + _DAY)


def _look(connection: Connection, _ports: Ports, row: Row[Any], _now: datetime) -> str | None:
    return None if _listed(connection, row.payload_json) else "all of them were moved meanwhile"


def _write(connection: Connection, ports: Ports, alert: Leased, _now: datetime) -> Words:
    config = ports.project.config
    zone = config.window.zone
    rows = _listed(connection, alert.payload)
    leads = [
        TurnedDown(row.lead_id, local(row.at, zone), row.why, f"nurture leads explain {row.lead_id}") for row in rows
    ]
    what = "1 lead" if len(leads) == 1 else f"{len(leads)} leads"
    subject = f"{what} asked for a person and got none"
    numbers = f"By number: {', '.join(str(one.lead_id) for one in leads)}."
    to = Mailbox(config.alert_to) if config.alert_to else None
    return Words(to, subject, "turned-down", {"leads": leads}, numbers, subject)


def _listed(connection: Connection, payload: Any) -> Sequence[Row[Any]]:
    until = datetime.fromisoformat(payload["until"])
    return _found(connection, payload["after"], until - _AHEAD * _DAY, until)


def _found(connection: Connection, after: int, since: datetime, before: datetime) -> Sequence[Row[Any]]:
    """Each lead once, by its newest request."""
    asked = {"after": after, "since_at": since, "before_at": before}
    return list({row.lead_id: row for row in connection.execute(queries.TURNED_DOWN, asked)}.values())


KIND = Kind(_look, _write)
