"""The lifecycle: where a lead can stand, and the only ways from one place to another.

Both tables here are the rule and the documentation at once: docs/lifecycle.md is drawn from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from nurture.errors import IllegalMove

if TYPE_CHECKING:
    from nurture.core.facts import Engagement
    from nurture.core.score import Score
    from nurture.core.steps import FunnelStage

Stage = Literal["iql", "mql", "sql", "opportunity", "customer", "advocate", "recycled", "disqualified"]
HandoffState = Literal["offered", "accepted", "rejected", "withdrawn"]

STAGES: tuple[Stage, ...] = get_args(Stage)

#: stage -> what it means
MEANINGS: Mapping[Stage, str] = {
    "iql": "information qualified: we know the lead, and it wants to find out more",
    "mql": "marketing qualified: fits and keeps coming back, by the agreement's rules",
    "sql": "sales qualified by the agreement: handed to sales, who have yet to say yes or no",
    "opportunity": "sales said yes and works on it",
    "customer": "has bought",
    "advocate": "a customer who recommends us",
    "recycled": "sent back by sales for now: rests, then is nurtured again",
    "disqualified": "will not become a customer; a person can undo it",
}


#: who may move a lead: the engine by rule; a rep; whoever runs nurture; the CRM, by a fact it tells
Mover = Literal["engine", "sales", "operator", "CRM"]
ENGINE: Mover = "engine"
CRM: Mover = "CRM"
_WHO: Mapping[Mover, str] = {
    "engine": "the engine", "sales": "sales", "operator": "whoever runs nurture", "CRM": "the CRM"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move: what causes it, who may make it, and whether it needs a person of sales to go on (then it makes a
    handoff)."""

    cause: str
    by: tuple[Mover, ...]
    needs_human: bool = False


_TELLS: tuple[Mover, ...] = ("sales", "operator", "CRM")
_QUALIFIES = Move("meets the MQL rules", ("engine",))
_READY = Move("meets the SQL rules, or asks for a person", ("engine",), needs_human=True)
_BUYS = Move("buys without a handoff, entered by a person or an import", ("operator", "CRM"))
_TAKEN_BACK = Move("what it rested on was not done by a person", ("engine",))
_WITHDRAWN = Move("what it rested on was not done by a person, or it wants no sales contact", ("engine",))
_UNSOLD = Move("its deal was not won after all", ("CRM",))
_RULED_OUT = Move("ruled out by a person, or by the agreement", ("engine", "operator"))

#: (from, to) -> the move; what is not here cannot happen
MOVES: Mapping[tuple[Stage, Stage], Move] = {
    ("iql", "mql"): _QUALIFIES,
    ("iql", "sql"): _READY,
    ("mql", "sql"): _READY,
    ("recycled", "mql"): _QUALIFIES,
    ("recycled", "sql"): _READY,
    ("mql", "iql"): _TAKEN_BACK,
    ("mql", "recycled"): _TAKEN_BACK,
    ("sql", "iql"): _WITHDRAWN,
    ("sql", "mql"): _WITHDRAWN,
    ("sql", "opportunity"): Move("sales accepts", ("sales", "CRM")),
    ("sql", "recycled"): Move("sales rejects, reason says later, or it is taken back", ("sales", "engine")),
    ("sql", "disqualified"): Move("sales rejects, reason says never", ("sales",)),
    ("opportunity", "customer"): Move("won", _TELLS),
    ("opportunity", "recycled"): Move("lost, reason says later", _TELLS),
    ("opportunity", "disqualified"): Move("lost, reason says never", _TELLS),
    ("customer", "advocate"): Move("recommends us", ("operator",)),
    ("customer", "recycled"): _UNSOLD,
    ("customer", "disqualified"): _UNSOLD,
    ("iql", "customer"): _BUYS,
    ("mql", "customer"): _BUYS,
    ("recycled", "customer"): _BUYS,
    ("disqualified", "customer"): _BUYS,
    ("iql", "disqualified"): _RULED_OUT,
    ("mql", "disqualified"): _RULED_OUT,
    ("recycled", "disqualified"): _RULED_OUT,
    ("disqualified", "iql"): Move("a person takes it back in", ("operator",)),
}

#: (from, to) -> what causes it; an answer stands
HANDOFF_MOVES: Mapping[tuple[HandoffState, HandoffState], str] = {
    ("offered", "accepted"): "sales accepts",
    ("offered", "rejected"): "sales rejects, with a reason",
    ("offered", "withdrawn"): "what it rested on was not done by a person, or it wants no sales contact",
}


def check_move(source: Stage, target: Stage, *, by: Mover | None = None) -> Move:
    """The move from one lifecycle stage to another. Raises IllegalMove, naming the moves there are; also for one that
    is not `by`'s to make."""
    move = MOVES.get((source, target))
    if move is None:
        ways = ", ".join(there for here, there in MOVES if here == source) or "nothing"
        raise IllegalMove(f"no lifecycle move from {source} to {target}; from {source} it goes to {ways}")
    if by and by not in move.by:
        whose = " or ".join(_WHO[one] for one in move.by)
        raise IllegalMove(f"the move from {source} to {target} is not made by {_WHO[by]}, but by {whose}: {move.cause}")
    return move


def is_taken_back(source: Stage, target: Stage) -> bool:
    """Whether this move, made by the engine, undoes a promotion."""
    return source in ("mql", "sql") and target in ("iql", "mql", "recycled")


def funnel(stage: Stage, score: Score | None, intent: bool) -> FunnelStage:
    """The funnel stage of the content that suits a lead.

    An MQL gets mofu, and bofu once it has shown intent or its engagement digit is 1 or 2. `score` None counts
    as cold. (A disqualified lead is never mailed; it is filed under mofu.)
    """
    if stage == "mql":
        return "bofu" if intent or (score is not None and score.grade[1] in "12") else "mofu"
    return _FUNNEL[stage]


_FUNNEL: Mapping[Stage, FunnelStage] = {
    "iql": "tofu",
    "sql": "bofu",
    "opportunity": "bofu",
    "customer": "loyalty",
    "advocate": "loyalty",
    "recycled": "mofu",
    "disqualified": "mofu",
}


def since_recycled(engagements: Iterable[Engagement], recycled_at: datetime | None) -> tuple[Engagement, ...]:
    """The engagement that counts toward points and gates: all after the lead was last recycled (None: never).

    The rest stays in its history. Callers of `score` and `qualify` pass engagement through here first.
    """
    return tuple(each for each in engagements if recycled_at is None or each.at > recycled_at)


def as_table() -> str:
    """The moves as a Markdown table, for docs/lifecycle.md: from, to, why, and who may make them."""
    rows = (
        f"| {source} | {target} | {move.cause} | {', '.join(move.by)} |" for (source, target), move in MOVES.items()
    )
    return "\n".join(("| From | To | When | Moved by |", "|---|---|---|---|", *rows))


def mermaid(names: Mapping[Stage, str] | None = None) -> str:
    """Both tables as Mermaid state diagrams, for docs/lifecycle.md. "[handoff]" marks the moves that make one.

    `names` are what a company calls the stages.
    """
    return "\n\n".join((_diagram((*_names(names or {}), *_stage_lines())), _diagram(_handoff_lines())))


def _names(names: Mapping[Stage, str]) -> Iterator[str]:
    for stage, name in names.items():
        yield f'state "{name.replace(chr(34), chr(39))}" as {stage}'


def _diagram(lines: Iterable[str]) -> str:
    return "\n".join(("```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"))


def _stage_lines() -> Iterator[str]:
    yield "[*] --> iql: first heard of"
    for (source, target), move in MOVES.items():
        yield f"{source} --> {target}: {move.cause}{' [handoff]' if move.needs_human else ''}"


def _handoff_lines() -> Iterator[str]:
    yield "[*] --> offered: the lead becomes sql"
    for (source, target), cause in HANDOFF_MOVES.items():
        yield f"{source} --> {target}: {cause}"
