"""Sales' page of a lead: the brief, and what its rep can do about it. Looking changes nothing, only buttons do.

Whoever has the link acts as the rep whose list the lead is on: the token in the path is the secret. A link that was
replaced, or is older than 30 days, shows nothing of the lead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from nurture.brief import begin, brief, owner_name
from nurture.core.owners import POOL
from nurture.errors import UsageError
from nurture.handoff.former import Followed, follow
from nurture.handoff.take import take
from nurture.web.acts import ACTS, STANDS, Act, Said, require
from nurture.web.desk import page_of, phase_of
from nurture.web.fields import fields_of
from nurture.web.site import Site

_MAX_FIELDS = 20
_FIRST = "Nobody has this lead yet: say who you are and take it first."


async def _fields(request: Request) -> dict[str, str]:
    """What a form says."""
    return {name: said for name, said in (await fields_of(request, _MAX_FIELDS)).items() if isinstance(said, str)}


Form = Annotated[dict[str, str], Depends(_fields)]


def routes(site: Site) -> APIRouter:
    """GET /h/{token} shows; POST /h/{token}/take, and the path of each of `ACTS`, act."""
    router = APIRouter()

    @router.api_route("/h/{token}", methods=["GET", "HEAD"])
    def look(token: str) -> Response:
        return _page(site.in_force(), token)

    @router.post("/h/{token}/take")
    def take_it(token: str, said: Form) -> Response:
        return _take(site.in_force(), token, said.get("by", ""))

    for name, act in ACTS.items():
        _add(router, site, name, act)
    return router


def _add(router: APIRouter, site: Site, name: str, act: Act) -> None:
    @router.post(f"/h/{{token}}/{name}")
    def do(token: str, said: Form) -> Response:
        return _act(site.in_force(), token, name, act, said)


def _act(site: Site, token: str, form: str, act: Act, said: Said) -> Response:
    """Do what a form asks, and show the page as it is then; what is missing is asked for again, with the form kept."""
    followed = _follow(site, token)
    if not followed.opens:
        return _closed(site, followed)
    if phase_of(site.ports, followed.handoff) == "free":
        return _page(site, token, 422, faulty="take", fault=_FIRST)
    try:
        notice = act(site.ports, followed.handoff, said)
    except UsageError as error:
        return _refused(site, token, form, str(error), said)
    page = _given(site, token) if form == "reassign" else _page(site, token, notice=notice)
    page.background = BackgroundTask(site.drain)
    return page


def _given(site: Site, token: str) -> Response:
    """Nothing of the lead any more: whoever has it now has a link of its own."""
    owner = _follow(site, token).handoff.owner
    if owner == POOL:
        text = "Whoever is free may take it there. This link opens nothing any more."
        return site.pages.page("message", title="It is on the list of the whole team now", text=text)
    name = owner_name(site.ports.project.config.agreement, owner)
    text = f"{name} is told, and has a link of their own. This one opens nothing any more."
    return site.pages.page("message", title=f"Given to {name}", text=text)


def _refused(site: Site, token: str, form: str, fault: str, said: Said) -> Response:
    """The page with the fault in its form; where somebody else was faster there is no such form any more."""
    followed = _follow(site, token)
    if form != "verdict" and followed.opens and phase_of(site.ports, followed.handoff) == "closed":
        return _page(site, token, notice=STANDS)
    return _page(site, token, 422, faulty=form, fault=begin(fault), said=said)


def _take(site: Site, token: str, by: str) -> Response:
    """Out of the pool; from then on the lead has another link."""
    followed = _follow(site, token)
    if not followed.opens:
        return _closed(site, followed)
    try:
        require(by, "Please say who you are.")
        handoff, got_it = take(site.ports, followed.handoff.id, by)
    except UsageError as error:
        return _refused(site, token, "take", str(error), {"by": by})
    if not got_it:
        return _closed(site, Followed(handoff, in_force=False, ended=True))
    return RedirectResponse(f"/h/{handoff.token}", 303, background=BackgroundTask(site.drain))


def _follow(site: Site, token: str) -> Followed:
    with site.ports.database.reading() as connection:
        followed = follow(connection, token, _now(site))
    if followed is None:
        raise HTTPException(404)
    return followed


def _page(
    site: Site,
    token: str,
    status: int = 200,
    *,
    notice: str = "",
    faulty: str = "",
    fault: str = "",
    said: Said | None = None,
) -> Response:
    ports, now = site.ports, _now(site)
    with ports.database.reading() as connection:
        followed = follow(connection, token, now)
        if followed is None:
            raise HTTPException(404)
        if not followed.opens:
            return _closed(site, followed)
        about = brief(connection, ports, followed.handoff.id, now)
        values = page_of(connection, ports, followed.handoff, now)
    values |= {"brief": about, "notice": notice, "faulty": faulty, "fault": fault, "filled": said or {}}
    return site.pages.page("handoff", status, **values)


def _closed(site: Site, followed: Followed) -> Response:
    """A page that says nothing of the lead, and how to get to it."""
    handoff, agreement = followed.handoff, site.ports.project.config.agreement
    renew = f"Open it from your worklist, or ask whoever runs nurture for a new link to handoff {handoff.id}."
    if followed.in_force:
        return site.pages.page("message", 410, title="This link has run out", text=f"Links open for 30 days. {renew}")
    if handoff.owner == POOL:
        text = "It is on the list of the whole team now. Whoever is free may take it there."
        return site.pages.page("message", 410, title="This lead is in the pool now", text=text)
    title = f"This lead is with {owner_name(agreement, handoff.owner)} now"
    return site.pages.page("message", 410, title=title, text=f"This link was replaced by a newer one. {renew}")


def _now(site: Site) -> datetime:
    return site.ports.clock.now()
