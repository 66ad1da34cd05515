"""`nurture agreement`: what marketing and sales have agreed on, for both to read, and every change of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, moment, note, say, table, write_file
from nurture.errors import UsageError

if TYPE_CHECKING:
    from nurture.core.agreement import Agreement
    from nurture.ports import Ports
    from nurture.signed import Pending, Version

app = typer.Typer(
    name="agreement", help="Read the agreement of marketing and sales, and its changes.", no_args_is_help=True
)

#: `--version` of what nurture.yaml says and nobody has put in force
DRAFT = "draft"


@app.command(epilog="Examples: nurture agreement show; nurture agreement show --version draft --html to-sign.html")
def show(
    context: typer.Context,
    version: Annotated[
        str | None,
        typer.Option(metavar="V", help="A version by its name, or 'draft' for nurture.yaml's; left out: in force."),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a page, to read and sign.")] = None,
    as_json: Json = False,
) -> None:
    """Show the agreement in plain words: stages, rules, points, promises, reasons, reps."""
    from nurture.contract import page, sections

    with ports_of(context, only_look=True) as ports:
        name, terms, waiting = _chosen(ports, version)
        brand = ports.project.config.brand
    if html:
        write_file(html, page(brand, terms, name, waiting))
    if as_json:
        answer(version=name, agreement=terms.model_dump(mode="json"), waiting=waiting)
    elif not html:
        _say(name, terms, waiting)
        for section in sections(terms):
            say(section.title, style="bold")
            table(f"  {section.intro}", section.headings, section.rows)


@app.command("log", epilog="Example: nurture agreement log --json")
def show_log(context: typer.Context, as_json: Json = False) -> None:
    """List every agreement that was ever in force, the newest first: since when, who signed, what was changed."""
    from nurture import signed

    with ports_of(context, only_look=True) as ports:
        found, waiting = signed.versions(ports.database), signed.pending(ports.project, ports.clock.now())
    if as_json:
        answer(versions=[_values(one) for one in found], waiting=waiting)
        return
    if waiting:
        note(f"{waiting}: {waiting.do}")
    for one in found:
        until = f" until {moment(one.until)}" if one.until else ""
        say(f"{one.version}  in force since {moment(one.since)}{until} (UTC)", style="bold")
        say(f"  {_hands(one.terms)}")
        for change in one.changes:
            say(f"  {change}")
    if not found:
        say("No agreement is in force yet: the first round puts nurture.yaml's in force.")


def _chosen(ports: Ports, version: str | None) -> tuple[str, Agreement, Pending | None]:
    from nurture import signed
    from nurture.content import version_of

    project = ports.project
    if version == DRAFT:
        draft = project.draft or project.config.agreement
        return version_of(draft), draft, signed.pending(project, ports.clock.now())
    if version is None or version == project.agreement_version:
        return project.agreement_version, project.config.agreement, None
    found = {one.version: one.terms for one in signed.versions(ports.database)}
    fitting = [name for name in found if name.startswith(version)]
    terms = found[fitting[0]] if len(fitting) == 1 else None
    if terms is None:
        raise UsageError(f"there is no agreement '{version}' that can be read; `nurture agreement log` lists them")
    return fitting[0], terms, None


def _say(name: str, terms: Agreement, waiting: Pending | None) -> None:
    say(f"Agreement {name}", style="bold")
    say(_hands(terms))
    if waiting:
        say(f"Not in force: {waiting}.")
    say()


def _hands(terms: Agreement | None) -> str:
    from nurture.core.signing import signed_by

    if terms is None:
        return "its text cannot be read by this version of nurture"
    by = terms.agreed_by
    return f"signed by {signed_by(by.marketing)}, for marketing; {signed_by(by.sales)}, for sales"


def _values(one: Version) -> dict[str, object]:
    hands = one.terms.agreed_by.model_dump(mode="json") if one.terms else {"marketing": None, "sales": None}
    return {"version": one.version, "since": one.since, "until": one.until, **hands, "changes": one.changes}
