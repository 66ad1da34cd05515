"""`nurture preview` and `nurture send-test`: see mails before anybody gets them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import database_of, root_of
from nurture.cli.screen import Json, answer, note, say
from nurture.errors import ContentError, NurtureError, UsageError, UserError

if TYPE_CHECKING:
    from nurture.content import Project
    from nurture.mail import Receipt
    from nurture.preview import Gallery, Item, Person, Sheet
    from nurture.preview.live import Live

_LEAD = "A lead's number, FILE.csv:LINE, or a word out of the name of a sample lead, such as 'everything'."
_IN_FILE = re.compile(r"(.+\.csv)(?::(\d+))?", re.IGNORECASE)
#: seconds between two looks at the files
_PAUSE = 0.3

Leads = Annotated[list[str] | None, typer.Option("--lead", metavar="LEAD", help=f"{_LEAD} May be said again.")]
Lead = Annotated[str, typer.Option("--lead", metavar="LEAD", help=_LEAD)]


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture preview first-interest --watch")(preview)
    app.command("send-test", epilog="Example: nurture send-test tofu/night-load --to me@example.com")(send_test)


def preview(
    context: typer.Context,
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEMPLATE|SEQUENCE]...", help="Which mails; left out: every template."),
    ] = None,
    lead: Leads = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to write the pages; left out: preview/.", file_okay=False),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Show the pages on this machine until Ctrl-C.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="The same, and anew whenever a file is saved.")] = False,
    port: Annotated[int, typer.Option(help="The port to show them at.", min=0, max=65535)] = 8025,
    shots: Annotated[bool, typer.Option("--shots", help="Write a screenshot of each mail, by Chromium.")] = False,
    as_json: Json = False,
) -> None:
    """Show mails as leads will see them: desktop, phone, dark, text, headers, and what to mend.

    Nothing is sent. The exit code is 1 if a mail has errors.
    """
    if serve or watch:
        if shots or as_json:
            raise UsageError("--shots and --json go with pages that are written: leave out --serve and --watch")
        _show_live(context, what or [], lead or [], out, watch=watch, port=port)
        return
    from nurture.preview import write

    gallery = _draw(context, what or [], lead or [])
    folder = out or Path("preview")
    index = write(gallery.pages(), folder)
    if shots:
        from nurture.preview.shots import shoot

        write(gallery.pages(shots=shoot(gallery.sheets, folder)), folder)
    if as_json:
        answer(index=index, problems=gallery.problems, mails=[_values(sheet) for sheet in gallery.sheets])
    else:
        _tell(gallery)
        say(f"Open {index}")
    raise typer.Exit(1 if gallery.count("error") or not gallery.sheets else 0)


def send_test(
    context: typer.Context,
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Which mail, as in tofu/night-load.")],
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="Who gets it: you.")],
    lead: Lead = "everything",
    as_json: Json = False,
) -> None:
    """Send one mail to yourself, as a lead would get it, by the mailer that carries the real ones.

    Its subject says that it is a test. Nothing is recorded, and its link to unsubscribe opts nobody out.
    """
    from nurture.content import load_project

    address = _address(to)
    project = load_project(root_of(context))
    item, person = _the_one(project, template), _person(context, project, lead)
    _check_fit(project, item, person)
    receipt = _hand_over(context, project, item, person, address)
    if receipt.outcome != "accepted":
        raise NurtureError(f"The mailer did not take it: {receipt.reason or receipt.outcome}.")
    if as_json:
        answer(
            template=item.template_for(person, project), to=address, lead=person.name, provider_id=receipt.provider_id
        )
        return
    say(
        f"Sent to {address}, filled in for {person.name}" + (f": {receipt.provider_id}" if receipt.provider_id else ".")
    )


def _address(text: str) -> str:
    from nurture.leads.values import email

    try:
        return email(text)
    except ValueError as error:
        raise UsageError(f"--to '{text}' {error}") from None


def _check_fit(project: Project, item: Item, person: Person) -> None:
    """Raise ContentError for a mail that cannot be filled in."""
    from nurture.content.vetting import vet
    from nurture.preview import look

    sheet = look(project, item, person, tuple(vet(project.templates)))
    if sheet.problems:
        raise ContentError(sheet.problems)


def _hand_over(context: typer.Context, project: Project, item: Item, person: Person, address: str) -> Receipt:
    from models.words import Suppression
    from nurture.leads import find_lead
    from nurture.preview.to_oneself import ENVIRONMENT, compose_test, send
    from nurture.runtime import clock_of, new_id, open_mailer
    from nurture.settings import load_settings

    settings = load_settings(project.root)
    with database_of(context) as database:
        clock, lead = clock_of(database), find_lead(database, address)
        if lead and lead.suppressed:
            raise UserError(f"{address} must not be mailed: {Suppression(lead.suppressed).in_words}.")
        mailer = open_mailer(settings, ENVIRONMENT, clock)
        try:
            return send(mailer, compose_test(project, item, person, address, new_id(), settings.public_url), clock)
        finally:
            mailer.close()


def _draw(context: typer.Context, what: Iterable[str], leads: Iterable[str]) -> Gallery:
    from nurture.content import load_project
    from nurture.preview import SAMPLES, choose, draw

    project = load_project(root_of(context))
    people = [_person(context, project, word) for word in dict.fromkeys(leads)] or SAMPLES
    return draw(project, choose(project, what), people)


def _person(context: typer.Context, project: Project, word: str) -> Person:
    """The lead a word means. Only a number opens the database, and only a file loads what reads files."""
    from nurture.preview.people import sample

    if not word.isdecimal() and not _IN_FILE.fullmatch(word):
        return sample(word)
    from nurture.clock import SystemClock
    from nurture.preview.records import from_database, from_file

    now = SystemClock().now()
    if in_file := _IN_FILE.fullmatch(word):
        return from_file(Path(in_file[1]), int(in_file[2] or 2), project, now)
    with database_of(context) as database:
        return from_database(database, int(word), project, now)


def _show_live(
    context: typer.Context, what: list[str], leads: list[str], out: Path | None, *, watch: bool, port: int
) -> None:
    from nurture.preview.live import Live, served

    live = Live(root_of(context), lambda: _draw(context, what, leads), watch=watch)
    live.look()
    with served(live, port) as url:
        say(f"Showing {url}" + (", anew after each save." if watch else "."))
        note("Ctrl-C ends it.")
        try:
            _keep_showing(live, out, watch=watch)
        except KeyboardInterrupt:
            say()


def _keep_showing(live: Live, out: Path | None, *, watch: bool) -> None:
    from time import sleep

    from nurture.preview import write

    changed = True
    while True:
        if changed and out and live.gallery:
            write(live.gallery.pages(), out)
        sleep(_PAUSE)
        changed = watch and live.look()


def _tell(gallery: Gallery) -> None:
    for sheet in gallery.sheets:
        for finding in sheet.findings:
            if finding.level != "ok":
                say(f"{sheet.template} for {sheet.person.name}: {finding.level} {finding.message}  [{finding.rule}]")
    for problem in dict.fromkeys(problem for sheet in gallery.sheets for problem in sheet.problems):
        say(f"{problem}\n")
    if gallery.elsewhere:
        note(f"`nurture validate` has {len(gallery.elsewhere)} more to say.")
    say(
        f"{len(gallery.sheets)} pages: {gallery.count('ok')} without findings, "
        f"{gallery.count('warning')} with warnings, {gallery.count('error')} with errors"
    )


def _values(sheet: Sheet) -> dict[str, object]:
    return {
        "page": sheet.page,
        "template": sheet.template,
        "sequence": sheet.item.sequence or None,
        "lead": sheet.person.name,
        "subject": sheet.mail.subject if sheet.mail else None,
        "preview": sheet.mail.preview if sheet.mail else None,
        "level": sheet.level,
        "findings": [finding for finding in sheet.findings if finding.level != "ok"],
        "problems": sheet.problems,
    }


def _the_one(project: Project, word: str) -> Item:
    from nurture.preview import choose

    items = choose(project, [word])
    if len(items) != 1:
        raise UsageError(f"'{word}' means several mails: {', '.join(item.template for item in items)}; say one")
    return items[0]
