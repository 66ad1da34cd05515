"""What is written from the models and the table of rules: schemas for editors, and pages for people.

In a page that people write, the generated parts stand between `<!-- generated: name -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import fill
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nurture.content.faults import models_in
from nurture.content.rehearsal import RehearsalFile
from nurture.content.rules import GROUPS, PAGE, Rule
from nurture.content.schema import schema_files
from nurture.core.conditions import WORDS
from nurture.core.entries import Entry
from nurture.core.fields import FUNCTIONS, LEAD_FIELDS
from nurture.core.sequence import TRIGGERS, SequenceFile

WIDTH = 118
#: the pages with generated parts
PAGES = ("docs/sequences.md", "docs/testing-sequences.md")

_RULES_HEAD = """\
<!-- Written by `nurture schema --write`; what stands here by hand is lost. -->
# The rules of `nurture validate`

Each problem ends with the id of its rule, as in `[step_kind]`. Here is what each rule asks for, why, and an example
before and after it was mended. A sequence with an error is not used: its last good version stays in force. A warning
stops nothing.
"""


def generated(root: Path) -> dict[str, str]:
    """How the generated files of the project in `root` should read: path -> text."""
    files = {**schema_files(), PAGE: rules_page()}
    for page in PAGES:
        if (root / page).is_file():
            files[page] = filled((root / page).read_text(encoding="utf-8"))
    return files


def filled(page: str) -> str:
    """The page with its generated parts as they should read."""
    return _PART.sub(lambda part: f"{part[1]}\n{_PARTS[part[2]]()}\n{part[3]}", page)


def rules_page() -> str:
    """Every rule with its reason and its examples."""
    sections = [_RULES_HEAD]
    for group, rules in GROUPS.items():
        sections.append(f"## {group}\n")
        sections += [_section(rule_id, rule) for rule_id, rule in rules.items()]
    return "\n".join(sections)


def _section(rule_id: str, rule: Rule) -> str:
    bad, good = _example(rule, rule.bad), _example(rule, rule.good)
    why = fill(f"{rule.meaning} {rule.why}", WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"### {rule_id}\n\n{why}\n\nNot so:\n\n{bad}\n\nBut so:\n\n{good}\n"


def _example(rule: Rule, text: str) -> str:
    if rule.kind == "words":
        return f"> {text}"
    language = {"mjml": "html", "html": "html", "text": "text"}.get(rule.kind, "yaml")
    return f"```{language}\n{text}```"


def keys_table(file: type[BaseModel] = SequenceFile) -> str:
    """Every key of a file: where it stands, what it means, what is written there."""
    return _table(("Where", "Key", "Means", "Write", "Left out"), (_row(*key) for key in language(file)))


def language(file: type[BaseModel] = SequenceFile) -> Iterator[tuple[str, str, FieldInfo]]:
    """Every key of a file that is read as this model, as (where, key, field), from the file inwards."""
    waiting: list[tuple[type[BaseModel], str]] = [(file, "the file")]
    seen = {model for model, _where in waiting}
    while waiting:
        model, where = waiting.pop(0)
        for name, field in _own_fields(model).items():
            yield where, name, field
            for inner in _models_of(field):
                if inner not in seen:
                    seen.add(inner)
                    waiting.append((inner, _place(inner, name)))


def _own_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """What every step may have is told once, not again for each kind."""
    shared = Entry.model_fields if issubclass(model, Entry) and model is not Entry else {}
    return {name: field for name, field in model.model_fields.items() if name not in shared}


def _models_of(field: FieldInfo) -> list[type[BaseModel]]:
    models = list(models_in(field.annotation))
    return [Entry, *models] if any(issubclass(model, Entry) for model in models) else models


def _place(model: type[BaseModel], key: str) -> str:
    if model is Entry:
        return "any step"
    return f"`{next(iter(_own_fields(model)))}` step" if issubclass(model, Entry) else f"in `{key}`"


def _row(where: str, key: str, field: FieldInfo) -> tuple[str, ...]:
    must = "must be there" if field.is_required() else ""
    default = f"`{_yaml(field.default)}`" if isinstance(field.default, str | int) and field.default != "" else ""
    return where, f"`{field.alias or key}`", field.description or "", _written(field), must or default


def _written(field: FieldInfo) -> str:
    models = _models_of(field)
    if Entry in models:
        return "a list of steps"
    if models:
        return "keys, below"
    yes_or_no = (True, False) if field.annotation is bool else ()
    return " or ".join(f"`{_yaml(value)}`" for value in [*_choices(field.annotation)] or field.examples or yes_or_no)


def _choices(annotation: Any) -> Iterator[Any]:
    """The only words there can be, where the model names them."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for argument in get_args(annotation):
            yield from _choices(argument)


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_yaml(inner)}' for key, inner in value.items())}}}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _words(heading: str, words: dict[str, str]) -> str:
    return _table((heading, "Means"), ((f"`{word}`", meaning) for word, meaning in words.items()))


#: the generated parts of pages
_PARTS: dict[str, Callable[[], str]] = {
    "keys": keys_table,
    "test-keys": lambda: keys_table(RehearsalFile),
    "triggers": lambda: _words("Trigger", TRIGGERS),
    "fields": lambda: _words("Field", {f"lead.{field}": meaning for field, meaning in LEAD_FIELDS.items()} | WORDS),
    "questions": lambda: _table(
        ("Question", "Asked like this"),
        ((f"`{name}()`", " or ".join(f"`{use}`" for use in _uses(forms))) for name, forms in FUNCTIONS.items()),
    ),
}
_PART = re.compile(rf"(<!-- generated: ({'|'.join(_PARTS)}) -->\n).*?(<!-- end -->)", re.DOTALL)


def _uses(forms: str) -> list[str]:
    """ "clicked(), clicked('a', link='b')" as its calls."""
    return re.findall(r"\w+\([^)]*\)", forms)
