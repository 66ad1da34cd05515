"""Every mail filled in for every sample lead, and what arrives looked at; each fault is told where it is mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from nurture.content.checks import Finding, check, check_subject, check_written
from nurture.content.parts import headers
from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.content.source import Severity, problem_at
from nurture.content.templates import Rendered, Templates
from nurture.errors import Problem, RenderError

#: rule -> what to do, where the finding alone does not say it
_REMEDIES = {
    "subject_length": "say it shorter",
    "preview_length": "write a line 'Preview: ...' of 40 to 110 characters",
    "html_size": "say less, and link to the rest",
    "contrast": "take a darker or a lighter color",
    "left_over": "something is filled in that is template code itself",
    "text_part": "say in it what the HTML says",
    "unsubscribe_link": "extend the layout, or write {{ links.unsubscribe }}",
    "postal_address": "extend the layout, or write {{ brand.address }}",
}


def try_out(templates: Templates, name: str) -> list[Problem]:
    """The faults of one mail, each once, though several sample leads may show it."""
    found: dict[Problem, Problem] = {}
    seen: Counter[Problem] = Counter()
    for who, lead in SAMPLE_LEADS.items():
        for problem in dict.fromkeys(_try_on(templates, name, lead)):
            # What differs from lead to lead, such as a length, does not make another fault.
            fault = replace(problem, message="")
            found.setdefault(fault, _seen_with(problem, who))
            seen[fault] += 1
    for problem in _written(templates, name):
        found.setdefault(replace(problem, message=""), problem)
    return [_of_all(problem) if seen[fault] == len(SAMPLE_LEADS) else problem for fault, problem in found.items()]


def _written(templates: Templates, name: str) -> Iterator[Problem]:
    """Faults that no sample lead may get to see, because they stand in a branch for others."""
    for finding in check_written(templates.files.get(templates.html_file(name), "")):
        yield _problem(templates, name, finding)


def try_subject(templates: Templates, name: str, subject: str) -> Finding | Problem | None:
    """The first thing that is wrong with a subject that a step gives to the mail `name`."""
    for lead in SAMPLE_LEADS.values():
        try:
            mail = templates.render(name, templates.context(lead, UNSUBSCRIBE_URL), subject)
        except RenderError as error:
            return error.problem
        finding = check_subject(mail.subject)
        if finding.level != "ok":
            return replace(finding, message=_advice(finding))
    return None


_SEEN_WITH = ", as for "


def _seen_with(problem: Problem, who: str) -> Problem:
    return replace(problem, message=f"{problem.message}{_SEEN_WITH}{who}")


def _of_all(problem: Problem) -> Problem:
    return replace(problem, message=problem.message.rpartition(_SEEN_WITH)[0])


def _try_on(templates: Templates, name: str, lead: Mapping[str, object]) -> Iterator[Problem]:
    try:
        mail = templates.render(name, templates.context(lead, UNSUBSCRIBE_URL))
    except RenderError as error:
        yield error.problem
        return
    yield from (_problem(templates, name, finding) for finding in _findings(templates, mail, lead))


def _findings(templates: Templates, mail: Rendered, lead: Mapping[str, object]) -> Iterator[Finding]:
    brand = templates.constants["brand"]
    every = check(
        mail,
        unsubscribe_url=UNSUBSCRIBE_URL,
        address=brand["address"],
        link_color=brand["colors"]["primary"],
        typed=[value for value in lead.values() if isinstance(value, str)],
    )
    return (finding for finding in every if finding.level != "ok")


def _problem(templates: Templates, name: str, finding: Finding) -> Problem:
    file, line, column = _place(templates, name, finding)
    severity: Severity = "error" if finding.level == "error" else "warning"
    text = templates.files.get(file, "")
    return problem_at(templates.label(file), text, line, column, _advice(finding), finding.rule, severity)


def _advice(finding: Finding) -> str:
    remedy = _REMEDIES.get(finding.rule)
    return f"{finding.message}: {remedy}" if remedy else finding.message


def _place(templates: Templates, name: str, finding: Finding) -> tuple[str, int, int]:
    """File, line and column (0 for the file as a whole) of what a finding is about."""
    head, body = f"{name}.txt", templates.html_file(name)
    if finding.part in ("subject", "preview"):
        lines = {key.lower(): line for line, key, _value in headers(templates.files[head])}
        return head, lines.get(finding.part, 1), 1
    own = {"html": (body,), "text": (head,)}.get(finding.part, (body, head))
    for needle in _needles(finding.about):
        for file in (*own, *sorted(file for file in templates.files if file.startswith("_"))):
            if (at := templates.files[file].find(needle)) >= 0:
                before = templates.files[file][:at]
                return file, before.count("\n") + 1, len(before) - before.rfind("\n")
    return own[0], 0, 0


def _needles(about: str) -> Iterator[str]:
    """What to look for in the sources, where the beginning or the end may have been filled in."""
    if not about:
        return
    yield about
    try:
        parts = urlsplit(about)
    except ValueError:
        return
    if parts.netloc and len(parts.path) > 1:
        yield parts.path
    if words := re.findall(r"[^\W\d_]{3,}(?: [^\W\d_]+)+", about):
        yield max(words, key=len)
