"""Forms of the site: taken in as any browser or script sends them, answered at once, worked afterwards."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from nurture.content.doings import forms_of
from nurture.core.project import Form
from nurture.engage import receive
from nurture.engage.forms import FIELDS, read_form
from nurture.web.fields import fields_of, whole
from nurture.web.site import Site

#: fields and files that are read; what is not asked for is dropped, so that no form is lost for it
MAX_FIELDS, MAX_FILES = 1000, 20


def routes(site: Site) -> APIRouter:
    """POST /f/{form} for the forms that the agreement names, and the page that says thank you."""
    router = APIRouter()

    @router.post("/f/{form}")
    async def submit(form: str, request: Request) -> Response:
        config = (await run_in_threadpool(site.in_force)).ports.project.config
        if form not in forms_of(config.agreement) | set(config.forms):
            raise HTTPException(404)
        is_json = request.headers.get("content-type", "").lower().startswith("application/json")
        told = await (_json(request) if is_json else fields_of(request, MAX_FIELDS, MAX_FILES))
        body = orjson.dumps(_as_ours(told, config.forms.get(form)))
        try:
            read_form(form, body, await run_in_threadpool(site.ports.clock.now))
        except ValueError as error:
            return JSONResponse({"detail": str(error)}, 422) if is_json else site.pages.problem(400, _mend(error))
        await run_in_threadpool(receive, site.ports, f"form:{form}", body)
        answer = Response(status_code=204) if is_json else RedirectResponse("/thanks", 303)
        answer.background = BackgroundTask(site.drain)
        return answer

    @router.api_route("/thanks", methods=["GET", "HEAD"])
    def thanks() -> Response:
        return site.pages.page("message", title="Thank you", text="We have it, and will be in touch.")

    return router


def _as_ours(told: dict[str, Any], terms: Form | None) -> dict[str, Any]:
    """The fields that are taken, by our names, and what the form asks for."""
    renamed = {terms.fields.get(name, name): value for name, value in told.items()} if terms else told
    asset = {"asset": terms.asset} if terms and terms.asset else {}
    return {name: renamed[name] for name in FIELDS if isinstance(renamed.get(name), str | int | float)} | asset


async def _json(request: Request) -> dict[str, Any]:
    try:
        told = orjson.loads(await whole(request))
    except ValueError:
        raise HTTPException(400) from None
    if not isinstance(told, dict):
        raise HTTPException(400)
    return told


def _mend(error: ValueError) -> str:
    return f"Please go back and look at your mail address: {error}."
