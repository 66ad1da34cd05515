"""What pydantic finds wrong with a file, as problems a marketer can mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from nurture.content.rules import RULES
from nurture.content.source import MAX_PROBLEMS, Document, Loc
from nurture.core.rules import RULE_KINDS
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "list_type": "a list is expected here: each item begins with '- '",
    "tuple_type": "a list is expected here: each item begins with '- '",
    "dict_type": "keys and values are expected here",
    "model_type": "keys and values are expected here",
    "model_attributes_type": "keys and values are expected here",
    "int_type": "a whole number is expected here",
    "int_parsing": "a whole number is expected here",
    "int_from_float": "a whole number is expected here",
    "bool_type": "'true' or 'false' is expected here",
    "bool_parsing": "'true' or 'false' is expected here",
    "date_type": "a date is expected here, such as 2026-01-12",
    "date_from_datetime_parsing": "a date is expected here, such as 2026-01-12",
    "date_from_datetime_inexact": "a date is expected here, such as 2026-01-12",
    "string_too_short": "a text is expected here",
    "too_short": "at least one is expected here",
}
_BOUNDS = {
    "greater_than_equal": "{given} is too little: {ge} or more is expected here",
    "less_than_equal": "{given} is too much: {le} or less is expected here",
    "string_too_short": "'{given}' is too short: at least {min_length} letters are expected here",
    "string_too_long": "too long: at most {max_length} letters are expected here",
    "too_short": "at least {min_length} are expected here",
    "too_long": "at most {max_length} are expected here, and these are {actual_length}",
}
_POINT = ": there is no handoff point without it, and nothing starts. It says which lead"
#: key -> the rule for those who leave it out, and why it is there
_MISSING = {
    "at_most": ("at_most", ": without it a lead would wait for ever"),
    "mql": ("handoff_point", f"{_POINT} marketing calls qualified"),
    "sql": ("handoff_point", f"{_POINT} sales gets, and when"),
    "hand_raise": ("handoff_point", f"{_POINT} asks for a person"),
    "agreement": ("handoff_point", ": without it nobody knows which lead sales gets, and when"),
    "owner": ("owner", ": name the department that answers for the sequence"),
}
#: pydantic's names -> ours, where they differ
_RULES = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "invalid_key": "unknown_key",
    "literal_error": "choice",
    "string_pattern_mismatch": "name",
    "string_type": "quotes",
    "greater_than_equal": "limits",
    "less_than_equal": "limits",
    "string_too_long": "limits",
    "too_long": "limits",
    "date_type": "date",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
}


def check(
    model: type[Model], document: Document, context: Mapping[str, object] | None = None
) -> tuple[Model | None, list[Problem]]:
    """Read the document as `model`: the result, or None, and every fault there is. `context` is what the model must
    know from elsewhere."""
    if document.data is None:
        return None, []
    try:
        return model.model_validate(document.data, context=context), []
    except ValidationError as error:
        details = error.errors(include_url=False)[:MAX_PROBLEMS]
        problems = [_problem(model, document, detail) for detail in details if not _is_told(document, detail)]
        return None, list(dict.fromkeys(problems))


def _is_told(document: Document, detail: ErrorDetails) -> bool:
    """What is empty is reported where the file is read, and once is enough."""
    told = any(problem.rule == "empty" for problem in document.problems)
    return told and detail["type"] != "missing" and detail["input"] is None


def _problem(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Problem:
    loc, kind, place = detail["loc"], detail["type"], detail.get("ctx", {})
    at_key = kind in ("extra_forbidden", "invalid_key") or "key" in place or loc[-1:] == ("[key]",)
    loc = tuple(part for part in loc if part != "[key]")
    inside = (*loc, place["key"]) if "key" in place else (*loc, *place.get("at", ()))
    message = _message(model, loc, detail)
    return document.problem(inside, message, _rule(detail), at_key=at_key, column=place.get("column", 1))


def _rule(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing" and detail["loc"][-1] in _MISSING:
        return _MISSING[str(detail["loc"][-1])][0]
    if kind == "condition" and detail["msg"].startswith("opened()"):
        return "opened"
    rule = _RULES.get(kind, "type" if kind in _EXPECTED else kind)
    return rule if rule in RULES else "value"


def _message(model: type[BaseModel], loc: Loc, detail: ErrorDetails) -> str:
    kind, given = detail["type"], detail["input"]
    match kind:
        case "missing":
            return f"'{loc[-1]}' is missing{_MISSING.get(str(loc[-1]), ('', ''))[1]}{_like(model, loc)}"
        case "extra_forbidden" | "invalid_key":
            return _unknown_key(str(loc[-1]), _fields_at(model, loc[:-1]))
        case "literal_error":
            choices = detail["ctx"]["expected"]
            return f"'{given}' is not known here: it is {choices}{did_you_mean(str(given), choices.split(chr(39)))}"
        case "string_pattern_mismatch":
            return f"'{given}' does not fit{_like(model, loc)}"
        case "rule_kind":
            return detail["msg"] + _meant(given)
        case "string_type" if isinstance(given, int | float):
            return f"put {given} in quotes: a text is expected here"
        case "string_type":
            return "a text is expected here"
    return _out_of_bounds(detail) or _EXPECTED.get(kind) or detail["msg"].removeprefix("Value error, ")


def _out_of_bounds(detail: ErrorDetails) -> str:
    """That something is too little, too much, too short or too long, and what would do; "" if it is merely empty."""
    place = detail.get("ctx", {})
    if place.get("min_length") == 1:
        return ""
    return _BOUNDS.get(detail["type"], "").format(given=detail["input"], **place)


def _unknown_key(key: str, fields: dict[str, FieldInfo]) -> str:
    return f"unknown key '{key}'" + (did_you_mean(key, fields) or f"; there are: {', '.join(fields)}")


def _meant(rule: Any) -> str:
    """The end of a sentence about a rule of no known kind: which word of it is the wrong one."""
    strange = [str(key) for key in rule if key != "text"] if isinstance(rule, Mapping) else []
    near = ((word, did_you_mean(word, RULE_KINDS)) for word in strange)
    return next((f"; '{word}' is none of them{meant}" for word, meant in near if meant), "")


def _like(model: type[BaseModel], loc: Loc) -> str:
    """The end of a sentence that shows the first example of the field."""
    while loc and isinstance(loc[-1], int):
        loc = loc[:-1]
    field = _fields_at(model, loc[:-1]).get(str(loc[-1]))
    if field is None or not field.examples:
        return ""
    example = field.examples[0]
    return f"; write it like: {example if isinstance(example, str) else ', '.join(map(str, example))}"


def _fields_at(model: type[BaseModel], loc: Loc) -> dict[str, FieldInfo]:
    """The keys that may stand at `loc`."""
    models = {model}
    for part in loc:
        if isinstance(part, str) and part.startswith("<"):
            models = {each for each in models if part.strip("<>") in each.model_fields} or models
        elif isinstance(part, str):
            inner = {
                found
                for each in models
                if part in each.model_fields
                for found in models_in(each.model_fields[part].annotation)
            }
            models = inner or models
    return {name: field for each in sorted(models, key=repr) for name, field in each.model_fields.items()}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of this type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)
