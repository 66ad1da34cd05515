"""`nurture serve`: the web app: webhooks, forms, unsubscribing, and sales' page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import ports_of, root_of
from nurture.cli.screen import note, say

if TYPE_CHECKING:
    from nurture.settings import Settings


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture serve --host 0.0.0.0 --port 8000")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen at.", min=0, max=65535)] = 8000,
) -> None:
    """Serve the web app until Ctrl-C."""
    import uvicorn

    from nurture.settings import load_settings
    from nurture.web import create_app

    settings = load_settings(root_of(context))
    sendgrid = settings.sendgrid
    with ports_of(context) as ports:
        app = create_app(ports, webhook_keys=sendgrid.webhook_keys, insecure_dev=sendgrid.webhook_insecure)
        _tell(f"http://{host}:{port}", settings)
        # no access log: addresses of pages hold the tokens of leads and handoffs
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def _tell(url: str, settings: Settings) -> None:
    say(f"Listening at {url}; from outside: {settings.public_url}")
    say("  POST /webhooks/sendgrid   signed events of mails")
    say("  POST /f/<form>            forms of the site")
    say("  /u/<token>                unsubscribing")
    say("  /h/<token>                a handoff: sales' page, linked in each alert")
    say("  /healthz                  alive?")
    if not settings.sendgrid.webhook_keys:
        unsigned = settings.sendgrid.webhook_insecure
        state = "UNSIGNED events are taken" if unsigned else "events are refused"
        note(f"There is no webhook key, so {state}; set NURTURE_SENDGRID__WEBHOOK_KEY.")
