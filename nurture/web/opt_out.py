"""Opting out, by one click in a mail program (RFC 8058) or by the button on the page behind the link.

Nothing is asked, nothing is logged in, nothing is redirected; and nobody learns here which links are real.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from models.queries import engagement
from models.words import Suppression
from nurture.ports import Ports
from nurture.suppress import suppress
from nurture.web.site import Site


def routes(site: Site) -> APIRouter:
    """GET /u/{token} shows a button; POST /u/{token} opts out, whatever its body says and however it is encoded."""
    router = APIRouter()

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> Response:
        return site.pages.page("opt_out", done=False)

    @router.post("/u/{token}")
    def opt_out(token: str) -> Response:
        opt_out_address(site.ports, token)
        return site.pages.page("opt_out", done=True)

    return router


def opt_out_address(ports: Ports, token: str) -> None:
    """No mail to this address from the commit on. A token that names none is no error; twice is once."""
    now = ports.clock.now()
    with ports.database.transaction("opt out") as connection:
        address = connection.execute(engagement.ADDRESS_BY_TOKEN, {"token": token}).first()
        if address:
            suppress(connection, [address.id], Suppression.OPT_OUT, "one-click", now)
