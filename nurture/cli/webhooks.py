"""`nurture webhooks`: systems that are told what happens to leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import check_known, ports_of
from nurture.cli.screen import Json, answer, say

if TYPE_CHECKING:
    from nurture.ports import Ports

app = typer.Typer(name="webhooks", help="Systems that are told of leads: test, retry.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The webhook's name in nurture.yaml.")]


@app.command("test", epilog="Example: nurture webhooks test crm")
def try_one(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Post one signed event of type `test`, once, and say what came back.

    The exit code is 1 unless the receiver took it.
    """
    from nurture.webhooks.trial import try_out

    with ports_of(context) as ports:
        _check(ports, name)
        found = try_out(ports, name)
    if as_json:
        answer(webhook=name, delivered=found.delivered, id=found.id, says=found.says)
    else:
        say(f"{name} {found.says} (event {found.id}).")
    raise typer.Exit(0 if found.delivered else 1)


@app.command(epilog="Example: nurture webhooks retry crm")
def retry(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Put the events that were given up in the queue again: they are due now, for three more days."""
    from nurture.webhooks import retry as again

    with ports_of(context) as ports:
        _check(ports, name)
        count = again(ports, name)
    if as_json:
        answer(webhook=name, events=count)
    else:
        say(f"{count} events for {name} are due again; the next round posts them.")


def _check(ports: Ports, name: str) -> None:
    check_known(name, sorted(ports.project.config.webhooks), "webhook")
