"""The gallery: an index, and one page per mail and lead. Plain HTML without scripts, each page whole in itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from nurture.content import Project
from nurture.content.checks import MAX_PREVIEW, MAX_SUBJECT, MIN_PREVIEW
from nurture.content.vetting import vet
from nurture.errors import Problem, UsageError
from nurture.preview.choice import Item
from nurture.preview.people import Person
from nurture.preview.sheet import Sheet, look
from nurture.views import render_own

INDEX = "index.html"
_HERE = Path(__file__).parent
#: the first line of every page, by which an old gallery is known
_MARK = "<!doctype html><!-- nurture preview -->"


@dataclass(frozen=True, slots=True)
class Gallery:
    """Everything that is shown: a sheet for each mail and lead, and what `nurture validate` says of the project."""

    title: str
    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...]

    def pages(self, version: str = "", shots: Mapping[str, str] | None = None) -> dict[str, str]:
        """The pages by file name. With a `version`, each asks its server for a newer one and loads itself again.

        `shots` are the files of screenshots by page.
        """
        index = render_page("index", version=version, gallery=self, cards=tuple(self._cards()), shots=shots or {})
        return {INDEX: index} | {sheet.page: self._sheet(sheet, version) for sheet in self.sheets}

    def count(self, level: str) -> int:
        """How many sheets are "ok", have a "warning" or an "error" as their gravest finding."""
        return sum(sheet.level == level for sheet in self.sheets)

    @property
    def elsewhere(self) -> tuple[Problem, ...]:
        """What is wrong with the project beside the mails that cannot be shown."""
        shown = {problem for sheet in self.sheets for problem in sheet.problems}
        return tuple(problem for problem in self.problems if problem not in shown)

    def _cards(self) -> Iterator[tuple[str, list[tuple[Item, list[Sheet]]]]]:
        """Headings, each with its mails, each with its sheets."""
        for group, sheets in groupby(self.sheets, key=lambda sheet: sheet.item.group):
            yield group, [(item, list(some)) for item, some in groupby(sheets, key=lambda sheet: sheet.item)]

    def _sheet(self, sheet: Sheet, version: str) -> str:
        same_mail = [other for other in self.sheets if other.item == sheet.item]
        same_person = [other for other in self.sheets if other.person == sheet.person]
        at = same_person.index(sheet)
        limits = {"subject": MAX_SUBJECT, "least": MIN_PREVIEW, "most": MAX_PREVIEW}
        return render_page(
            "mail",
            version=version,
            sheet=sheet,
            people=same_mail,
            before=same_person[at - 1] if at else None,
            after=same_person[at + 1] if at + 1 < len(same_person) else None,
            limits=limits,
        )


def draw(project: Project, items: Sequence[Item], people: Sequence[Person]) -> Gallery:
    """Render every mail for every lead. Faulty templates are shown with their faults."""
    unfit = tuple(vet(project.templates))
    sheets = tuple(look(project, item, person, unfit) for item in items for person in people)
    return Gallery(f"Mails of {project.config.brand.name}", sheets, tuple(sorted(project.problems)))


def trouble(text: str, version: str) -> str:
    """The page that stands for all others while nothing can be shown."""
    return render_page("trouble", version=version, text=text)


def write(pages: Mapping[str, str], folder: Path) -> Path:
    """Write the pages into a folder, in place of an older gallery, and return the index.

    Raises UsageError where the folder has an index.html that is not ours.
    """
    index = folder / INDEX
    if index.exists() and not _is_ours(index):
        raise UsageError(f"{index} belongs to something else; choose another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        if old.name not in pages and _is_ours(old):
            old.unlink()
    # the index comes first among the pages, and last on disk: what it links to is there
    for name, text in reversed(list(pages.items())):
        (folder / name).write_text(text, encoding="utf-8")
    return index


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK.encode()


def render_page(name: str, **values: object) -> str:
    """Fill in one of the pages in nurture/preview/templates."""
    return render_own(_HERE, f"{name}.html", mark=_MARK, **values)
