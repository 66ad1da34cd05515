"""`nurture leads forget` and `export-personal`, `nurture tidy`: the rights of the people in the database."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.leads import app as leads
from nurture.cli.project import ports_of, root_of
from nurture.cli.screen import Json, Yes, answer, confirm, note, say, table
from nurture.core.mailbox import as_stored, mailbox_of
from nurture.errors import UsageError

if TYPE_CHECKING:
    from nurture.ports import Ports
    from nurture.rights.forget import Forgotten

Who = Annotated[str | None, typer.Argument(metavar="ID|ADDRESS", help="The lead's number, or a mail address.")]


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture tidy")(tidy)


@leads.command(epilog="Examples: nurture leads forget 12; nurture leads forget --requested --yes")
def forget(
    context: typer.Context,
    who: Who = None,
    requested: Annotated[
        bool, typer.Option("--requested", help="Everybody who asked for it on the preference page.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase a person everywhere, for good (GDPR Art. 17).

    What stays is a keyed hash of the address, so that it is not taken in again, and numbers without a person. What lies
    outside of nurture is listed, to be erased by hand. Interrupted, it can be run again. By its address somebody can be
    erased, too, who wrote to us and is no lead.
    """
    from nurture.rights.forget import find_stranger, forget_stranger, leave_no_free_pages
    from nurture.rights.forget import forget as erase
    from nurture.settings import load_settings

    if (who is None) is not requested:
        raise UsageError("say who: a number, an address, or --requested")
    outbox = load_settings(root_of(context)).mail.outbox
    with ports_of(context) as ports:
        known = _address_of(ports, who) if who else None
        wanted = _with_twins(ports, [known] if known else [] if who else _requested(ports))
        stranger = as_stored(who.strip()) if who and not known else ""
        if stranger:
            with ports.database.reading() as connection:
                find_stranger(connection, stranger)
        if count := len(wanted) + bool(stranger):
            confirm(f"Erase {count} {'person' if count == 1 else 'people'} for good?", yes=yes)
        done = [erase(ports, address_id, outbox) for address_id in wanted]
        done += [forget_stranger(ports, stranger, outbox)] if stranger else []
        if done:
            leave_no_free_pages(ports.database)
    if as_json:
        answer(forgotten=done)
    else:
        _show(done)


def _address_of(ports: Ports, who: str) -> int | None:
    """The address of a lead; None for one that is no lead's. Raises UsageError for what is no address either."""
    from models.queries import rights

    with ports.database.reading() as connection:
        if who.strip().isdecimal():
            found = connection.execute(rights.ADDRESS_OF_LEAD, {"id": int(who)}).scalar_one_or_none()
        else:
            email = as_stored(who.strip())
            named = {"email": email, "mailbox": mailbox_of(email)}
            found = connection.execute(rights.ADDRESS_OF_EMAIL, named).scalar_one_or_none()
    if found is None and "@" not in who:
        raise UsageError(f"there is nobody '{who}'; give a lead's number (see `nurture leads list`) or a mail address")
    return found


def _with_twins(ports: Ports, address_ids: list[int]) -> list[int]:
    """These and all other addresses of their mailboxes: it is one person that wants to be forgotten."""
    from models.queries import rights

    with ports.database.reading() as connection:
        twins = {id_: connection.execute(rights.TWINS, {"id": id_}).scalars().all() for id_ in address_ids}
    return list(dict.fromkeys(one for id_ in address_ids for one in (id_, *twins[id_])))


def _requested(ports: Ports) -> list[int]:
    from models.queries import rights

    with ports.database.reading() as connection:
        return [row.address_id for row in connection.execute(rights.REQUESTS)]


def _show(done: list[Forgotten]) -> None:
    for one in done:
        name = f"Lead {one.lead_id}" if one.lead_id else "The address"
        rows = [*one.rows.items(), ("files", one.files)]
        table(f"{name} is forgotten: rows erased or emptied", ("where", "number"), rows)
        say("To be erased by hand:")
        for line in one.outside:
            say(f"  {line}")
    if not done:
        say("Nobody has asked to be erased.")


@leads.command("export-personal", epilog="Example: nurture leads export-personal 12 --output ida.json")
def export_personal(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="ID|ADDRESS", help="The lead's number, or a mail address.")],
    output: Annotated[
        Path | None, typer.Option(help="The file; left out: personal-NUMBER.json here, by the lead.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write down all we know about a person (GDPR Art. 15 and 20): for that person, so with nothing about others.

    The file can be read by its owner alone. With --json it goes to the screen instead.
    """
    from nurture.rights.personal import personal_data, strangers_data

    with ports_of(context) as ports:
        address_id = _address_of(ports, who)
        document = personal_data(ports, address_id) if address_id else strangers_data(ports, as_stored(who.strip()))
    if as_json:
        answer(**document)
        return
    target = output or Path(f"personal-{document['lead'] or 'stranger'}.json")
    _write_for_owner(target, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    say(f"Written to {target}")


def _write_for_owner(target: Path, text: str) -> None:
    """Readable by nobody else, from the first byte on. Raises UsageError where there is something already."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{target} is there already: name another file with --output") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def tidy(context: typer.Context, as_json: Json = False) -> None:
    """Let the quiet go, learn whose mail is scanned, find out who works where, let leads that make no progress change
    track, ask reps for overdue verdicts, and remove what is personal and no longer needed, by `sunset` and `retention`
    of nurture.yaml. The flow `daily` does it, too."""
    from nurture.daily import daily

    with ports_of(context) as ports:
        counts, waiting = daily(ports), len(_requested(ports))
    if as_json:
        answer(**{name.replace(" ", "_"): count for name, count in counts.items()}, asked_to_be_erased=waiting)
        return
    table("Tidied", ("what", "number"), [(name, count) for name, count in counts.items() if count])
    if waiting:
        note(f"{waiting} asked to be erased: `nurture leads forget --requested`. The law gives a month.")
