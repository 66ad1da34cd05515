"""A mail under a new id is a new mail. Who would get the words it has had once more?

No step is ever mailed twice to an enrollment, but a step that was renamed is another step. The lead gets its mail again
if it stands, or will stand, before the new id and had the same template under an id that the new text no longer knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from models.words import MessageState
from nurture.core import steps
from nurture.library import Live

#: the lead has it, or may have
_HAD = frozenset({MessageState.HANDED_OVER, MessageState.ACCEPTED, MessageState.HELD})
#: old step, new step, template
Mail = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Twice:
    """So many leads would get the mail of `old_step` again, as `new_step`."""

    old_step: str
    new_step: str
    template: str
    leads: int


def mailed_again(live: Live, row: Row[Any], step: str | None, mails: Sequence[Row[Any]]) -> Iterator[Mail]:
    """Each mail that an enrollment would get once more if it went on at `step` of the text it will go by."""
    text, old = live.text_for(row), live.texts.get(row.version)
    had = [mail for mail in mails if mail.state in _HAD and text and mail.step not in text.steps]
    for ahead in ahead_of(text, step) if text and had else ():
        if isinstance(ahead, steps.EmailStep) and not ahead.once and not (old and ahead.id in old.steps):
            yield from ((mail.step, ahead.id, mail.template) for mail in had if _is(ahead.template, mail.template))


def _is(template: str, mailed: str) -> bool:
    """Whether it may be the same mail; one named without its funnel stage is that of any stage."""
    return template in (mailed, mailed.rpartition("/")[2])


def repeats(found: Counter[Mail]) -> tuple[Twice, ...]:
    return tuple(Twice(*what, leads) for what, leads in sorted(found.items()))


def ahead_of(text: steps.Sequence, step: str | None) -> Iterator[steps.Step]:
    """The step a lead stands at, and all that may follow, whichever way it goes."""
    seen: set[str] = set()
    waiting = [step]
    while waiting:
        here = waiting.pop()
        if here is not None and here not in seen:
            seen.add(here)
            yield text.steps[here]
            waiting += _ways(text.steps[here])


def _ways(step: steps.Step) -> list[str | None]:
    match step:
        case steps.BranchStep(arms=arms):
            return [step.next, *(arm.first for arm in arms)]
        case steps.SplitStep(shares=shares):
            return [step.next, *(share.first for share in shares)]
        case steps.WaitForStep(if_not=if_not):
            return [step.next, if_not]
    return [step.next]
