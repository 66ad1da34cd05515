"""What is looked at in a template before it is compiled, whatever the leads are like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from nurture.content.parts import HEADERS, Part, headers
from nurture.content.remedy import column_of, problem_of
from nurture.content.source import problem_at
from nurture.content.templates import Templates
from nurture.core.fields import LEAD_FIELDS
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

#: arithmetic that can make gigabytes out of a line, already while Jinja compiles it
_TOO_MUCH = (nodes.Mul, nodes.Pow, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat)
_LINKS = ("site", "unsubscribe")


def vet(templates: Templates) -> Iterator[Problem]:
    """Faults of the template files themselves: heads, missing halves, names and words that do not exist."""
    for name in templates.names():
        yield from _halves(templates, name)
    for file, text in templates.files.items():
        if file.endswith(".txt") and not file.startswith("_"):
            yield from _head(templates.label(file), text)
    for part in templates.parts.values():
        yield from vet_part(templates, part)


def vet_part(templates: Templates, part: Part) -> list[Problem]:
    """Faults in one piece of template source."""
    environment, label, text = (
        templates.environment,
        templates.label(part.file),
        templates.files.get(part.file, part.source),
    )
    try:
        tree = environment.parse(part.source, part.key, label)
    except TemplateSyntaxError as error:
        return [problem_of(error, templates.files, part.file, templates.label)]
    faults = [
        *_constructs(tree),
        *_names(tree, templates),
        *_references(tree, templates.parts),
        *_filters(tree, environment),
    ]
    return [
        problem_at(label, text, line, column_of(text, line, word), message, rule)
        for line, word, message, rule in faults
    ]


_Fault = tuple[int, str, str, str]


def _constructs(tree: nodes.Template) -> Iterator[_Fault]:
    for node in tree.find_all(_TOO_MUCH):
        yield node.lineno, "", "only + and - can be used to reckon in a mail", "template_arithmetic"


def _names(tree: nodes.Template, templates: Templates) -> Iterator[_Fault]:
    catalog = {"lead": tuple(LEAD_FIELDS), "links": _LINKS, "subject": (), "preview": ()}
    catalog |= {name: tuple(values) for name, values in templates.constants.items()}
    unknown = find_undeclared_variables(tree) - catalog.keys()
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            guess = did_you_mean(node.name, catalog) or (
                f", did you mean 'lead.{node.name}'?" if node.name in LEAD_FIELDS else ""
            )
            yield node.lineno, node.name, f"unknown name '{node.name}'{guess}", "unknown_name"
    for node in tree.find_all(nodes.Getattr):
        root = node.node.name if isinstance(node.node, nodes.Name) else ""
        if catalog.get(root) and node.attr not in catalog[root]:
            full = [f"{root}.{field}" for field in catalog[root]]
            name = f"{root}.{node.attr}"
            yield node.lineno, node.attr, f"unknown field '{name}'{did_you_mean(name, full)}", "unknown_name"


def _references(tree: nodes.Template, parts: Mapping[str, Part]) -> Iterator[_Fault]:
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if name not in parts:
            message = f"there is no template '{name}'{did_you_mean(str(name), parts)}"
            yield node.lineno, str(name), message, "template"


def _filters(tree: nodes.Template, environment: Environment) -> Iterator[_Fault]:
    for kind, known in ((nodes.Filter, environment.filters), (nodes.Test, environment.tests)):
        for node in tree.find_all(kind):
            if node.name not in known:
                guess = did_you_mean(node.name, known) or f"; there are: {', '.join(known)}"
                yield node.lineno, node.name, f"unknown filter or test '{node.name}'{guess}", "template_filter"


def _halves(templates: Templates, name: str) -> Iterator[Problem]:
    for ending, other, why in ((".txt", ".html", "its head and text part"), (".html", ".txt", "its HTML part")):
        if f"{name}{ending}" not in templates.files:
            message = f"'{templates.label(name + other)}' has no '{name}{ending}' beside it: {why} is missing"
            yield Problem(templates.label(name + other), 0, 0, message, "template_half")


def _head(label: str, text: str) -> Iterator[Problem]:
    found = headers(text)
    for line, name, _value in found:
        if name.lower() not in HEADERS:
            message = f"unknown head line '{name}'{did_you_mean(name, ('Subject', 'Preview'))}"
            yield problem_at(label, text, line, 1, message, "template_head")
    if "subject" not in {name.lower() for _line, name, _value in found}:
        message = "the mail has no subject: begin the file with a line 'Subject: ...'"
        yield problem_at(label, text, 1, 1, message, "template_head")
    lines = text.split("\n")
    if found and len(lines) > len(found) and lines[len(found)].strip():
        message = "leave a line empty between the head and the text"
        yield problem_at(label, text, len(found) + 1, 1, message, "template_head")
