"""What the CRM tells of deals: stored as it came, answered at once with what cannot be read, worked afterwards."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from nurture.deals import read_request
from nurture.engage import receive
from nurture.engage.inbox import DEALS
from nurture.engage.site import SERVER
from nurture.web.api import MAX_BATCH, SiteKeys, why
from nurture.web.site import Site


def routes(site: Site, keys: SiteKeys) -> APIRouter:
    """POST /v1/opportunities, for whoever has the server's key: browsers never."""
    router = APIRouter()

    @router.post("/v1/opportunities")
    async def tell(request: Request) -> Response:
        if keys.source(request.headers.get("authorization", "")) != SERVER:
            return _refused(keys)
        body = await request.body()
        if len(body) > MAX_BATCH:
            return JSONResponse({"detail": "that is too much at once"}, 413)
        now = await run_in_threadpool(site.ports.clock.now)
        ports = (await run_in_threadpool(site.in_force)).ports
        try:
            facts, faults = read_request(body, ports.project.config, now)
        except ValueError as error:
            return JSONResponse({"detail": why(error)}, 400)
        left_out = [{"entry": number, "reason": reason} for number, reason in faults]
        if not facts:
            return JSONResponse({"detail": "no deal can be read", "left_out": left_out}, 400)
        await run_in_threadpool(receive, site.ports, DEALS, body)
        answer = {"success": True, "taken": len(facts), "left_out": left_out}
        return JSONResponse(answer, 200, background=BackgroundTask(site.drain))

    return router


def _refused(keys: SiteKeys) -> Response:
    if not keys.server:
        return JSONResponse({"detail": "not set up yet: set NURTURE_SITE__SERVER_KEY"}, 503)
    return JSONResponse({"detail": "show the server's key, as Bearer or as the user name of Basic"}, 401)
