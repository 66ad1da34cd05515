"""`nurture init`: a project of one's own, from the one that comes with nurture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.screen import Json, answer, say

_NEXT = """
Next:
  cd {folder}
  nurture validate             what is wrong, and how to mend it
  nurture preview --serve      every mail: desktop, phone, dark, text
  nurture test                 do the sequences do to leads what their tests say?
  nurture simulate             60 days with the sample leads, nothing is sent
Then make it yours: brand, sender and agreement in nurture.yaml, the words in templates/ and sequences/.
When it is: nurture db upgrade, nurture doctor, nurture leads import FILE.csv, nurture run."""


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture init our-leads")(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to: a new folder, or one without a project.")],
    preset: Annotated[str, typer.Option(help="What to start from.")] = "saas",
    as_json: Json = False,
) -> None:
    """Start a project: six sequences with their mails and tests, settings, sample leads.

    Nothing is overwritten; the exit code is 2 if something is in the way.
    """
    from nurture.preset import write

    files = write(preset, folder)
    if as_json:
        answer(folder=str(folder), preset=preset, files=[file.as_posix() for file in files])
        return
    sequences = sum(file.parent == Path("sequences") for file in files)
    mails = sum(file.suffix == ".mjml" and not file.parent.name.startswith("_") for file in files)
    say(f"{folder} has {sequences} sequences and {mails} mails now, {len(files)} files in all.")
    say(_NEXT.format(folder=folder))
