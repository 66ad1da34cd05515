"""Confirming that one wants mail (double opt-in): the link shows a page, only its button confirms."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nurture.opt_in import confirm
from nurture.web.site import Site


def routes(site: Site) -> APIRouter:
    """GET /c/{token} asks, POST /c/{token} confirms. Nobody learns here which links are real."""
    router = APIRouter()
    wording = site.ports.project.config.consent.wording

    @router.api_route("/c/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> Response:
        return site.pages.page("confirm", token=token, wording=wording, done=False)

    @router.post("/c/{token}")
    def yes(token: str) -> Response:
        confirm(site.ports, token)
        return site.pages.page("confirm", token=token, wording=wording, done=True)

    return router
