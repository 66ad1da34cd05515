"""What went wrong in a template, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from traceback import walk_tb
from typing import TYPE_CHECKING

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

from nurture.content.source import problem_at
from nurture.core.fields import LEAD_FIELDS
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

if TYPE_CHECKING:
    from nurture.content.templates import Templates

_FALLBACK = "give a fallback, such as {{ lead.first_name or 'there' }}, or ask first: {% if lead.first_name %}"


def problem_of(error: Exception, templates: Templates, file: str) -> Problem:
    """`error` as it was raised while the template `file` was compiled or rendered."""
    keys = {templates.label(key): key for key in templates.files}
    place, line = _place(error, keys) or (templates.label(file), 0)
    place, line = templates.place(place, line)
    message, rule, word = _in_plain_words(error, templates.files)
    text = templates.files.get(keys.get(place, ""), "")
    return problem_at(place, text, line, column_of(text, line, word), message, rule)


def column_of(text: str, line: int, word: str) -> int:
    """Where `word` stands in a line, counted from 1: Jinja knows lines only."""
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return 1
    patterns = (rf"\b{re.escape(word)}\b" if word else r"\{[{%]", r"\S")
    found = next((match for pattern in patterns if (match := re.search(pattern, lines[line - 1]))), None)
    return found.start() + 1 if found else 1


def _place(error: Exception, keys: Mapping[str, str]) -> tuple[str, int] | None:
    """The innermost template line: Jinja writes them into the traceback."""
    if isinstance(error, TemplateSyntaxError) and error.filename and error.filename in keys:
        return error.filename, error.lineno
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    return next((place for place in reversed(frames) if place[0] in keys), None)


def _in_plain_words(error: Exception, files: Mapping[str, str]) -> tuple[str, str, str]:
    """Message, rule and the word to point at."""
    text = str(error)
    if isinstance(error, TemplateNotFound):
        return f"there is no template '{text}'{did_you_mean(text, files)}", "template", text
    if isinstance(error, UndefinedError):
        return _undefined(text)
    if isinstance(error, TemplateSyntaxError):
        word = re.search(r"'(\w+)'", text)
        return f"this cannot be read: {error.message}", "template_syntax", word[1] if word else ""
    if (isinstance(error, TypeError) and "NoneType" in text) or type(error).__name__ == "UnknownValue":
        return f"this is not known for every lead: {_FALLBACK}", "unknown_value", ""
    if isinstance(error, RecursionError):
        return "this template includes itself, or is nested too deeply", "template", ""
    return f"this cannot be filled in: {text or type(error).__name__}", "template", ""


def _undefined(text: str) -> tuple[str, str, str]:
    words = re.findall(r"'([^']+)'", text)
    name = words[-1] if words else ""
    return f"unknown name '{name}'{did_you_mean(name, LEAD_FIELDS)}", "unknown_name", name
