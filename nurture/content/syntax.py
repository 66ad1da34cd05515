"""What a YAML parser complains of, in the words of the person who has to mend it."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

_INDENT = "the indentation does not fit the lines above"

#: what the parser says -> our rule, our words, and whether the fault lies where it began to read ("context")
_WORDS = (
    (r"cannot start any token", "quotes", "put the text in quotes: it cannot begin with this character", False),
    (r"found unexpected (end of stream|document separator)", "quotes", "this quote is never closed", True),
    (r"could not find expected ':'", "syntax", "a ':' is missing after this key", True),
    (r"sequence entries are not allowed here", "syntax", "begin the list on a line of its own", False),
    (r"expected ',' or", "syntax", "this bracket is never closed", True),
    (r"expected <block end>", "indent", _INDENT, False),
)


def in_plain_words(error: YAMLError, text: str) -> tuple[int, int, str, str]:
    """Line and column (from 1), message and rule for a text that is not YAML."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return line, column, "there is a character here that cannot be seen; remove it", "character"
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return 1, 1, f"this is not YAML: {error}", "syntax"
    lines = text.splitlines()
    line, column = error.problem_mark.line, error.problem_mark.column
    written = lines[line] if line < len(lines) else ""
    return _by_line(str(error.problem), line, column, written) or _by_message(error)


def _by_line(problem: str, line: int, column: int, written: str) -> tuple[int, int, str, str] | None:
    """The faults that the line itself gives away better than the parser does."""
    place = (line + 1, column + 1)
    if braces := re.search(r"[:\-]\s+(\{\{|\{%)", written):
        return line + 1, braces.start(1) + 1, "put the text in quotes: it begins with a brace", "quotes"
    if written[column : column + 1] == "\t":
        return *place, "use spaces here, not a tab", "tab"
    if "mapping values are not allowed" in problem:
        second = re.search(r":\s", written[:column])
        return (*place, "put the text in quotes: it has a colon", "colon") if second else (*place, _INDENT, "indent")
    if "expected <block end>, but found '<scalar>'" in problem and re.search(r"['\"]\s*$", written[:column]):
        return *place, "put the whole text in quotes, not a part of it; inside, double the quotes", "quotes"
    return None


def _by_message(error: MarkedYAMLError) -> tuple[int, int, str, str]:
    for pattern, rule, message, at_context in _WORDS:
        if re.search(pattern, str(error.problem)):
            mark = (error.context_mark if at_context else None) or error.problem_mark
            return mark.line + 1, mark.column + 1, message, rule
    return error.problem_mark.line + 1, error.problem_mark.column + 1, f"this is not YAML: {error.problem}", "syntax"
