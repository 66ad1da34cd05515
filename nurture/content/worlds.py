"""Whether a condition can be true at all, and whether it can be false: it is asked of leads of every kind.

A condition compares fields with constants and asks what the lead did. So a few values of each field (the constants,
their neighbors, one that is none of them), and each of the acts done or not done, stand for all leads there can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice, product
from typing import Any

from jinja2 import Environment, nodes

from nurture.core.conditions import ConditionError, parse_condition
from nurture.core.facts import Engagement, Facts
from nurture.core.lifecycle import STAGES, funnel
from nurture.core.project import ProjectConfig
from nurture.core.sequence import TRIGGERS
from nurture.core.steps import Condition

#: leads that are asked one question, and all questions of a file; beyond, any answer is held possible
MAX_WORLDS, ALL_WORLDS = 2_000, 10_000
NUMBERS = {"id": (1, None), "employees": (0, None), "fit": (0, 100), "score": (0, 100)}
#: always known of a lead; the rest may be None
_KNOWN = frozenset(("id", "email", "stage", "funnel", "is_customer", "fit", "score", "grade"))
_GRADES = tuple(f"{letter}{digit}" for letter in "ABCD" for digit in "1234")
_JINJA = Environment(autoescape=True)
_SOMETIME = datetime(2026, 1, 1, tzinfo=UTC)

Asked = Callable[[Facts], bool]


@cache
def read(text: str) -> tuple[Condition, nodes.Node] | None:
    """A condition ready to be asked, and its parts; None when it has faults (which are reported elsewhere)."""
    try:
        condition = parse_condition(text)
        [output] = _JINJA.parse("{{ " + " ".join(text.split("\n")) + " }}").body
    except (ConditionError, RecursionError):
        return None
    assert isinstance(output, nodes.Output)
    return condition, output


def choices(name: str, config: ProjectConfig) -> tuple[object, ...] | None:
    """What a field, or the word `trigger`, can be, where that is known."""
    known: Mapping[str, tuple[object, ...]] = {
        "stage": STAGES,
        "funnel": ("tofu", "mofu", "bofu", "loyalty"),
        "grade": _GRADES,
        "is_customer": (True, False),
        "owner": tuple(owner.key for owner in config.agreement.owners),
        "trigger": (*TRIGGERS, *sorted(config.tracked)),
    }
    return known.get(name)


def compared(tree: nodes.Node) -> Iterator[tuple[str, str, Any]]:
    """Each constant of a condition as (field it is compared with, operator, constant); the operator is "part of" where
    a constant is looked for in the field."""
    for node in tree.find_all(nodes.Compare):
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        fields = [name for side in sides if (name := _field(side))]
        for side in sides:
            operator = "part of" if side is node.expr and node.ops[0].op in ("in", "notin") else node.ops[0].op
            for constant in _constants(side):
                yield from ((name, operator, constant) for name in fields)


@cache
def _weighs_fields(text: str) -> bool:
    """Whether fields are compared with one another: then a few values of each do not stand for all leads."""
    asked = read(text)
    compares = asked[1].find_all(nodes.Compare) if asked else ()
    return any(sum(bool(_field(part)) for part in each.find_all((nodes.Getattr, nodes.Name))) > 1 for each in compares)


def calls(tree: nodes.Node) -> Iterator[tuple[str, str | None, str | None]]:
    """Each question as (name, what it is asked about, the `link` of a click)."""
    for call in tree.find_all(nodes.Call):
        about = call.args[0].value if call.args and isinstance(call.args[0], nodes.Const) else None
        link = next((each.value.value for each in call.kwargs if isinstance(each.value, nodes.Const)), None)
        yield getattr(call.node, "name", ""), about, link


@dataclass(slots=True)
class Worlds:
    """The leads there can be, for the questions of one file.

    `triggers` are what can have brought them in; later than while they come in, nobody knows.
    """

    config: ProjectConfig
    triggers: Sequence[str] = ("",)
    left: int = ALL_WORLDS
    _truths: dict[str, frozenset[bool]] = field(default_factory=dict)

    def truths(self, text: str) -> frozenset[bool]:
        """What a condition can be: true, false, or either."""
        if text not in self._truths:
            asked = read(text)
            self._truths[text] = self.answers([text], asked[0].holds) if asked else frozenset((True, False))
        return self._truths[text]

    def ever(self, texts: Sequence[str], asked: Asked) -> bool:
        """Whether what is `asked` can be true of any lead; `texts` are the conditions it is made of."""
        return True in self.answers(texts, asked)

    def answers(self, texts: Sequence[str], asked: Asked) -> frozenset[bool]:
        """Every answer there is to what is `asked`."""
        if any(map(_weighs_fields, texts)):
            return frozenset((True, False))
        found: set[bool] = set()
        most = min(MAX_WORLDS, self.left)
        for number, facts in enumerate(islice(self._facts(texts), most + 1)):
            if number == most:
                return frozenset((True, False))
            found.add(asked(facts))
            self.left = max(self.left - len(texts), 0)
            if len(found) == 2:
                break
        return frozenset(found)

    def _facts(self, texts: Sequence[str]) -> Iterator[Facts]:
        found: dict[str, list[Any]] = {}
        for text in texts:
            for name, constants in _asked(text).items():
                found.setdefault(name, []).extend(constants)
        values = {name: self._values(name, constants) for name, constants in found.items()}
        triggers = values.pop("trigger", [""])
        acts = sorted({act for text in texts if (asked := read(text)) for act in calls(asked[1])}, key=repr)
        for done in product((False, True), repeat=len(acts)):
            chosen = [act for act, yes in zip(acts, done, strict=True) if yes]
            for each in product(*values.values()):
                lead = dict(zip(values, each, strict=True))
                if _consistent(lead):
                    yield from (_facts_of(lead, chosen, str(trigger)) for trigger in triggers)

    def _values(self, name: str, constants: list[Any]) -> list[Any]:
        if name == "trigger":
            return list(self.triggers)
        known = choices(name, self.config) if name != "owner" else None
        unknown = [] if name in _KNOWN else [None]
        if known:
            return [*known, *unknown]
        return [*(_numbers(name, constants) if name in NUMBERS else _texts(constants)), *unknown]


def _field(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.name if isinstance(node, nodes.Name) and node.name == "trigger" else ""


def _constants(node: nodes.Node) -> Iterator[Any]:
    if isinstance(node, nodes.Const):
        yield node.value
    elif isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
        yield -node.node.value
    elif isinstance(node, nodes.List | nodes.Tuple):
        for item in node.items:
            yield from _constants(item)


@cache
def _asked(text: str) -> Mapping[str, list[Any]]:
    """Field -> the constants it is compared with."""
    asked = read(text)
    if asked is None:
        return {}
    parts = asked[1].find_all((nodes.Getattr, nodes.Name))
    found: dict[str, list[Any]] = {name: [] for part in parts if (name := _field(part))}
    for name, _operator, constant in compared(asked[1]):
        found[name].append(constant)
    return found


def _numbers(name: str, constants: list[Any]) -> list[int]:
    least, most = NUMBERS[name]
    near = {int(each) + by for each in constants if isinstance(each, int | float) for by in (-1, 0, 1)}
    top = max((*near, least)) + 1 if most is None else most
    return sorted({least, top} | {each for each in near if least <= each <= top})


def _texts(constants: list[Any]) -> list[Any]:
    texts = sorted({each for each in constants if isinstance(each, str)})
    return list(dict.fromkeys([*texts, "".join(texts), "", "~"]))


def _consistent(lead: Mapping[str, Any]) -> bool:
    """Fields that follow from one another agree."""
    stage = lead.get("stage")
    if stage is None:
        return True
    fits = {funnel(stage, None, intent=False), funnel(stage, None, intent=True)}
    buyer = stage in ("customer", "advocate")
    return lead.get("is_customer", buyer) == buyer and lead.get("funnel", min(fits)) in fits


def _facts_of(lead: Mapping[str, object], acts: Sequence[tuple[str, str | None, str | None]], trigger: str) -> Facts:
    done = tuple(_engagement(*act) for act in acts)
    tags = frozenset(about for name, about, _link in acts if name == "tagged" and about)
    return Facts(lead=lead, engagements=done, trigger=trigger, tags=tags)


def _engagement(question: str, about: str | None, link: str | None) -> Engagement:
    """The act that a question asks for."""
    if question == "visited":
        return Engagement("visited", _SOMETIME, url=about or "/")
    kind = "tracked" if question == "did" else question
    return Engagement(kind, _SOMETIME, template=about or "", url=link or "", name=about or "")
