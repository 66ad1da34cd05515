"""What is looked at in a template before it is compiled, whatever the leads are like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from nurture.content.parts import HEADERS, Part, headers
from nurture.content.remedy import column_of, problem_of
from nurture.content.source import MAX_PROBLEMS, problem_at
from nurture.content.templates import Templates
from nurture.core.fields import LEAD_FIELDS
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

#: arithmetic that can make gigabytes out of a line, already while Jinja compiles it
_TOO_MUCH = (nodes.Mul, nodes.Pow, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat)


def vet(templates: Templates) -> Iterator[Problem]:
    """Faults of the template files themselves: heads, missing halves, names and words that do not exist."""
    for name in templates.names():
        yield from _halves(templates, name)
        yield from templates.faults(name)
    for file, text in templates.files.items():
        yield from _encoding(templates.label(file), text)
        if file.endswith(".txt") and not file.startswith("_"):
            yield from _head(templates.label(file), text)
    for part in templates.parts.values():
        yield from vet_part(templates, part)


def vet_part(templates: Templates, part: Part) -> list[Problem]:
    """Faults in one piece of template source."""
    try:
        return _vet(templates, part)
    except (TemplateSyntaxError, RecursionError) as error:
        return [problem_of(error, templates, part.file)]


def _vet(templates: Templates, part: Part) -> list[Problem]:
    environment = templates.environment
    tree = environment.parse(part.source, part.key, templates.label(part.file))
    # Looking for names compiles the template: not before it is known to be harmless.
    harmful = chain(_constructs(tree), _filters(tree, environment), _references(tree, templates.parts))
    faults = [*islice(harmful, MAX_PROBLEMS)] or islice(_names(tree, templates), MAX_PROBLEMS)
    return [_problem(templates, part, fault) for fault in faults]


_Fault = tuple[int, str, str, str]


def _problem(templates: Templates, part: Part, fault: _Fault) -> Problem:
    line, word, message, rule = fault
    file, line = part.place(line)
    text = templates.files.get(file, part.source)
    return problem_at(templates.label(file), text, line, column_of(text, line, word), message, rule)


def _constructs(tree: nodes.Template) -> Iterator[_Fault]:
    for node in tree.find_all(_TOO_MUCH):
        yield node.lineno, "", "only + and - can be used to reckon in a mail", "template_arithmetic"


def _names(tree: nodes.Template, templates: Templates) -> Iterator[_Fault]:
    unknown = find_undeclared_variables(tree) - templates.vocabulary.keys() - _declared(tree)
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            yield name.lineno, name.name, _unknown_name(name.name, templates), "unknown_name"
    for field in tree.find_all(nodes.Getattr):
        root = field.node.name if isinstance(field.node, nodes.Name) else ""
        known = templates.vocabulary.get(root)
        if known and field.attr not in known:
            message = f"unknown field '{root}.{field.attr}'"
            guess = did_you_mean(f"{root}.{field.attr}", [f"{root}.{each}" for each in known])
            yield field.lineno, field.attr, message + guess, "unknown_name"


def _declared(tree: nodes.Template) -> set[str]:
    """Names the template gives itself; Jinja's own look at it forgets them inside blocks."""
    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    imported = {name for node in tree.find_all(nodes.FromImport) for name in node.names if isinstance(name, str)}
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    return stored | imported | macros | {node.target for node in tree.find_all(nodes.Import)}


def _unknown_name(name: str, templates: Templates) -> str:
    if name in LEAD_FIELDS:
        return f"unknown name '{name}', did you mean 'lead.{name}'?"
    return f"unknown name '{name}'{did_you_mean(name, templates.vocabulary)}"


def _references(tree: nodes.Template, parts: Mapping[str, Part]) -> Iterator[_Fault]:
    for node in tree.iter_child_nodes():
        yield from _reference(node, parts)
    for include in tree.find_all(nodes.Include):
        yield from _reference(include, parts)


def _reference(node: nodes.Node, parts: Mapping[str, Part]) -> Iterator[_Fault]:
    if isinstance(node, nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport):
        name = str(node.template.value) if isinstance(node.template, nodes.Const) else "..."
        if name not in parts:
            yield node.lineno, name, f"there is no template '{name}'{did_you_mean(name, parts)}", "template"


def _filters(tree: nodes.Template, environment: Environment) -> Iterator[_Fault]:
    for kind, known in ((nodes.Filter, environment.filters), (nodes.Test, environment.tests)):
        for node in tree.find_all(kind):
            if node.name not in known:
                guess = did_you_mean(node.name, known) or f"; there are: {', '.join(known)}"
                yield node.lineno, node.name, f"unknown filter or test '{node.name}'{guess}", "template_filter"


def _encoding(label: str, text: str) -> Iterator[Problem]:
    before, lost, _after = text.partition("\N{REPLACEMENT CHARACTER}")
    if lost:
        message = "this is not saved as UTF-8: save the file again with that encoding"
        yield problem_at(label, text, before.count("\n") + 1, len(before) - before.rfind("\n"), message, "encoding")


def _halves(templates: Templates, name: str) -> Iterator[Problem]:
    written = [ending for ending in (".txt", ".mjml", ".html") if f"{name}{ending}" in templates.files]
    label = templates.label(f"{name}{written[0]}")
    if ".txt" not in written:
        message = f"'{label}' has no '{name}.txt' beside it: its head and text part are missing"
        yield Problem(label, 0, 0, message, "template_half")
    elif written == [".txt"]:
        message = f"'{label}' has no '{name}.mjml' beside it: its HTML part is missing"
        yield Problem(label, 0, 0, message, "template_half")
    if len(written) > 2:
        message = f"'{name}.mjml' and '{name}.html' are the same mail: remove one of them"
        yield Problem(templates.label(f"{name}.html"), 0, 0, message, "template_half")


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
