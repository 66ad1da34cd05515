"""Every mail filled in for every sample lead, and the result looked at like a mailbox provider would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.content.source import problem_at
from nurture.content.templates import Rendered, Templates
from nurture.errors import Problem, RenderError

MAX_SUBJECT = 78
#: Gmail shows no more than about 102 KB of a mail, and hides what stands at its foot
MAX_HTML = 100_000


def try_out(templates: Templates, name: str, subject: str | None = None) -> list[Problem]:
    """The faults of one mail, each once, though several sample leads may show it."""
    found: dict[tuple[str, int, str], Problem] = {}
    for who, lead in SAMPLE_LEADS.items():
        for problem in _try_on(templates, name, who, lead, subject):
            found.setdefault((problem.file, problem.line, problem.rule), problem)
    return list(found.values())


def _try_on(
    templates: Templates, name: str, who: str, lead: Mapping[str, object], subject: str | None
) -> Iterator[Problem]:
    try:
        mail = templates.render(name, templates.context(lead, UNSUBSCRIBE_URL), subject)
    except RenderError as error:
        yield error.problem
        return
    yield from _head(templates, name, who, mail)
    yield from _foot(templates, name, mail)


def _head(templates: Templates, name: str, who: str, mail: Rendered) -> Iterator[Problem]:
    file = f"{name}.txt"
    text = templates.files[file]
    if not mail.subject:
        yield problem_at(templates.label(file), text, 1, 1, f"the subject is empty for {who}", "subject")
    elif len(mail.subject) > MAX_SUBJECT:
        message = f"the subject has {len(mail.subject)} characters for {who}; more than {MAX_SUBJECT} are cut off"
        yield problem_at(templates.label(file), text, 1, 1, message, "subject_length", "warning")


def _foot(templates: Templates, name: str, mail: Rendered) -> Iterator[Problem]:
    html, txt = templates.label(f"{name}.html"), templates.label(f"{name}.txt")
    address = templates.constants["brand"]["address"]
    for file, body, link, postal in (
        (html, mail.html, f'href="{escape(UNSUBSCRIBE_URL)}"', escape(address)),
        (txt, mail.text, UNSUBSCRIBE_URL, address),
    ):
        if link not in body:
            message = "there is no link to unsubscribe: extend the layout, or write {{ links.unsubscribe }}"
            yield Problem(file, 0, 0, message, "unsubscribe_link")
        if postal not in body:
            message = "the postal address is missing: extend the layout, or write {{ brand.address }}"
            yield Problem(file, 0, 0, message, "postal_address")
    if len(mail.text.split()) < 10:
        yield Problem(txt, 0, 0, "the text part is empty", "text_part")
    if len(mail.html) > MAX_HTML:
        yield Problem(
            html, 0, 0, f"this is {len(mail.html):,} characters long: Gmail cuts it off", "html_size", "warning"
        )
