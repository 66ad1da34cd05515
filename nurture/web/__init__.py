"""The web app: what the mail provider, visitors, readers and sales reach from outside.

    POST /webhooks/sendgrid       signed events: stored raw, answered, then worked
    POST /webhooks/inbound/{secret}
                                  mails that leads answer with: the same
    POST /f/{form}                a form of the site
    POST /v1/identify|track|page|batch, GET /v1/questions
                                  what the site tells of its visitors, and what it may ask them
    POST /v1/opportunities        what the CRM tells of deals
    GET, POST /u/{token}          opting out: a page with a button, and one click (RFC 8058); /keep, /again, /erase
    GET, POST /c/{token}          confirming that one wants mail (double opt-in)
    GET, POST /a/{token}/{question}
                                  answering a question that a mail asks, by a button
    GET /h/{token}                a handoff as sales reads it; POST .../accept, reject, snooze, reassign, touch, warm,
                                  verdict and take act on it
    GET /w/{token}                a rep's worklist; POST .../take and .../open
    GET /thanks, GET /about-this-mail
    GET /report/{token}           how nurturing goes, and .../lead/{number}: for whoever has the operator's link
    GET /healthz, /readyz, /metrics
                                  alive, ready, and figures for Prometheus

Whatever is not here is refused. A GET changes nothing, because scanners follow every link.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nurture.ports import Ports
from nurture.web import (
    api,
    confirm,
    deals,
    forms,
    handoffs,
    health,
    hidden,
    inbound,
    opt_out,
    polls,
    report,
    webhooks,
    worklist,
)
from nurture.web.current import Current
from nurture.web.drain import Drain
from nurture.web.guard import RETRY, Guard
from nurture.web.limits import Limits
from nurture.web.pages import Pages
from nurture.web.site import Site

__all__ = ["Drain", "create_app"]

#: the site tells nothing
NOBODY = api.SiteKeys()
#: no mail is taken in
CLOSED = inbound.InboundKeys()

log = logging.getLogger(__name__)


def create_app(
    ports: Ports,
    *,
    webhook_keys: Sequence[str],
    insecure_dev: bool = False,
    webhook_max_age: int = webhooks.MAX_AGE,
    drain: Callable[[], None] | None = None,
    limits: Limits | None = None,
    metrics_token: str | None = None,
    report_token: str | None = None,
    site_keys: api.SiteKeys = NOBODY,
    inbound_keys: inbound.InboundKeys = CLOSED,
) -> FastAPI:
    """The app. `webhook_keys` are the provider's public keys; without any, its events are only taken in
    `insecure_dev`. `drain` is called after each request that brought something in: a `Drain` unless given."""
    app = FastAPI(title="nurture", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    current = Current(ports)
    site = Site(ports, Pages(ports.project, ports.public_url), drain or Drain(current), current)
    app.include_router(webhooks.routes(site, webhook_keys, insecure_dev=insecure_dev, max_age=webhook_max_age))
    app.include_router(inbound.routes(site, inbound_keys))
    app.include_router(forms.routes(site))
    app.include_router(deals.routes(site, site_keys))
    app.include_router(api.routes(site, site_keys))
    app.include_router(opt_out.routes(site))
    app.include_router(confirm.routes(site))
    app.include_router(polls.routes(site))
    app.include_router(handoffs.routes(site))
    app.include_router(worklist.routes(site))
    app.include_router(hidden.routes(site))
    app.include_router(report.routes(site, report_token))
    app.include_router(health.routes(site, metrics_token))
    app.add_middleware(Guard, headers=site.pages.headers, limits=limits)
    _answer_errors(app, site.pages)
    return app


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.headers == RETRY:
            return busy()
        return pages.problem(error.status_code, headers=error.headers)

    def unreadable(_: Request, _error: Exception) -> Response:
        return pages.problem(400)

    def busy() -> Response:
        return pages.page("message", 503, RETRY, title="We are busy", text="Please try again in a minute.")

    def overloaded(_: Request, error: Exception) -> Response:
        log.error("the database does not answer: %s", type(error).__name__)
        return busy()

    def broken(request: Request, error: Exception) -> Response:
        # The route, not the path: tokens stay out of logs.
        route = getattr(request.scope.get("route"), "path", "?")
        log.error("%s %s failed: %s", request.method, route, type(error).__name__)
        return pages.problem(500, headers=pages.headers)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(OperationalError, overloaded)
    app.add_exception_handler(Exception, broken)
