"""A form of the site that agrees to mail: taken at its word, or asked by mail to confirm it (double opt-in).

Anybody can type anybody's address into a form. So where `consent: double_opt_in` says so, one mail without advertising
goes to the address, and until the button behind its link is pressed the lead gets nothing but what it asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import consent as queries
from models.queries import engagement
from models.statement import write
from models.words import ConsentAct, LegalGround
from nurture import consent
from nurture.alerts.confirm import CONFIRM_MAIL
from nurture.gather import is_on_request
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.preferences import LIFTED, agree
from nurture.suppress import came_back, lift

#: how long the link in the mail may be used
CONFIRM_WITHIN = timedelta(days=30)
#: a form that is sent again and again asks once a day, so that nobody floods a mailbox with it
ASK_AGAIN = timedelta(days=1)

_ASKED = write("UPDATE lead SET confirm_until = :confirm_until WHERE id = :id")


def heard(
    connection: Connection,
    ports: Ports,
    lead_id: int,
    form: str,
    agreed: bool,
    key: bytes,
    now: datetime,
) -> None:
    """A form came in: an act of the person, which may have agreed to mail. The caller holds address and lead.

    It lifts neither an opt-out nor a complaint, and no mail goes out to ask: only the reader of a mail can say that it
    was itself (nurture.preferences).
    """
    person = connection.execute(queries.PERSON, {"id": lead_id}).one()
    source, proof = f"form {form}", f"event {key.hex()}"
    came_back(connection, [person.address_id], source, now)
    rules = ports.project.config.consent
    if not agreed or not is_on_request(person, now):
        return
    if not rules.double_opt_in or _agreed_before(person, now):
        agree(connection, ports, person.address_id, ConsentAct.GIVEN, source, now, proof=proof, wording=rules.wording)
    elif person.confirm_until is None or person.confirm_until + ASK_AGAIN <= now + CONFIRM_WITHIN:
        _ask(connection, ports, person, source, proof, now)


def confirm(ports: Ports, token: str) -> None:
    """The button behind the link was pressed. A link that is not real, or too old, is no error; twice is once."""
    now = ports.clock.now()
    with ports.database.transaction("confirm consent") as connection:
        asked = connection.execute(queries.ASKED, {"token": token}).first()
        if asked is None or asked.at + CONFIRM_WITHIN <= now:
            return
        connection.execute(engagement.LOCK_ADDRESSES, {"ids": [asked.address_id]})
        proof = f"entry {asked.id}"
        if connection.execute(queries.ANSWERED, {"address_id": asked.address_id, "proof": proof}).first():
            return
        lift(connection, [asked.address_id], LIFTED, asked.source, now)
        act, about = ConsentAct.CONFIRMED, asked.wording
        agree(connection, ports, asked.address_id, act, asked.source, now, proof=proof, wording=about)


def _agreed_before(person: Row[Any], now: datetime) -> bool:
    in_time = person.ground_until is None or person.ground_until > now
    return person.legal_ground == LegalGround.CONSENT and in_time


def _ask(connection: Connection, ports: Ports, person: Row[Any], source: str, proof: str, now: datetime) -> None:
    token = ports.new_id()
    about: consent.Entry = {"wording": ports.project.config.consent.wording, "proof": proof, "token": token}
    consent.record(connection, person.address_id, ConsentAct.ASKED, source, now, about)
    connection.execute(_ASKED, {"id": person.id, "confirm_until": now + CONFIRM_WITHIN})
    entry = connection.execute(queries.ASKED, {"token": token}).one().id
    payload = {"consent_id": entry, "lead_id": person.id}
    enqueue(connection, f"confirm:{entry}", CONFIRM_MAIL, payload, now)
