"""One mail for one lead, with everything there is to see of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from nurture.content import Project, Rendered
from nurture.content.checks import Finding, check, worst
from nurture.content.lint import files_of
from nurture.content.samples import UNSUBSCRIBE_URL
from nurture.errors import Problem, RenderError
from nurture.mail import Email, Mailbox
from nurture.preview.choice import Item
from nurture.preview.people import Person
from nurture.render import compose

_SCHEME = re.compile(r"prefers-color-scheme\s*:\s*(dark|light)")
_DECLARED = re.compile(r"(color-schemes?(?:\"\s+content=\"|\s*:\s*))light dark")
_ALWAYS, _NEVER = "min-width:0px", "max-width:0px"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a lead would get. With `problems` there is no mail: they say where the template fails and what to do."""

    item: Item
    person: Person
    template: str
    mail: Rendered | None
    headers: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    @property
    def page(self) -> str:
        """The name of its page."""
        return f"{self.item.slug}--{self.person.slug}.html"

    @property
    def level(self) -> Literal["ok", "warning", "error"]:
        """The gravest thing there is to say of it."""
        return "error" if self.problems else worst(self.findings)

    def html(self, scheme: Literal["light", "dark"]) -> str:
        """The mail as it looks to a reader whose screen is light or dark, whatever this screen is."""
        assert self.mail is not None
        html = _SCHEME.sub(lambda match: _ALWAYS if match[1] == scheme else _NEVER, self.mail.html)
        html = _DECLARED.sub(rf"\1only {scheme}", html)
        # a link that is tried leaves the frame it stands in
        return html.replace("<head>", '<head><base target="_blank">', 1)


def look(project: Project, item: Item, person: Person, unfit: Iterable[Problem]) -> Sheet:
    """Fill in one mail for one lead and check it. Never raises for a faulty template: its problems are the sheet.

    `unfit` are the faults found before anything is compiled (nurture.content.vetting): a mail made of such files is
    not rendered, because a line of arithmetic can make gigabytes.
    """
    name = item.template_for(person, project)
    files = files_of(project.templates, name)
    problems = tuple(problem for problem in unfit if problem.file in files)
    if not problems:
        try:
            return _filled_in(project, item, person, name)
        except RenderError as error:
            problems = (error.problem,)
    return Sheet(item, person, name, None, (), (), problems)


def _filled_in(project: Project, item: Item, person: Person, name: str) -> Sheet:
    templates, brand = project.templates, project.config.brand
    mail = templates.render(name, templates.context(person.fields, UNSUBSCRIBE_URL), item.subject)
    email = compose(
        project,
        template=name,
        subject=item.subject,
        topic=item.topic,
        by_owner=item.by_owner,
        lead=person.fields,
        message_id="preview",
        unsubscribe_url=UNSUBSCRIBE_URL,
        categories=tuple(filter(None, (name.partition("/")[0], item.sequence))),
    )
    findings = check(
        mail,
        unsubscribe_url=UNSUBSCRIBE_URL,
        address=brand.address,
        link_color=brand.colors.primary,
        typed=person.typed,
    )
    return Sheet(item, person, name, mail, tuple(_headers(email)), findings, ())


def _headers(email: Email) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(email.sender)
    yield "To", _mailbox(email.to)
    if email.reply_to:
        yield "Reply-To", _mailbox(email.reply_to)
    yield "Subject", email.subject
    yield from email.headers.items()


def _mailbox(mailbox: Mailbox) -> str:
    return f"{mailbox.name} <{mailbox.address}>" if mailbox.name else mailbox.address
