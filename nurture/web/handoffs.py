"""Sales' page: the brief, and two buttons. Whoever has the link may answer, once; later answers change nothing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlalchemy import Row
from starlette.exceptions import HTTPException
from starlette.responses import Response

from models.queries import sales
from nurture.brief import brief
from nurture.errors import UsageError
from nurture.handoff import Answered, accept, reject
from nurture.leads.values import cleaned
from nurture.web.site import Site

LONGEST_NOTE = 1000
_STANDS = "This was answered before, and that answer stands."


def routes(site: Site) -> APIRouter:
    """GET /h/{token}, POST /h/{token}/accept, POST /h/{token}/reject."""
    router = APIRouter()

    @router.api_route("/h/{token}", methods=["GET", "HEAD"])
    def look(token: str) -> Response:
        return _show(site, _find(site, token))

    @router.post("/h/{token}/accept")
    def take(token: str) -> Response:
        handoff = _find(site, token)
        answered = accept(site.ports, handoff.id, handoff.owner)
        return _show(site, handoff, notice=_notice(answered))

    @router.post("/h/{token}/reject")
    def give_back(token: str, reason: Annotated[str, Form()] = "", note: Annotated[str, Form()] = "") -> Response:
        handoff = _find(site, token)
        try:
            answered = reject(site.ports, handoff.id, handoff.owner, reason, cleaned(note)[:LONGEST_NOTE])
        except UsageError as error:
            fault = str(error) if reason else "Please choose a reason."
            return _show(site, handoff, status=422, fault=fault, reason=reason, note=note)
        return _show(site, handoff, notice=_notice(answered))

    return router


def _find(site: Site, token: str) -> Row[Any]:
    with site.ports.database.reading() as connection:
        handoff = connection.execute(sales.HANDOFF_BY_TOKEN, {"token": token}).first()
    if handoff is None:
        raise HTTPException(404)
    return handoff


def _notice(answered: Answered) -> str:
    return "Thank you, that is noted." if answered.fresh else _STANDS


def _show(
    site: Site,
    handoff: Row[Any],
    status: int = 200,
    *,
    notice: str = "",
    fault: str = "",
    reason: str = "",
    note: str = "",
) -> Response:
    ports = site.ports
    with ports.database.reading() as connection:
        about = brief(connection, ports, handoff.id, ports.clock.now())
    return site.pages.page(
        "handoff",
        status,
        brief=about,
        token=handoff.token,
        reasons=ports.project.config.agreement.reject_reasons,
        notice=notice,
        fault=fault,
        chosen=reason,
        note=note,
    )
