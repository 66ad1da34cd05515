"""`nurture alerts`: the chat channels that alerts go to."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.project import check_known, ports_of
from nurture.cli.screen import Json, answer, say
from nurture.errors import SetupError

app = typer.Typer(name="alerts", help="The chat channels that alerts go to: test.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel's name in nurture.yaml.")]


@app.callback()
def _group() -> None:
    """Commands by name, though there is one."""


@app.command("test", epilog="Example: nurture alerts test sales-slack")
def try_one(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Post one message about nobody to a channel, once, and say whether it was taken.

    The exit code is 1 unless it was.
    """
    from nurture.alerts.chat import Chat, Missing, find

    with ports_of(context) as ports:
        check_known(name, sorted(channel.name for channel in ports.project.config.alerts), "channel")
        address = find(ports.alert_channels, name)
        if isinstance(address, Missing):
            raise SetupError(f"Channel {name}: {address.what}; {address.do}.")
        refused = Chat(address, ports.reach).post("A test by nurture", f"Alerts come here ({name}).")
    if as_json:
        answer(channel=name, delivered=not refused, says=refused or "took it")
    else:
        say(f"{name}: {refused or 'took it'}.")
    raise typer.Exit(1 if refused else 0)
