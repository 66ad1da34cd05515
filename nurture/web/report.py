"""How nurturing goes, for whoever has the operator's link: figures, and leads by number; nobody's name or address."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from nurture.errors import UsageError
from nurture.report import USUAL, report, timeline
from nurture.report.page import lead_page, page
from nurture.web.site import Site, number_in

#: as far back as one may look, in days
LONGEST = 3650

Days = Annotated[int, Query(ge=1, le=LONGEST)]


def routes(site: Site, secret: str | None) -> APIRouter:
    """GET /report/{token} and /report/{token}/lead/{number}; without a token set there is no such page."""
    router = APIRouter()

    @router.api_route("/report/{token}", methods=["GET", "HEAD"])
    def figures(token: str, days: Days = USUAL.days) -> Response:
        _check(token, secret)
        ports = site.in_force().ports
        found = report(ports, ports.clock.now(), timedelta(days=days))
        return HTMLResponse(page(ports, found, f"/report/{token}"))

    @router.api_route("/report/{token}/lead/{number}", methods=["GET", "HEAD"])
    def lead(token: str, number: str) -> Response:
        _check(token, secret)
        try:
            found = timeline(ports := site.in_force().ports, number_in(number) or 0)
        except UsageError:
            raise HTTPException(404) from None
        return HTMLResponse(lead_page(ports, found, f"/report/{token}"))

    return router


def _check(shown: str, secret: str | None) -> None:
    """Takes as long however much of it is right."""
    if not secret or not hmac.compare_digest(shown.encode(), secret.encode()):
        raise HTTPException(404)
