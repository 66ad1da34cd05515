"""A rep's worklist: who waits, the most urgent first, what to do next, and what anybody may take.

The link is the rep's own and lasts until a new one is made (`nurture reps link KEY --new`). Looking changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlalchemy import Connection, Row
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from models.queries import desk
from nurture.brief import Line, ago, begin, name_of, owner_name, role_of
from nurture.core.agreement import Agreement
from nurture.core.cadence import local
from nurture.core.owners import POOL
from nurture.errors import UsageError
from nurture.handoff.link import renew_link
from nurture.handoff.reps import whose
from nurture.handoff.take import take
from nurture.handoff.worklist import Item, worklist
from nurture.ports import Ports
from nurture.web.desk import team_of, zone_of
from nurture.web.site import Site, number_in

Word = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead on a list, as its rep reads it. `path` is empty where the link has run out: a button makes a new one."""

    handoff_id: int
    path: str
    who: str
    role: str
    #: how to reach it, as far as it is known and wanted
    phone: str
    email: str
    hand_raise: bool
    late: bool
    put_off: bool
    #: "Answer due Tue 24 Nov 14:10 Oslo"
    due: str
    why: str
    #: the next step of the playbook; empty where there is none
    todo: str
    made: str


def routes(site: Site) -> APIRouter:
    """GET /w/{token} shows the list; POST .../take and .../open act on one of its leads."""
    router = APIRouter()

    @router.api_route("/w/{token}", methods=["GET", "HEAD"])
    def look(token: str) -> Response:
        return _page(site.in_force(), token)

    @router.post("/w/{token}/take")
    def take_it(token: str, handoff: Word = "", by: Word = "") -> Response:
        return _take(site.in_force(), token, number_in(handoff) or 0, by)

    @router.post("/w/{token}/open")
    def open_it(token: str, handoff: Word = "") -> Response:
        return _open(site.in_force(), token, number_in(handoff) or 0)

    return router


def _take(site: Site, token: str, number: int, by: str) -> Response:
    owner = _owner(site, token)
    rep = by if owner == POOL else owner
    if not rep:
        return _page(site, token, 422, fault="Please say who you are.")
    if not _is_on(site, POOL, number):
        return _page(site, token, notice=_gone(site, rep, number))
    try:
        taken, got_it = take(site.ports, number, rep)
    except UsageError as error:
        return _page(site, token, 422, fault=begin(str(error)))
    name = owner_name(site.ports.project.config.agreement, taken.owner)
    page = _page(site, token, notice=f"{name} has it now." if got_it else f"{name} was faster and has it now.")
    page.background = BackgroundTask(site.drain)
    return page


def _gone(site: Site, rep: str, number: int) -> str:
    """What became of a lead that is not in the pool any more: whoever presses twice has it."""
    if _is_on(site, rep, number):
        return f"{owner_name(site.ports.project.config.agreement, rep)} has it now."
    return "Somebody was faster: it is not in the pool any more."


def _open(site: Site, token: str, number: int) -> Response:
    if not _is_on(site, _owner(site, token), number):
        return _page(site, token, notice="It is not on your list any more.")
    return RedirectResponse(renew_link(site.ports, number).removeprefix(site.ports.public_url), 303)


def _owner(site: Site, token: str) -> str:
    with site.ports.database.reading() as connection:
        owner = whose(connection, site.ports, token)
    if owner is None:
        raise HTTPException(404)
    return owner


def _is_on(site: Site, owner: str, handoff_id: int) -> bool:
    """Whether a lead is on this list, so that the link to one list opens nothing of another."""
    now = site.ports.clock.now()
    with site.ports.database.reading() as connection:
        items = worklist(connection, site.ports, owner, now)
        deals = _deals_in_hand(connection, site.ports, owner)
    return handoff_id in {*(item.handoff_id for item in items), *(deal.handoff_id for deal in deals)}


def _page(site: Site, token: str, status: int = 200, *, notice: str = "", fault: str = "") -> Response:
    ports, now = site.ports, site.ports.clock.now()
    owner = _owner(site, token)
    agreement = ports.project.config.agreement
    with ports.database.reading() as connection:
        mine = [_entry(ports, item, owner, now) for item in worklist(connection, ports, owner, now)]
        pool = (
            [] if owner == POOL else [_entry(ports, one, owner, now) for one in worklist(connection, ports, POOL, now)]
        )
        deals = _deals(connection, ports, owner, now)
    return site.pages.page(
        "worklist",
        status,
        token=token,
        whose="The pool" if owner == POOL else owner_name(agreement, owner),
        is_pool=owner == POOL,
        entries=[one for one in mine if not one.put_off],
        put_off=[one for one in mine if one.put_off],
        late=sum(one.late for one in mine),
        pool=pool,
        deals=deals,
        reps=team_of(ports, now),
        as_of=local(now, zone_of(ports, owner)),
        notice=notice,
        fault=fault,
    )


def _entry(ports: Ports, item: Item, owner: str, now: datetime) -> Entry:
    agreement, zone = ports.project.config.agreement, zone_of(ports, owner)
    return Entry(
        handoff_id=item.handoff_id,
        path=_path(item.token, item.token_until, now),
        who=item.who,
        role=item.role,
        phone="" if item.do_not_call else item.phone,
        email="" if item.do_not_call else item.email,
        hand_raise=item.asks,
        late=item.overdue,
        put_off=item.snoozed_until is not None,
        due=_due(item, zone, now),
        why=_why(item, now),
        todo=_todo(agreement, item, zone, now),
        made=f"{item.attempts} of {agreement.sla.attempts} attempts made" if item.attempts else "",
    )


def _path(token: str, until: datetime | None, now: datetime) -> str:
    return "" if until and until <= now else f"/h/{token}"


def _due(item: Item, zone: str, now: datetime) -> str:
    if item.snoozed_until:
        return f"Back {local(item.snoozed_until, zone)}"
    what = item.due_for.capitalize()
    if item.overdue:
        return f"Late: {item.due_for} was due {local(item.due_at, zone)} ({ago(now - item.due_at)})"
    return f"{what} by {local(item.due_at, zone)}"


def _why(item: Item, now: datetime) -> str:
    since = ago(now - item.offered_at)
    if item.given_at:
        return f"Given on by a colleague who has begun with it, {ago(now - item.given_at)}"
    if item.hand_raise:
        return f"Asked for a person, {since}"
    return f"Ready by the agreement{f', grade {item.grade}' if item.grade else ''}, {since}"


def _todo(agreement: Agreement, item: Item, zone: str, now: datetime) -> str:
    if item.do_not_call:
        return "Wants no sales contact. Do not call."
    if item.suggested and item.suggested in agreement.reject_reasons:
        label = agreement.reject_reasons[item.suggested].label
        return f"All attempts are used up: give it back as “{label}”?"
    if item.attempt is None:
        return ""
    about = f" ({item.attempt.text})" if item.attempt.text else ""
    when = f", {local(item.attempt_at, zone)}" if item.attempt_at and item.attempt_at > now else ", now"
    return f"Next: {item.attempt.do}{about}{when}"


def _deals(connection: Connection, ports: Ports, owner: str, now: datetime) -> list[tuple[int, str, Line]]:
    """What the rep works on after its verdict: number, path, and the lead."""
    return [
        (
            row.handoff_id,
            _path(row.token, row.token_until, now),
            Line(
                ", ".join(filter(None, (name_of(row) or row.email, role_of(row)))),
                f"open since {ago(now - row.opened_at)}",
            ),
        )
        for row in _deals_in_hand(connection, ports, owner)
    ]


def _deals_in_hand(connection: Connection, ports: Ports, owner: str) -> Sequence[Row[Any]]:
    keys = [one.key for one in ports.project.config.agreement.owners]
    return connection.execute(desk.DEALS_IN_HAND, {"owner": owner, "names": keys}).all()
