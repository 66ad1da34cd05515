"""`nurture init`: a project of one's own, from the one that comes with nurture."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
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
Then make it yours: brand and sender in nurture.yaml, the words in templates/ and sequences/, and the agreement, which
nobody has signed yet:
  nurture agreement show --html agreement.html     for both departments to read, and to sign at agreed_by
When it is: nurture db upgrade, nurture doctor, nurture leads import FILE.csv, nurture run."""


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: nurture init our-leads; nurture init ours --preset founder --handoff asks")(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to: a new folder, or one without a project.")],
    preset: Annotated[
        str, typer.Option(help="What to start from: saas, b2b-services, or founder (one person does it all).")
    ] = "saas",
    mql: Annotated[
        str | None,
        typer.Option(help="When a lead is marketing qualified: curious, returning or eager; left out: by the preset."),
    ] = None,
    handoff: Annotated[
        str | None,
        typer.Option(help="When sales gets a lead: asks, intent or answers; left out: as the preset has it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a project: sequences with their mails and tests, settings, sample leads, and an agreement to begin with.

    At a terminal it asks when a lead is marketing qualified, and when sales gets it, unless that is said. Nothing
    is overwritten; the exit code is 2 if something is in the way.
    """
    from nurture.preset import HANDOFF, MQL, PRESETS, rules_of, write

    if preset in PRESETS and not as_json and sys.stdin.isatty():
        mql = mql or _ask("When does marketing call a lead qualified?", MQL, rules_of(preset, "mql"))
        whoever = "When does sales get a lead? (Whoever asks for a person, always.)"
        handoff = handoff or _ask(whoever, HANDOFF, rules_of(preset, "sql"))
    files = write(preset, folder, mql, handoff)
    if as_json:
        answer(folder=str(folder), preset=preset, files=[file.as_posix() for file in files])
        return
    sequences = sum(file.parent == Path("sequences") for file in files)
    mails = sum(file.suffix == ".mjml" and not file.parent.name.startswith("_") for file in files)
    say(f"{folder} has {sequences} sequences and {mails} mails now, {len(files)} files in all.")
    say(_NEXT.format(folder=folder))


def _ask(question: str, choices: Mapping[str, str], preset: Sequence[str]) -> str | None:
    """One of the choices, or None for what the preset says. Asks again until it is one."""
    say(question)
    for name, meaning in choices.items():
        say(f"  {name:<10} {meaning}")
    say(f"  {'Enter':<10} all of these: {'; '.join(preset)}")
    word = None
    while word not in {"", *choices}:
        if word:
            say(f"'{word}' is none of them.")
        word = typer.prompt("Which?", default="", show_default=False, err=True).strip()
    return word or None
