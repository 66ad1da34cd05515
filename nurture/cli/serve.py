"""`nurture serve`: the web app: webhooks, forms, unsubscribing, and sales' page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.project import ports_of, root_of
from nurture.cli.screen import note, say

if TYPE_CHECKING:
    from nurture.settings import Settings
    from nurture.web.api import SiteKeys
    from nurture.web.inbound import InboundKeys


#: at once; what comes on top is told to try again
MOST_CONNECTIONS = 1000


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture serve --host 0.0.0.0 --port 8000")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen at.", min=0, max=65535)] = 8000,
) -> None:
    """Serve the web app until Ctrl-C."""
    import gc

    import uvicorn

    from nurture.settings import load_settings
    from nurture.web import create_app
    from nurture.web.limits import Limits

    settings = load_settings(root_of(context))
    sendgrid = settings.sendgrid
    with ports_of(context) as ports:
        app = create_app(
            ports,
            webhook_keys=sendgrid.webhook_keys,
            insecure_dev=sendgrid.webhook_insecure,
            webhook_max_age=sendgrid.webhook_max_age,
            limits=Limits(),
            metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
            report_token=settings.report_token.get_secret_value() if settings.report_token else None,
            site_keys=_site_keys(settings),
            inbound_keys=_inbound_keys(settings),
        )
        _tell(f"http://{host}:{port}", settings)
        # What is loaded by now stays for good; looking through it again and again would cost more than an event does.
        gc.freeze()
        uvicorn.run(app, host=host, port=port, **_server(settings))


def _server(settings: Settings) -> dict[str, Any]:
    """How requests are taken in. Slow bodies are the app's to end (nurture.web.guard)."""
    return {
        # no access log: addresses of pages hold the tokens of leads and handoffs
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "limit_concurrency": MOST_CONNECTIONS,
        # whose X-Forwarded-For tells the visitor's address, by which requests are limited
        "forwarded_allow_ips": settings.trusted_proxies,
        "ws": "none",
    }


def _site_keys(settings: Settings) -> SiteKeys:
    from nurture.web.api import SiteKeys

    told = settings.site
    server = told.server_key.get_secret_value() if told.server_key else ""
    return SiteKeys(told.write_key, server, told.allowed_origins)


def _inbound_keys(settings: Settings) -> InboundKeys:
    from nurture.web.inbound import InboundKeys

    told = settings.inbound
    return InboundKeys(told.secret_path.get_secret_value() if told.secret_path else "", told.keys)


def _tell(url: str, settings: Settings) -> None:
    say(f"Listening at {url}; from outside: {settings.public_url}")
    say("  POST /webhooks/sendgrid   signed events of mails")
    say("  POST /webhooks/inbound/.. answers to mails")
    say("  POST /f/<form>            forms of the site")
    say("  POST /v1/...              what the site tells of its visitors")
    say("  /u/<token>                unsubscribing, and what one may wish for instead")
    say("  /c/<token>, /a/<token>/.. confirming that one wants mail; answering a question")
    say("  /h/<token>, /w/<token>    a lead's page for sales, linked in each alert; a rep's worklist")
    say("  /healthz, /readyz         alive? ready?")
    if settings.report_token:
        say("  /report/<token>           how nurturing goes: figures, and leads by number")
    if settings.metrics_token:
        say("  /metrics                  figures for Prometheus")
    if not settings.sendgrid.webhook_keys:
        unsigned = settings.sendgrid.webhook_insecure
        state = "UNSIGNED events are taken" if unsigned else "events are refused"
        note(f"There is no webhook key, so {state}; set NURTURE_SENDGRID__WEBHOOK_KEY.")
