"""The web app: what the mail provider, visitors, readers and sales reach from outside.

    POST /webhooks/sendgrid       signed events: stored raw, answered, then worked
    POST /f/{form}                a form of the site
    GET, POST /u/{token}          opting out: a page with a button, and one click (RFC 8058)
    GET /h/{token}                a handoff as sales reads it; POST .../accept and .../reject answer it
    GET /thanks, GET /healthz

Whatever is not here is refused. A GET changes nothing, because scanners follow every link.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nurture.ports import Ports
from nurture.web import forms, handoffs, opt_out, webhooks
from nurture.web.drain import Drain
from nurture.web.guard import Guard
from nurture.web.pages import Pages
from nurture.web.site import Site

__all__ = ["Drain", "create_app"]

log = logging.getLogger(__name__)


def create_app(
    ports: Ports,
    *,
    webhook_keys: Sequence[str],
    insecure_dev: bool = False,
    drain: Callable[[], None] | None = None,
) -> FastAPI:
    """The app. `webhook_keys` are the provider's public keys; without any, its events are only taken in
    `insecure_dev`. `drain` is called after each request that brought something in: a `Drain` unless given."""
    app = FastAPI(title="nurture", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    site = Site(ports, Pages(ports.project), drain or Drain(ports))
    app.include_router(webhooks.routes(site, webhook_keys, insecure_dev=insecure_dev))
    app.include_router(forms.routes(site))
    app.include_router(opt_out.routes(site))
    app.include_router(handoffs.routes(site))
    app.add_api_route("/healthz", _healthz, methods=["GET", "HEAD"])
    app.add_middleware(Guard, headers=site.pages.headers)
    _answer_errors(app, site.pages)
    return app


def _healthz() -> Response:
    return PlainTextResponse("ok")


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return pages.problem(error.status_code)

    def unreadable(_: Request, _error: Exception) -> Response:
        return pages.problem(400)

    def broken(request: Request, error: Exception) -> Response:
        # The route, not the path: tokens stay out of logs.
        route = getattr(request.scope.get("route"), "path", "?")
        log.error("%s %s failed: %s", request.method, route, type(error).__name__)
        return pages.problem(500, headers=pages.headers)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(Exception, broken)
