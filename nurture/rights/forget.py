"""Forgetting a person (GDPR Art. 17): everything about it goes, but for a keyed hash by which it is refused.

    [ refuse: suppress as erased, remember the hash ] -> raw requests, one at a time -> files
        -> mentions in what is about others, one at a time -> [ all tables ]

From the first commit on nothing more is mailed and nobody with this address is taken in. The address itself goes with
the last one, so that what was interrupted can be run again by it. What the tables lose stands in
nurture.rights.registry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, TextClause

from models.database import Database
from models.queries import engagement, rights
from models.statement import write
from models.words import Suppression
from nurture.announce import announce
from nurture.core.mailbox import mailbox_of
from nurture.errors import UsageError
from nurture.mail.mime import file_safe
from nurture.ports import Ports
from nurture.rights import request
from nurture.rights.bodies import NOBODY, Mentions, Names, Split, found_in, mentions_any, remaining, split
from nurture.rights.mentions import blank_mentions
from nurture.rights.registry import REGISTRY, TOLD, Table
from nurture.suppress import hold_leads, suppress

BY = "asked to be erased"
#: names of visitors that are shorter could stand in any text; in the site's calls they are found whatever their length
_LONG_ENOUGH = 16
_SITE = "site:"
#: by the kind of a visitor's key, where the site's calls have it (small letters)
_NAMED_IN = {"a": ("anonymousid", "anonymous_id"), "u": ("userid", "user_id", "previousid")}
_AT_ONCE = 10

_SILENCE = write(
    f"""
    UPDATE outbox SET state = 'delivered', delivered_at = :now, reason = 'erased'
    WHERE state = 'pending' AND ({TOLD})
    """
)
_NO_LADDER = write("UPDATE handoff SET rung_due_at = NULL WHERE lead_id = :lead_id")
_STRIP = write("UPDATE inbox_body SET body = :body WHERE id = :id")
_STRIPPED = write(
    "UPDATE inbox SET faults = :faults_json, state = CASE WHEN :empty = 1 THEN 'done' ELSE state END WHERE id = :id"
)


def _statements(registry: Mapping[str, Table]) -> Iterator[tuple[str, TextClause]]:
    """What the registry says, as SQL, in an order that the foreign keys allow: the columns first, then the rows."""
    for name, table in registry.items():
        becomes = [f"{column} = {it.sql}" for column, it in table.columns.items() if it.fate == "blanked"]
        if table.blanked and becomes:
            yield name, write(f"UPDATE {name} SET {', '.join(becomes)} WHERE {table.blanked}")
        if table.deleted:
            yield name, write(f"DELETE FROM {name} WHERE {table.deleted}")


STATEMENTS = tuple(_statements(REGISTRY))


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about. `needles` are the texts by which raw requests and files mention it, `names` how the site's
    calls name it, `name` what it is called."""

    address_id: int
    lead_id: int | None
    email: str
    needles: tuple[str, ...]
    ground_source: str | None = None
    names: Names = NOBODY
    name: str = ""

    @property
    def keys(self) -> dict[str, int | str | None]:
        """By which the registry finds its rows."""
        local, at, domain = mailbox_of(self.email).rpartition("@")
        mailbox = {"mailbox": f"{local}{at}{domain}", "tagged": f"{local}+", "at_domain": f"{at}{domain}"}
        return {"address_id": self.address_id, "lead_id": self.lead_id, "email": self.email, **mailbox}


@dataclass(slots=True)
class Forgotten:
    """What an erasure came to: rows by table, files, and what a person has to do outside of nurture."""

    lead_id: int | None
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    outside: list[str] = field(default_factory=list)


def find_person(connection: Connection, address_id: int) -> Person:
    """Whom to look for. Raises UsageError for an address that is not there, or erased already."""
    row = connection.execute(rights.PERSON, {"id": address_id}).first()
    if row is None or "@" not in row.email:
        raise UsageError(f"there is nobody at address {address_id}, or nobody any more: who was erased stays erased")
    visitors = connection.execute(rights.VISITORS_OF_LEAD, {"lead_id": row.lead_id})
    keys = [(kind, key) for visitor in visitors for kind, _, key in [visitor.key.partition(":")]]
    needles = (row.email, row.token, *(key for _, key in keys if len(key) >= _LONG_ENOUGH))
    names = frozenset((field, key) for kind, key in keys for field in _NAMED_IN.get(kind, ()))
    name = f"{row.first_name} {row.last_name}" if row.first_name and row.last_name else ""
    return Person(row.address_id, row.lead_id, row.email, needles, row.ground_source, names, name)


def find_stranger(connection: Connection, email: str) -> Person:
    """Somebody who is no lead, but wrote to us or is named in a raw request. Raises UsageError where there is none."""
    person = Person(0, None, email, (email,))
    wrote = connection.execute(rights.REPLY_REQUESTS, person.keys).first()
    if wrote is None and next(requests_about(connection, person), None) is None:
        raise UsageError(
            f"there is nobody '{email}'; give a lead's number (see `nurture leads list`) or a mail address"
        )
    return person


def requests_about(connection: Connection, person: Person) -> Iterator[tuple[Row[Any], Split]]:
    """The raw requests that mention the person, each with what of it does."""
    mentions, after = mentions_any(*person.needles), 0
    while rows := connection.execute(rights.BODIES, {"after": after, "limit": _AT_ONCE}).all():
        for row in rows:
            if row.body and (found := split(bytes(row.body), mentions, names_in(row.source, person.names))):
                yield row, found
        after = rows[-1].id


def forget(ports: Ports, address_id: int, outbox: Path | None = None) -> Forgotten:
    """Erase the person with this address everywhere; `outbox` is the folder of mails as files, where there is one.

    Raises UsageError while a mail to it, or an alert about it, is on its way: nothing more leaves from then on, and the
    same call some minutes later does the rest. Raises ErasureKeyLost before anything is touched.
    """
    now = ports.clock.now()
    with ports.database.transaction("refuse") as connection:
        person = _refuse(connection, ports, address_id, now)
    _wait_for_mail_under_way(ports, person, now)
    return _erase(ports, person, outbox, now)


def forget_stranger(ports: Ports, email: str, outbox: Path | None = None) -> Forgotten:
    """Erase somebody who is no lead: what it wrote, and what mentions it. It is refused from then on like any other.

    Raises UsageError where there is nobody, and ErasureKeyLost before anything is touched.
    """
    now = ports.clock.now()
    with ports.database.reading() as connection:
        person = find_stranger(connection, email)
    with ports.database.transaction("refuse") as connection:
        ports.erasures.remember(connection, email, now)
    return _erase(ports, person, outbox, now)


def _erase(ports: Ports, person: Person, outbox: Path | None, now: datetime) -> Forgotten:
    with ports.database.reading() as connection:
        forgotten = Forgotten(person.lead_id, outside=list(_outside(connection, ports, person)))
        files = set(_names_of_files(connection, person))
        replies = {row.inbox_id for row in connection.execute(rights.REPLY_REQUESTS, person.keys)}
    mentions = mentions_any(*person.needles)
    forgotten.rows["inbox"] = strip_requests(ports, mentions, person.names, whole=replies)
    by_name = mentions_any(*person.needles, *filter(None, [person.name]))
    forgotten.files = _remove_files(outbox, files, by_name)
    forgotten.rows["mentions"] = blank_mentions(ports, person.email)
    with ports.database.transaction("forget") as connection:
        forgotten.rows |= _empty_tables(connection, ports, person)
        _tell_others(connection, ports, person, now)
    return forgotten


def _refuse(connection: Connection, ports: Ports, address_id: int, now: datetime) -> Person:
    """From here on the person is neither mailed nor taken in, and sales is not told of it."""
    connection.execute(engagement.LOCK_ADDRESSES, {"ids": [address_id]})
    person = find_person(connection, address_id)
    ports.erasures.remember(connection, person.email, now)
    # the weaker one too, for its entry in the consent log
    suppress(connection, [address_id], Suppression.OPT_OUT, BY, now)
    suppress(connection, [address_id], Suppression.ERASED, BY, now)
    connection.execute(_NO_LADDER, {"lead_id": person.lead_id})
    connection.execute(_SILENCE, {"lead_id": person.lead_id, "now": now})
    # a second lead of the same mailbox, too: if this ends before its turn comes, `--requested` still knows of it
    for address in (address_id, *connection.execute(rights.TWINS, {"id": address_id}).scalars()):
        request(connection, address, now)
    return person


def _wait_for_mail_under_way(ports: Ports, person: Person, now: datetime) -> None:
    with ports.database.reading() as connection:
        until = connection.execute(rights.UNDER_WAY, {"lead_id": person.lead_id, "now": now}).scalar_one()
    if until:
        raise UsageError(
            f"A mail to or about lead {person.lead_id} is on its way. Nothing more is sent to it from now on; "
            f"run the same command again after {until:%H:%M:%S} UTC to erase the rest."
        )


def strip_requests(
    ports: Ports, mentions: Mentions, names: Names = NOBODY, *, whole: Collection[int] = (), after: int = 0
) -> int:
    """Take what mentions somebody out of every raw request after a number; how many were changed.

    A list of events keeps those of others, everything else goes whole, and so do the requests in `whole`. In the site's
    calls they are found by their `names`, too. Each request is a transaction of its own.
    """

    def left(row: Row[Any]) -> bytes:
        return b"" if row.id in whole else remaining(bytes(row.body), mentions, names_in(row.source, names))

    changed = 0
    while True:
        with ports.database.reading() as connection:
            rows = connection.execute(rights.BODIES, {"after": after, "limit": _AT_ONCE}).all()
        if not rows:
            return changed
        changed += sum(_strip(ports, row.id, left) for row in rows if row.id in whole or left(row) != row.body)
        after = rows[-1].id


def names_in(source: str, names: Names) -> Names:
    """By what a raw request may name them beside their address: the site's calls alone know visitors."""
    return names if source.startswith(_SITE) else NOBODY


def _strip(ports: Ports, id_: int, left: Callable[[Row[Any]], bytes]) -> int:
    """Look again under the lock: what somebody else has taken out meanwhile must not come back."""
    with ports.database.transaction("strip request") as connection:
        row = connection.execute(rights.LOCK_BODY, {"id": id_}).first()
        if row is None or not row.body:
            return 0
        body = left(row)
        connection.execute(_STRIP, {"id": id_, "body": body})
        return connection.execute(_STRIPPED, {"id": id_, "faults_json": [], "empty": int(not body)}).rowcount


def _names_of_files(connection: Connection, person: Person) -> Iterator[str]:
    """Of the mails that were written as files to the lead, or about it: alerts about a colleague may name it, too."""
    about = {"lead_id": person.lead_id}
    for row in connection.execute(rights.MESSAGES, about):
        yield f"{file_safe(str(row.id))}.eml"
    for row in connection.execute(rights.ALERTS, about):
        yield f"{file_safe(f'alert-{row.id}')}.eml"


def _remove_files(folder: Path | None, names: set[str], mentions: Mentions) -> int:
    """Remove these mails, and any other that mentions the person; how many."""
    gone = [
        path
        for path in (sorted(folder.iterdir()) if folder and folder.is_dir() else ())
        if path.is_file() and (path.name in names or found_in(path.read_bytes(), mentions))
    ]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _empty_tables(connection: Connection, ports: Ports, person: Person) -> dict[str, int]:
    """The rows that went or were blanked, by table."""
    connection.execute(engagement.LOCK_ADDRESSES, {"ids": [person.address_id]})
    hold_leads(connection, [person.lead_id] if person.lead_id else [])
    values = person.keys | {"salt": ports.new_id()}
    counts: dict[str, int] = {}
    for name, statement in STATEMENTS:
        used = {key: values[key] for key in statement._bindparams}
        counts[name] = counts.get(name, 0) + connection.execute(statement, used).rowcount
    return {name: count for name, count in counts.items() if count}


def _tell_others(connection: Connection, ports: Ports, person: Person, now: datetime) -> None:
    """Whoever was told about the person has to forget it, too (GDPR Art. 19); it knows the lead by its number."""
    if person.lead_id:
        key = str(person.lead_id)
        announce(connection, ports.project.config, "lead.erased", person.lead_id, {}, key=key, now=now)


def leave_no_free_pages(database: Database) -> None:
    """SQLite keeps what was deleted in free pages and in its log until they are written again: write them now."""
    if not database.is_sqlite:
        return
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _outside(connection: Connection, ports: Ports, person: Person) -> Iterator[str]:
    """What lies where nurture cannot reach: told to a person, because only a person can do it."""
    about = {"lead_id": person.lead_id}
    for row in connection.execute(rights.MAILERS, about):
        if row.name not in ("outbox", "null"):
            yield f"{row.name}: erase the address in the account (contacts, suppression lists, activity of mails)"
    for row in connection.execute(rights.WEBHOOKS, about):
        yield f"webhook {row.name}: the system behind it was told of lead {person.lead_id}"
    for row in connection.execute(rights.CHANNELS, about):
        yield f"channel {row.name}: alerts in that chat that name the lead, or link to it"
    for row in connection.execute(rights.REPS, about):
        yield f"{row.name}: alerts in that rep's mailbox, and what was copied from them"
    if ports.project.config.alert_to or ports.project.config.agreement.alert_to:
        yield "marketing's and sales' mailboxes: alerts and answers that name the lead"
    if person.ground_source:
        yield f"{person.ground_source}: where the lead came from, such as the file that was imported, or the CRM"
    yield "previews, simulations and exports that were written to files"
    yield "backups: they expire; after restoring one, forget again"
