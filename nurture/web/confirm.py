"""Confirming that one wants mail (double opt-in): the link shows a page, only its button confirms."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nurture.opt_in import confirm
from nurture.web.site import Site


def routes(site: Site) -> APIRouter:
    """GET /c/{token} asks, POST /c/{token} confirms. Nobody learns here which links are real."""
    router = APIRouter()

    @router.api_route("/c/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> Response:
        return _page(site.in_force(), token, done=False)

    @router.post("/c/{token}")
    def yes(token: str) -> Response:
        here = site.in_force()
        confirm(here.ports, token)
        return _page(here, token, done=True)

    return router


def _page(site: Site, token: str, *, done: bool) -> Response:
    return site.pages.page("confirm", token=token, wording=site.ports.project.config.consent.wording, done=done)
