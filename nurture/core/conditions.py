"""Conditions: the yes-or-no questions in `when:`, `wait_for:` and `goal:`.

They are written as Jinja expressions, the language of the mails, and read with Jinja's parser. What is not on
the list below is refused, and what is accepted is turned into plain Python functions over `Facts`: Jinja never
runs a condition, so nothing but the question itself can happen.

A condition answers for every lead. A field that is unknown (None) is neither more nor less than anything and
in no list; values that cannot be compared make the comparison false.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from jinja2 import Environment, TemplateSyntaxError, nodes

from nurture.core.facts import Engagement, Facts
from nurture.core.fields import FUNCTIONS, LEAD_FIELDS, REPLIES
from nurture.core.matching import event_name, is_page
from nurture.core.steps import Condition
from nurture.core.suggest import did_you_mean

MAX_LENGTH = 500
MAX_DEPTH = 40
#: bare words a condition may use, beside the fields of the lead
WORDS = {"trigger": "what brought the lead in, in `enter: when:`"}

_QUESTIONS = ", ".join(f"{name}()" for name in FUNCTIONS)
_EXAMPLE = "conditions look like: lead.score >= 40 and clicked('tofu/welcome')"
_NO_BRACES = f"a condition stands without braces; {_EXAMPLE}"
_FIELDS = [f"lead.{field}" for field in LEAD_FIELDS]
_JINJA = Environment(autoescape=False)

_Evaluate = Callable[[Facts], object]
_Compare = Callable[[object, object], bool]

#: what people write from other languages, and what it is called here
_HINTS = {
    "=": "compare with '==', a single '=' does not ask anything",
    "&": "write 'and' instead of '&'",
    "|": "write 'or' instead of '|'; filters are for mails only",
    "!": "write 'not' instead of '!'",
    "AND": "write 'and' in small letters",
    "OR": "write 'or' in small letters",
    "NOT": "write 'not' in small letters",
    "'": "this text is never closed: a quote is missing",
    '"': "this text is never closed: a quote is missing",
}


class ConditionError(ValueError):
    """A condition that cannot be asked: what is wrong and at which column (1-based) of its text."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


def parse_condition(text: str) -> Condition:
    """Turn `text` into a question about a lead, or raise ConditionError with the place and the remedy."""
    reader = _Reader(text)
    evaluate = reader.compile(reader.tree, depth=0)
    return Condition(text, lambda facts: bool(evaluate(facts)), frozenset(reader.names))


class _Reader:
    """One text being read: its tokens, so that every fault has a column, and the names it used."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self.columns: list[int] = []
        self.tree = self._parse()

    def column(self, node: nodes.Node) -> int:
        return self.columns[min(max(node.lineno - 2, 0), len(self.columns) - 1)]

    def compile(self, node: nodes.Node, depth: int) -> _Evaluate:
        if depth > MAX_DEPTH:
            raise ConditionError("this condition is nested too deeply; split it over two steps")
        make = _COMPILERS.get(type(node))
        if make is None:
            self.refuse(node, f"{_called(node)} cannot be used in a condition; {_EXAMPLE}")
        return make(self, node, depth + 1)

    def refuse(self, node: nodes.Node, message: str) -> NoReturn:
        raise ConditionError(message, self.column(node))

    def _parse(self) -> nodes.Node:
        if self.text.lstrip().startswith(("{{", "{%")):
            raise ConditionError(_NO_BRACES)
        if not self.text.strip():
            raise ConditionError(f"the condition is empty; {_EXAMPLE}")
        if len(self.text) > MAX_LENGTH:
            raise ConditionError(f"this condition has {len(self.text)} characters; at most {MAX_LENGTH} can be read")
        tokens = list(self._tokens(" ".join(self.text.split("\n"))))
        # Jinja knows lines only: with every token on a line of its own, a line number is a place in the text.
        source = "{{\n" + "\n".join(tokens) + "\n}}"
        try:
            tree = next(_JINJA.parse(source).iter_child_nodes()).iter_child_nodes()
        except TemplateSyntaxError as error:
            raise self._unreadable(tokens, error.lineno) from None
        except RecursionError:
            raise ConditionError("this condition is nested too deeply; split it over two steps") from None
        return self._one_question(next(tree))

    def _tokens(self, text: str) -> Iterator[str]:
        """The words of the text; their columns are kept aside."""
        offset = 0
        try:
            for _line, kind, token in _JINJA.lex("{{ " + text + " }}"):
                if kind == "variable_end" and offset <= len(text) + 2:
                    raise ConditionError(_NO_BRACES, offset - 2)
                if kind not in ("whitespace", "variable_begin", "variable_end"):
                    self.columns.append(offset - 2)
                    yield token
                offset += len(token)
        except TemplateSyntaxError:
            raise self._unexpected(offset - 2) from None

    def _one_question(self, tree: nodes.Node) -> nodes.Node:
        if isinstance(tree, nodes.Tuple):
            raise ConditionError("a condition is one question: join its parts with 'and' or 'or'")
        return tree

    def _unreadable(self, tokens: list[str], line: int) -> ConditionError:
        index = line - 2
        if not 0 <= index < len(tokens):
            return self._unexpected(len(self.text) + 1)
        if index and tokens[index - 1] == "NOT":
            index -= 1
        return self._unexpected(self.columns[index], tokens[index])

    def _unexpected(self, column: int, token: str = "") -> ConditionError:
        found = token or self.text[column - 1 : column]
        if column > len(self.text) or not found.strip():
            return ConditionError(f"the condition stops too early; {_EXAMPLE}", len(self.text.rstrip()) + 1)
        return ConditionError(_HINTS.get(found) or f"cannot read '{found}' here; {_EXAMPLE}", column)


def _and(reader: _Reader, node: nodes.And, depth: int) -> _Evaluate:
    left, right = reader.compile(node.left, depth), reader.compile(node.right, depth)
    return lambda facts: bool(left(facts)) and bool(right(facts))


def _or(reader: _Reader, node: nodes.Or, depth: int) -> _Evaluate:
    left, right = reader.compile(node.left, depth), reader.compile(node.right, depth)
    return lambda facts: bool(left(facts)) or bool(right(facts))


def _not(reader: _Reader, node: nodes.Not, depth: int) -> _Evaluate:
    inner = reader.compile(node.node, depth)
    return lambda facts: not inner(facts)


def _negative(reader: _Reader, node: nodes.Neg, depth: int) -> _Evaluate:
    if not (isinstance(node.node, nodes.Const) and isinstance(node.node.value, int | float)):
        reader.refuse(node, "only a number can have a minus sign")
    value = -node.node.value
    return lambda facts: value


def _constant(reader: _Reader, node: nodes.Const, depth: int) -> _Evaluate:
    value = node.value
    return lambda facts: value


def _items(reader: _Reader, node: nodes.List | nodes.Tuple, depth: int) -> _Evaluate:
    items = [reader.compile(item, depth) for item in node.items]
    return lambda facts: [item(facts) for item in items]


def _word(reader: _Reader, node: nodes.Name, depth: int) -> _Evaluate:
    if node.name not in WORDS:
        reader.refuse(node, _unknown_word(node.name))
    reader.names.add(node.name)
    return lambda facts: facts.trigger


def _field(reader: _Reader, node: nodes.Getattr, depth: int) -> _Evaluate:
    if not isinstance(node.node, nodes.Name):
        reader.refuse(node, f"'.{node.attr}' cannot stand here; {_EXAMPLE}")
    name, field = f"{node.node.name}.{node.attr}", node.attr
    if name not in _FIELDS:
        reader.refuse(node.node, f"unknown field '{name}'{did_you_mean(name, _FIELDS)}")
    reader.names.add(name)
    return lambda facts: facts.lead.get(field)


def _comparison(reader: _Reader, node: nodes.Compare, depth: int) -> _Evaluate:
    first = reader.compile(node.expr, depth)
    rest = [(_COMPARISONS[operand.op], reader.compile(operand.expr, depth)) for operand in node.ops]
    if len(rest) == 1:
        compare, second = rest[0]
        return lambda facts: compare(first(facts), second(facts))
    return lambda facts: _chain(facts, first, rest)


def _chain(facts: Facts, first: _Evaluate, rest: list[tuple[_Compare, _Evaluate]]) -> bool:
    left = first(facts)
    for compare, evaluate in rest:
        right = evaluate(facts)
        if not compare(left, right):
            return False
        left = right
    return True


def _call(reader: _Reader, node: nodes.Call, depth: int) -> _Evaluate:
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    if name not in FUNCTIONS:
        reader.refuse(node.node, _unknown_function(name))
    reader.names.add(name)
    return _QUESTION[name](reader, node)


def _clicked(reader: _Reader, node: nodes.Call) -> _Evaluate:
    template, link = _arguments(reader, node, "clicked", keyword="link")
    part = (link or "").lower()

    def matches(hit: Engagement) -> bool:
        if hit.kind != "clicked" or part not in hit.url.lower():
            return False
        return template is None or template in (hit.template, hit.template.rpartition("/")[2])

    return lambda facts: any(matches(hit) for hit in facts.engagements)


def _submitted(reader: _Reader, node: nodes.Call) -> _Evaluate:
    form, _ = _arguments(reader, node, "submitted")

    def matches(hit: Engagement) -> bool:
        return hit.kind == "submitted" and (form is None or hit.name == form)

    return lambda facts: any(matches(hit) for hit in facts.engagements)


def _tagged(reader: _Reader, node: nodes.Call) -> _Evaluate:
    tag, _ = _arguments(reader, node, "tagged")
    if tag is None:
        reader.refuse(node.node, f"name the tag: {FUNCTIONS['tagged']}")
    return lambda facts: tag in facts.tags


def _visited(reader: _Reader, node: nodes.Call) -> _Evaluate:
    page, _ = _arguments(reader, node, "visited")
    if page is not None and not page.startswith("/"):
        reader.refuse(node.node, f"a page is named by its path, from '/' on: {FUNCTIONS['visited']}")

    def matches(hit: Engagement) -> bool:
        return hit.kind == "visited" and is_page(hit.url, page or "/")

    return lambda facts: any(matches(hit) for hit in facts.engagements)


def _did(reader: _Reader, node: nodes.Call) -> _Evaluate:
    event, _ = _arguments(reader, node, "did")
    if event is None:
        reader.refuse(node.node, f"name what it did: {FUNCTIONS['did']}")
    if event != event_name(event):
        reader.refuse(node.node, f"events are known by small letters: did('{event_name(event)}')")
    return lambda facts: any(hit.kind == "tracked" and hit.name == event for hit in facts.engagements)


def _replied(reader: _Reader, node: nodes.Call) -> _Evaluate:
    intent, _ = _arguments(reader, node, "replied")
    if intent is not None and intent not in REPLIES:
        known = did_you_mean(intent, REPLIES) or f"; there are: {', '.join(REPLIES)}"
        reader.refuse(node.args[0], f"a reply is never '{intent}'{known}")

    def matches(hit: Engagement) -> bool:
        return hit.kind == "replied" and (intent is None or hit.name == intent)

    return lambda facts: any(matches(hit) for hit in facts.engagements)


def _arguments(reader: _Reader, node: nodes.Call, name: str, keyword: str = "") -> tuple[str | None, str | None]:
    """The one positional argument and the one keyword argument, each a quoted text or None."""
    usage = f"{name} is asked like this: {FUNCTIONS[name]}"
    named = {argument.key: argument.value for argument in node.kwargs}
    if len(node.args) > 1 or node.dyn_args or node.dyn_kwargs or named.keys() - {keyword}:
        reader.refuse(node.node, usage)
    values = [node.args[0] if node.args else None, named.get(keyword)]
    for value in values:
        if value is not None and not (isinstance(value, nodes.Const) and isinstance(value.value, str)):
            reader.refuse(value, f"put the name in quotes; {usage}")
    first, second = (value.value if isinstance(value, nodes.Const) else None for value in values)
    return first, second


def _ordered(compare: Callable[[Any, Any], bool]) -> _Compare:
    def known_and(left: object, right: object) -> bool:
        if left is None or right is None:
            return False
        try:
            return bool(compare(left, right))
        except TypeError:
            return False

    return known_and


def _is_in(left: object, right: Any) -> bool:
    try:
        return left is not None and right is not None and left in right
    except TypeError:
        return False


def _unknown_word(name: str) -> str:
    if name in FUNCTIONS:
        return f"'{name}' asks what the lead did: write {FUNCTIONS[name].partition(',')[0]}"
    if name == "lead" or name in LEAD_FIELDS:
        return f"name a field of the lead: '{'lead.score' if name == 'lead' else 'lead.' + name}'"
    guess = did_you_mean(name, [*_FIELDS, *FUNCTIONS, *WORDS])
    return _HINTS.get(name) or f"unknown word '{name}'{guess}; texts stand in quotes"


def _unknown_function(name: str) -> str:
    if not name:
        return f"only these can be asked: {_QUESTIONS}"
    if name == "opened":
        return "opened() is not asked here: mail programs open mails by themselves; use clicked()"
    return f"unknown question '{name}()'{did_you_mean(name, FUNCTIONS)}; there are: {_QUESTIONS}"


def _called(node: nodes.Node) -> str:
    """A node Jinja knows and conditions do not, in plain words."""
    words: dict[type[nodes.Node], str] = {
        nodes.Filter: "a filter ('|')",
        nodes.Test: "'is ...' (write '== none' for unknown)",
        nodes.Getitem: "'[...]' after a name",
        nodes.CondExpr: "'... if ... else ...'",
        nodes.Dict: "'{...}'",
    }
    arithmetic = isinstance(node, nodes.BinExpr | nodes.UnaryExpr | nodes.Concat)
    return words.get(type(node)) or ("arithmetic" if arithmetic else f"'{type(node).__name__.lower()}'")


_QUESTION: dict[str, Callable[[_Reader, nodes.Call], _Evaluate]] = {
    "clicked": _clicked,
    "submitted": _submitted,
    "tagged": _tagged,
    "visited": _visited,
    "did": _did,
    "replied": _replied,
}

_COMPARISONS: dict[str, _Compare] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": _ordered(operator.lt),
    "lteq": _ordered(operator.le),
    "gt": _ordered(operator.gt),
    "gteq": _ordered(operator.ge),
    "in": _is_in,
    "notin": lambda left, right: not _is_in(left, right),
}

#: everything a condition may be made of
_COMPILERS: dict[type[nodes.Node], Callable[[_Reader, Any, int], _Evaluate]] = {
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.Neg: _negative,
    nodes.Const: _constant,
    nodes.List: _items,
    nodes.Tuple: _items,
    nodes.Name: _word,
    nodes.Getattr: _field,
    nodes.Compare: _comparison,
    nodes.Call: _call,
}
