"""Where the link leads that is hidden in each mail: a page that says nothing, for scanners follow every link.

Who follows it is told by the mail provider, like any other click (`nurture.core.verdict`).
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nurture.core.links import TRAP
from nurture.web.site import Site


def routes(site: Site) -> APIRouter:
    """GET /about-this-mail. It changes nothing, and asks nobody who they are."""
    router = APIRouter()

    @router.api_route(TRAP, methods=["GET", "HEAD"])
    def about() -> Response:
        text = (
            f"It was sent by {site.ports.project.config.brand.name}. To change what you get, use the link at its end."
        )
        return site.pages.page("message", title="About this mail", text=text)

    return router
