"""Where a command works: the project it was given, and the ports of the engine for it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nurture.errors import UsageError

if TYPE_CHECKING:
    from models.database import Database
    from nurture.ports import Ports


def root_of(context: typer.Context) -> Path:
    """The folder with the nurture.yaml. Raises SetupError when there is none."""
    from nurture.content import find_root

    return find_root(context.obj or Path.cwd())


@contextmanager
def ports_of(context: typer.Context, *, only_look: bool = False) -> Iterator[Ports]:
    """Everything the engine needs, for the length of a command; `only_look`: without putting anything live."""
    from nurture.runtime import opened

    with opened(root_of(context), only_look=only_look) as ports:
        yield ports


@contextmanager
def database_of(context: typer.Context) -> Iterator[Database]:
    """The database alone: what must work even when the project's files or the mailer do not."""
    from nurture.runtime import open_database
    from nurture.settings import load_settings

    database = open_database(load_settings(root_of(context)))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def existing_database_of(context: typer.Context) -> Iterator[Database]:
    """The same for those who only look: none is made. Raises UsageError where there is none yet."""
    from sqlalchemy.engine import make_url

    from nurture.settings import load_settings

    url = make_url(load_settings(root_of(context)).database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise UsageError("There is no database yet. Import leads first.")
    with database_of(context) as database:
        yield database


def check_known(word: str, known: Sequence[str], what: str) -> None:
    """Raise UsageError, with the nearest word or all of them, unless `word` is known."""
    from nurture.core.suggest import did_you_mean

    if word not in known:
        hint = did_you_mean(word, known) or (f"; there are: {', '.join(known)}" if known else "; there is none")
        raise UsageError(f"unknown {what} '{word}'{hint}")


def operator() -> str:
    """Who sits at the keyboard, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "a person"
