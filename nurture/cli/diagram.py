"""`nurture diagram`: sequences as pictures, with the leads at each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import check_known, existing_database_of, root_of
from nurture.cli.screen import Json, answer, write_file
from nurture.errors import ContentError, UsageError

if TYPE_CHECKING:
    from nurture.content import Project
    from nurture.core.steps import EmailStep
    from nurture.diagram import Counts, Tree


class Format(StrEnum):
    """How it is drawn."""

    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture diagram first-interest --output first-interest.svg --counts")(diagram)


def diagram(
    context: typer.Context,
    sequence: Annotated[
        str | None, typer.Argument(metavar="SEQUENCE", help="Only this one; left out: all of them.")
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Left out: what the file's ending says, else Mermaid text for pull requests."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there; left out: to the screen.", dir_okay=False)
    ] = None,
    counts: Annotated[bool, typer.Option("--counts", help="With the leads of the database at each step.")] = False,
    as_json: Json = False,
) -> None:
    """Draw what a sequence does: its steps, its ways, and with --counts how many leads stand and went where."""
    project = _project(root_of(context))
    names = [sequence] if sequence else sorted(project.sequences)
    for name in names:
        check_known(name, sorted(project.sequences), "sequence")
    trees = _trees(context, project, names, counts=counts)
    if as_json:
        answer(sequences=trees)
        return
    text = _drawn(project, trees, form or _by_ending(output))
    if output is None:
        typer.echo(text, nl=False)
        return
    write_file(output, text)


def _project(root: Path) -> Project:
    from nurture.content import load_project

    project = load_project(root)
    if not project.sequences:
        errors = [problem for problem in project.problems if problem.severity == "error"]
        raise ContentError(errors) if errors else UsageError("The project has no sequence to draw.")
    return project


def _trees(context: typer.Context, project: Project, names: Sequence[str], *, counts: bool) -> list[Tree]:
    from nurture.core.agreement import stage_name
    from nurture.diagram import tree

    called = partial(stage_name, project.config.agreement)
    numbers = _numbers(context, names) if counts else {}
    return [
        tree(project.sequences[name], _subjects(project, project.sequences[name].stage), numbers.get(name), called)
        for name in names
    ]


def _numbers(context: typer.Context, names: Sequence[str]) -> dict[str, Mapping[str | None, Counts]]:
    from nurture.diagram import count

    with existing_database_of(context) as database:
        return {name: count(database, name) for name in names}


def _subjects(project: Project, stage: str) -> Callable[[EmailStep], Sequence[str]]:
    """The subject lines of a mail, as somebody of whom everything is known sees them."""
    from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
    from nurture.errors import RenderError

    lead = SAMPLE_LEADS["a lead of whom everything is known"]
    values = project.templates.context(lead, UNSUBSCRIBE_URL)

    def subjects(step: EmailStep) -> list[str]:
        name = project.templates.resolve(step.template, stage, stage)
        try:
            return (
                [project.templates.render(name, values, one).subject for one in step.subjects or (None,)]
                if name
                else []
            )
        except RenderError:
            return []

    return subjects


def _by_ending(output: Path | None) -> Format:
    endings = {".svg": Format.SVG, ".html": Format.HTML, ".htm": Format.HTML}
    return endings.get(output.suffix.lower() if output else "", Format.MERMAID)


def _drawn(project: Project, trees: Sequence[Tree], form: Format) -> str:
    from nurture.diagram import drawing, mermaid, page

    if form is Format.HTML:
        return page(project.config.brand, trees)
    if form is Format.SVG:
        if len(trees) > 1:
            raise UsageError(f"An SVG shows one sequence; say which: {', '.join(tree.name for tree in trees)}.")
        return drawing(trees[0], project.config.brand.colors.primary)
    if len(trees) == 1:
        return mermaid(trees[0])
    return "\n".join(f"## {tree.title}\n\n```mermaid\n{mermaid(tree)}```\n" for tree in trees)
