"""The mails: `templates/<stage>/<name>.mjml` and `.txt`, compiled once, filled in for one lead at a time.

An `.html` in the place of the `.mjml` is taken as it is, for mails that want every tag to themselves.

The .txt begins with the mail's own head, then a blank line, then the body:

    Subject: The cheapest kilowatt-hour, {{ lead.first_name or "for a start" }}
    Preview: Where to look first

What a lead told us only ever goes in as a value, never as template source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateRuntimeError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.content.mjml import Fault, Faulty, compile_mail
from nurture.content.parts import Part, split
from nurture.content.remedy import problem_of
from nurture.content.source import problem_at
from nurture.core.fields import LEAD_FIELDS
from nurture.core.links import TRAP
from nurture.errors import Problem, RenderError

#: templates that are not mails to leads
OTHER_FOLDERS = frozenset(("pages", "alerts"))
_VOCABULARY = {
    "lead": tuple(LEAD_FIELDS),
    "links": ("site", "unsubscribe", "poll", "honeypot"),
    "subject": (),
    "preview": (),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: filters whose result is a text or number of the value's own size
_FILTERS = ("upper", "lower", "title", "capitalize", "trim", "round", "length", "join", "first", "last", "urlencode")
_FALLBACK_FILTERS = ("default", "d", "e", "escape")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's four texts, filled in for one lead."""

    subject: str
    preview: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Mail:
    subject: Template
    preview: Template
    text: Template
    html: Template


class UnknownValue(TemplateRuntimeError):
    """A field that is not known for this lead was about to be printed."""


class MailEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for mails: nothing but values in, no unknown value out."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        # A mail asks mappings only; asking for the key first makes a mail render in half the time.
        try:
            return obj[attribute]
        except (TypeError, LookupError, AttributeError):
            return super().getattr(obj, attribute)


class Templates:
    """All mail templates of a project.

    `brand` is the same for every mail, and `sender` unless a mail names another; `lead` and `links` come with each.
    Nothing is read again until `refresh()`.
    """

    def __init__(self, folder: Path, brand: Mapping[str, Any], sender: Mapping[str, Any]) -> None:
        self.folder = folder
        self.constants = {"brand": dict(brand), "sender": dict(sender)}
        self._folded = _folded({"brand": self.constants["brand"]})
        #: the names a mail may use, each with its fields
        self.vocabulary = {name: tuple(values) for name, values in self.constants.items()} | _VOCABULARY
        self._stamp: dict[Path, int] | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Read the files again if any of them changed; says whether one did."""
        stamp = {path: path.stat().st_mtime_ns for path in sorted(self.folder.rglob("*")) if self._is_mail(path)}
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self.files = {self._key(path): path.read_text(encoding="utf-8-sig", errors="replace") for path in stamp}
        self.parts = {part.key: part for key, text in self.files.items() for part in split(key, text)}
        self._faults: dict[str, tuple[Fault, ...]] = {}
        self._made: dict[str, Part] = {}
        for name in self.names():
            self._make(name)
        self.environment = self._environment()
        self._mails: dict[str, _Mail] = {}
        self._subjects: dict[str, Template] = {}
        return True

    def names(self) -> tuple[str, ...]:
        """Every mail there is, as "tofu/welcome"."""
        stems = {key.rpartition(".")[0] for key in self.files}
        return tuple(sorted(stem for stem in stems if "/" in stem and not stem.startswith("_")))

    def resolve(self, template: str, funnel: str, stage: str) -> str | None:
        """The mail a step means: with a slash just that; without, the one of the lead's funnel stage, else the
        sequence's. None when there is no such mail."""
        candidates = [template] if "/" in template else [f"{funnel}/{template}", f"{stage}/{template}"]
        return next((name for name in candidates if f"{name}.txt" in self.files), None)

    def html_file(self, name: str) -> str:
        """The file the HTML of a mail is written in."""
        return f"{name}.mjml" if f"{name}.mjml" in self.files else f"{name}.html"

    def sources(self, name: str) -> set[str]:
        """The files a mail may be made of: its own, and the layouts and snippets of its kind; in MJML, those it has."""
        html = self.html_file(name)
        used = self._made[name].files if name in self._made else {file.file for file in self._faults.get(name, ())}
        kinds = (".txt",) if html.endswith(".mjml") else (".txt", ".html")
        return {f"{name}.txt", html, *used} | {file for file in self.files if file[0] == "_" and file.endswith(kinds)}

    def context(
        self, lead: Mapping[str, object], unsubscribe_url: str, sender: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """What a mail is filled in with, beside the brand. `sender` is who writes, if not the project's own."""
        links = {
            "site": self.constants["brand"]["site"],
            "unsubscribe": unsubscribe_url,
            "poll": "/a/".join(unsubscribe_url.rsplit("/u/", 1)),
            "honeypot": unsubscribe_url.rsplit("/u/", 1)[0] + TRAP,
        }
        return {"lead": lead, "links": links} | ({"sender": sender} if sender else {})

    def render(self, name: str, context: Mapping[str, Any], subject: str | None = None) -> Rendered:
        """Fill in the mail `name` for one lead. `context` holds `lead` and `links`; `subject` overrides the mail's own.

        Raises RenderError with the place and the remedy.
        """
        try:
            mail = self._mail(name)
            head = self._subject(subject) if subject else mail.subject
            values = dict(
                context, subject=_one_line(head.render(context)), preview=_one_line(mail.preview.render(context))
            )
            return Rendered(
                values["subject"], values["preview"], _text(mail.text.render(values)), mail.html.render(values)
            )
        except RenderError:
            raise
        # A template may fail in any way at all, and it must never take the other mails down with it.
        except Exception as error:
            raise RenderError(self.problem(error, name)) from error

    def problem(self, error: Exception, name: str) -> Problem:
        """What went wrong while `name` was rendered, with the line of the template it went wrong in."""
        return problem_of(error, self, f"{name}.txt")

    def place(self, label: str, line: int) -> tuple[str, int]:
        """The file and line in which a line of a template was written, by what Jinja calls it."""
        part = self._made.get(label.removeprefix(self.label("")).removesuffix(".mjml"))
        file, line = part.place(line) if part else ("", line)
        return self.label(file) if file else label, line

    def faults(self, name: str) -> list[Problem]:
        """Why a mail cannot be made into HTML; empty if it can."""
        return [
            problem_at(self.label(one.file), self.files[one.file], one.line, one.column, one.message, one.rule)
            for one in self._faults.get(name, ())
        ]

    def _make(self, name: str) -> None:
        """The HTML of a mail that is written in MJML."""
        file = self.html_file(name)
        if not file.endswith(".mjml"):
            return
        try:
            part = compile_mail(f"{name}.html", file, self.files, self._folded)
        except Faulty as error:
            self._faults[name] = error.faults
        else:
            self.parts[part.key] = self._made[name] = part

    def _mail(self, name: str) -> _Mail:
        if name not in self._mails:
            if faults := self.faults(name):
                raise RenderError(faults[0])
            keys = (f"{name}.txt#subject", f"{name}.txt#preview", f"{name}.txt", f"{name}.html")
            self._mails[name] = _Mail(*(self.environment.get_template(key) for key in keys))
        return self._mails[name]

    def _subject(self, text: str) -> Template:
        if text not in self._subjects:
            self._subjects[text] = self.environment.from_string(text)
        return self._subjects[text]

    def _environment(self) -> MailEnvironment:
        environment = MailEnvironment(
            loader=FunctionLoader(self._load),
            undefined=StrictUndefined,
            autoescape=lambda key: key is not None and key.endswith(".html"),
            finalize=_known,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
        )
        environment.globals = dict(self.constants)
        environment.filters = {name: _needs_value(FILTERS[name]) for name in _FILTERS}
        environment.filters |= {name: FILTERS[name] for name in _FALLBACK_FILTERS}
        environment.tests = {name: environment.tests[name] for name in ("defined", "none", "odd", "even")}
        return environment

    def _load(self, key: str) -> tuple[str, str, Callable[[], bool]] | None:
        part = self.parts.get(key)
        return (part.source, self.label(part.file), lambda: True) if part else None

    def _is_mail(self, path: Path) -> bool:
        return path.suffix in (".mjml", ".html", ".txt") and path.relative_to(self.folder).parts[0] not in OTHER_FOLDERS

    def _key(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def label(self, key: str) -> str:
        """The file as a person knows it."""
        return f"{self.folder.name}/{key}"


def _folded(constants: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """What is the same in every mail, as HTML, by what a template calls it: "brand.colors.ink" -> "#1C2B33"."""
    found: dict[str, str] = {}
    for name, value in constants.items():
        if isinstance(value, Mapping):
            found |= _folded(value, f"{path}{name}.")
        elif isinstance(value, str) and "{" not in value:
            found[path + name] = escape(value)
    return found | ({"links.site": found["brand.site"]} if "brand.site" in found else {})


def _known(value: object) -> object:
    if value is None:
        raise UnknownValue("this is not known for every lead")
    return value


def _needs_value(function: Callable[..., Any]) -> Callable[..., Any]:
    """Filters would print an unknown value as "None"."""

    @wraps(function)
    def checked(*args: Any, **options: Any) -> Any:
        if None in args:
            raise UnknownValue("this is not known for every lead")
        return function(*args, **options)

    return checked


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _text(text: str) -> str:
    return text.strip() + "\n"
