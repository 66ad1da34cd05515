"""What `nurture init` starts a project from: the sequences, mails and settings that come with nurture themselves.

In a checkout they are its own files; setup.py puts the same files into the wheel.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError

#: preset -> what it is
PRESETS = {"saas": "a company that sells by subscription: from the first interest to loyal customers"}
#: where the wheel keeps them, beside this file
FOLDER = "presets"

_IGNORED = ".gitignore"
_PARTS = ("nurture.yaml", "sequences/**/*", "templates/**/*", "schemas/*.json", "samples/leads.csv", _IGNORED)
#: the lines of .gitignore before this one are about working on nurture itself
_OF_PROJECTS = "# what a running project writes\n"


def contents(root: Path) -> Iterator[Path]:
    """The files of a project in `root` that another one can start from, as paths below it."""
    for part in _PARTS:
        yield from (path.relative_to(root) for path in sorted(root.glob(part)) if path.is_file())


def write(preset: str, target: Path) -> list[Path]:
    """Start a project in the folder `target`, which may exist; gives the files that were written, as paths below it.

    A .gitignore that is there already is added to.

    Raises UsageError, and writes nothing, if there is no such preset or something is in the way.
    """
    source = _source(preset)
    files = list(contents(source))
    _see_that_nothing_is_in_the_way(target, files)
    theirs = target / _IGNORED
    ignored = theirs.read_text(encoding="utf-8") if theirs.exists() else ""
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)
    ours = "".join(theirs.read_text(encoding="utf-8").partition(_OF_PROJECTS)[1:])
    theirs.write_text(f"{ignored.rstrip()}\n\n{ours}" if ignored.strip() else ours, encoding="utf-8")
    return files


def _source(preset: str) -> Path:
    if preset not in PRESETS:
        there_are = "; ".join(f"{name}, {what}" for name, what in PRESETS.items())
        guess = did_you_mean(preset, PRESETS) or "."
        raise UsageError(f"There is no preset '{preset}'{guess} There are: {there_are}.")
    here = Path(__file__).parent
    packed = here / FOLDER / preset
    return packed if packed.is_dir() else here.parent


def _see_that_nothing_is_in_the_way(target: Path, files: list[Path]) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: name a folder.")
    there = sorted({file.parts[0] for file in files if (target / file.parts[0]).exists()} - {_IGNORED})
    if there:
        raise UsageError(f"In {target} there is already: {', '.join(there)}. Nothing was written: name another folder.")
