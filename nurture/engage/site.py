"""What the site tells of its visitors, in Segment's shape: who they are, what they looked at, what they did.

A stranger's visits are kept under the visitor and become the lead's when the site learns who it is. What a browser
says can be made up by anybody, so it counts little: it never makes a lead, is never intent, and each visitor has
a limit for each day. Only the site's server, with its own key, makes leads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection

from models.queries import site
from models.statement import write
from nurture.engage.calls import ACCOUNT, Call, read_calls
from nurture.engage.tally import Told
from nurture.engage.verdicts import ask_again
from nurture.enroll import trigger_once
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.leads.who import leads_at
from nurture.ports import Ports
from nurture.suppress import hold_leads

#: requests of the site; by browsers everybody can see the key, by servers nobody can
BROWSER, SERVER = "site:browser", "site:server"
#: acts of one visitor that are kept within 24 hours
MOST_A_DAY = 300
_DAY = timedelta(days=1)

_MEET = write(
    "INSERT INTO visitor (key, first_seen_at) VALUES (:key, :now) ON CONFLICT (key) DO NOTHING",
)
_INTRODUCE = write("UPDATE visitor SET lead_id = :lead_id, vouched = :vouched WHERE id = :id")
_BELONGS = write("UPDATE event SET lead_id = :lead_id WHERE visitor_id = :id AND lead_id IS NULL")
_KEEP = write(
    """
    INSERT INTO event (key, lead_id, visitor_id, kind, occurred_at, received_at, url, name, machine, verdict, because,
        counts_at)
    VALUES (:key, :lead_id, :visitor_id, :kind, :occurred_at, :received_at, :url, :name, :machine, :verdict, :because,
        :counts_at)
    ON CONFLICT (key) DO NOTHING
    """
)


def fold_site(
    connection: Connection, ports: Ports, source: str, body: bytes, received_at: datetime, now: datetime
) -> Told:
    """Work one request of the site. Raises ValueError for a body that is no list of calls."""
    by, _, what = source.rpartition(":")
    trusted = by == SERVER
    calls, faults = read_calls(orjson.loads(body), what, received_at, trusted=trusted)
    known = _introduced(connection, ports, calls, now)
    seen = {row.lead_id for row in connection.execute(site.VISITORS, {"names": _keys(calls)}) if row.lead_id}
    hold_leads(connection, seen | set(known.values()))
    visitors = _meet(connection, calls, known, trusted, now)
    acts = [call for call in calls if call.is_act]
    fresh = _fresh(connection, acts)
    room, full = _room(connection, fresh, visitors, now)
    _keep(connection, ports, room, visitors, received_at, now)
    ask_again(connection, dict.fromkeys(set(known.values()), now))
    return Told(len(room), len(acts) - len(fresh), faults=(*faults, *full))


def introduce(connection: Connection, key: str, lead_id: int, now: datetime) -> None:
    """A visitor turns out to be this lead, which the transaction has locked: what it did before was the lead's."""
    connection.execute(_MEET, {"key": key, "now": now})
    (visitor,) = connection.execute(site.LOCK_VISITORS, {"names": [key]})
    _link(connection, visitor.id, lead_id)


def _introduced(connection: Connection, ports: Ports, calls: Sequence[Call], now: datetime) -> dict[str, int]:
    """Address -> lead, for all that the calls name. A stranger becomes a lead only if the site's server says so."""
    emails = {call.email for call in calls if call.email}
    if not emails:
        return {}
    known = leads_at(connection, emails)
    drafts = _drafts(call.draft for call in calls if call.draft)
    if drafts:
        intake = Intake("site", now, ports.new_id, ports.erasures.among, ports.project.config)
        known |= save(connection, drafts, intake).by_email
    return known


def _drafts(told: Iterable[Draft]) -> list[Draft]:
    """One for each address: what is told later fills in what was not told before."""
    drafts: dict[str, Draft] = {}
    for draft in told:
        first = drafts.setdefault(draft.email, draft)
        unknown = {one.name: getattr(draft, one.name) for one in fields(Draft) if getattr(first, one.name) is None}
        drafts[draft.email] = replace(first, **unknown)
    return list(drafts.values())


def _meet(
    connection: Connection, calls: Sequence[Call], known: Mapping[str, int], trusted: bool, now: datetime
) -> Visitors:
    """The visitors of the calls, by key, with the leads they are; those that tell who they are become it.

    What the site's server says of an account stands: browsers may say of it what they like.
    """
    keys = _keys(calls)
    if not keys:
        return {}
    connection.execute(_MEET, [{"key": key, "now": now} for key in keys])
    rows = connection.execute(site.LOCK_VISITORS, {"names": keys}).all()
    visitors: Visitors = {row.key: (row.id, row.lead_id) for row in rows}
    vouched = {row.key for row in rows if row.vouched}
    for call in calls:
        lead_id = known.get(call.email) or _anyone(visitors, call.visitors)
        if lead_id is None:
            continue
        for key in call.visitors:
            number, before = visitors[key]
            by_server = trusted and bool(call.email) and key.startswith(ACCOUNT)
            introduced = bool(call.email) and (by_server or key not in vouched)
            if before is None or (introduced and before != lead_id) or (by_server and key not in vouched):
                _link(connection, number, lead_id, vouched=by_server)
                visitors[key] = number, lead_id
                vouched.update([key] if by_server else [])
    return visitors


#: visitor's key -> its number and its lead
Visitors = dict[str, tuple[int, int | None]]


def _anyone(visitors: Visitors, keys: Iterable[str]) -> int | None:
    """The lead that one of these keys stands for: the browser of somebody who is logged in is that person's."""
    return next((lead for key in keys if (lead := visitors[key][1])), None)


def _link(connection: Connection, visitor_id: int, lead_id: int, *, vouched: bool = False) -> None:
    about = {"id": visitor_id, "lead_id": lead_id, "vouched": vouched}
    connection.execute(_INTRODUCE, about)
    connection.execute(_BELONGS, about)


def _keys(calls: Iterable[Call]) -> list[str]:
    return sorted({key for call in calls for key in call.visitors})


def _fresh(connection: Connection, acts: Sequence[Call]) -> list[Call]:
    """What we have not been told before, each once."""
    once = {call.key: call for call in reversed(acts)}
    if not once:
        return []
    known = {row.key for row in connection.execute(site.KNOWN_ACTS, {"keys": sorted(once)})}
    return sorted((call for key, call in once.items() if key not in known), key=lambda call: call.number)


def _room(
    connection: Connection, fresh: Sequence[Call], visitors: Visitors, now: datetime
) -> tuple[list[Call], tuple[tuple[int, str], ...]]:
    """The acts within each visitor's limit, and one fault for each visitor that has gone beyond."""
    ids = sorted({visitors[call.visitors[0]][0] for call in fresh})
    since = {"ids": ids, "after_at": now - _DAY}
    done: dict[int, int] = defaultdict(int)
    if ids:
        done |= {row.visitor_id: row.done for row in connection.execute(site.DONE_SINCE, since)}
    room, full = [], dict[int, int]()
    for call in fresh:
        visitor = visitors[call.visitors[0]][0]
        done[visitor] += 1
        if done[visitor] <= MOST_A_DAY:
            room.append(call)
        else:
            full.setdefault(visitor, call.number)
    return room, tuple((number, f"more than {MOST_A_DAY} acts of one visitor in a day") for number in full.values())


def _keep(
    connection: Connection,
    ports: Ports,
    acts: Sequence[Call],
    visitors: Visitors,
    received_at: datetime,
    now: datetime,
) -> None:
    if not acts:
        return
    told = [(call, *visitors[call.visitors[0]]) for call in acts]
    connection.execute(_KEEP, [_row(call, visitor, lead, received_at) for call, visitor, lead in told])
    heard = ports.project.config.tracked
    for name, lead in sorted({(call.name, lead) for call, _, lead in told if lead and call.name in heard}):
        trigger_once(connection, lead, name, now)
    ask_again(connection, {lead: now for call, _, lead in told if lead and not call.machine})


def _row(call: Call, visitor_id: int, lead_id: int | None, received_at: datetime) -> dict[str, object]:
    return {
        "key": call.key,
        "lead_id": lead_id,
        "visitor_id": visitor_id,
        "kind": call.kind,
        "occurred_at": call.at,
        "received_at": received_at,
        "url": call.path or None,
        "name": call.name or None,
        "machine": call.machine,
        "verdict": "machine" if call.machine else "human",
        "because": "calls itself a robot" if call.machine else None,
        "counts_at": None if call.machine else call.at,
    }
