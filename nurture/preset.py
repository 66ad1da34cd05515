"""What `nurture init` starts a project from: the sequences, mails and settings that come with nurture themselves.

In a checkout they are its own files; setup.py puts the same files into the wheel.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError

#: preset -> what it is
PRESETS = {
    "saas": "a company that sells by subscription: from the first interest to loyal customers",
    "b2b-services": "a company that sells work: who it is weighs more, and a question must have been answered",
    "founder": "one person is marketing and sales: plain words, few rules, nobody to escalate to",
}
#: when marketing calls a lead qualified -> the rules for it; beside what a preset says itself
MQL = {
    "curious": "asked us for something once",
    "returning": "asked us for something, and came back on another day",
    "eager": "did three different kinds of things on three days",
}
#: when sales gets a lead
HANDOFF = {
    "asks": "only when it asks for a person",
    "intent": "when it means to buy",
    "answers": "when it means to buy, and told us its need, budget, part in the decision or timing",
}
_FITS = "    - {text: Could be our customer, fit_at_least: 30}\n"
_MQL = {
    "curious": f"{_FITS}    - {{text: Asked us for something, did_at_least: 1, of: [form, reply], within_days: 90}}\n",
    "returning": f"{_FITS}    - {{text: Asked us for something, did_at_least: 1, of: [form, reply], within_days: 90}}\n"
    "    - {text: Came back on another day, days_at_least: 2, within_days: 30}\n",
    "eager": f"{_FITS}    - {{text: Did three kinds of things, kinds_at_least: 3, within_days: 60}}\n"
    "    - {text: Did something on three days, days_at_least: 3, within_days: 60}\n",
}
_INTENT = (
    "    - {text: Showed in the last month that it means to buy, intent_within_days: 30}\n"
    "    - {text: Did something in the last two weeks, acted_within_days: 14}\n"
)
_REACHED = "    - {text: We know who it is and how to reach it, known: [name, reachable]}\n"
_HANDOFF = {
    "asks": "    - {text: Showed in the last month that it means to buy, intent_within_days: 30}\n"
    "    - {text: Asked for a person, did_at_least: 1, of: [hand-raise], within_days: 30}\n",
    "intent": f"{_INTENT}{_REACHED}",
    "answers": f"{_INTENT}    - {{text: Told us about its project, answers_at_least: 1}}\n{_REACHED}",
}
#: the preset whose files the others share
BASE = "saas"
#: where the wheel keeps them, beside this file; in a checkout what the others have of their own, beside ours
FOLDER = "presets"
#: what a preset has of its own
AGREEMENT = "agreement.yaml"

_IGNORED = ".gitignore"
_PREFECT = ("prefect.yaml", "prefect.env", "automations.yaml")
_PARTS = (
    "nurture.yaml", "sequences/**/*", "templates/**/*", "schemas/*.json", "samples/leads.csv", *_PREFECT, _IGNORED
)  # fmt: skip
#: where in nurture.yaml the part begins that each preset has of its own
_WHO_IS_AWAY = "# Who is away takes no leads"
#: the lines of a gate in nurture.yaml
_RULES = r"(?<=\n  {gate}:\n)(    .*\n)+"
#: both departments of a new project sign for themselves
_SIGNED = re.compile(r"(\n    (?:marketing|sales): \{name: )[^,}]+")
#: the lines of .gitignore before this one are about working on nurture itself
_OF_PROJECTS = "# what a running project writes\n"


def contents(root: Path) -> Iterator[Path]:
    """The files of a project in `root` that another one can start from, as paths below it."""
    for part in _PARTS:
        yield from (path.relative_to(root) for path in sorted(root.glob(part)) if path.is_file())


def write(preset: str, target: Path, mql: str | None = None, handoff: str | None = None) -> list[Path]:
    """Start a project in the folder `target`, which may exist; gives the files that were written, as paths below it.

    `mql` and `handoff` (of MQL and HANDOFF) say when a lead is qualified and when sales gets it; left out: as the
    preset has it. A .gitignore that is there already is added to.

    Raises UsageError, and writes nothing, if there is no such preset or something is in the way.
    """
    source = shipped()
    _check(preset, PRESETS, "preset")
    rules = {"mql": _chosen(mql, _MQL, MQL), "sql": _chosen(handoff, _HANDOFF, HANDOFF)}
    files = list(contents(source))
    _see_that_nothing_is_in_the_way(target, files)
    theirs = target / _IGNORED
    ignored = theirs.read_text(encoding="utf-8") if theirs.exists() else ""
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)
    (target / "nurture.yaml").write_text(_agreed(_text_of(preset), rules), encoding="utf-8")
    ours = "".join(theirs.read_text(encoding="utf-8").partition(_OF_PROJECTS)[1:])
    theirs.write_text(f"{ignored.rstrip()}\n\n{ours}" if ignored.strip() else ours, encoding="utf-8")
    return files


def rules_of(preset: str, gate: str) -> list[str]:
    """What a preset itself says of "mql" or "sql": its rules in words."""
    lines = re.search(_RULES.format(gate=gate), _text_of(preset))
    return re.findall(r'\n    - \{text: "?(.+?)"?, \w+:', f"\n{lines[0]}") if lines else []


def shipped() -> Path:
    """What all presets share: the files of the first."""
    here = Path(__file__).parent
    packed = here / FOLDER / BASE
    return packed if packed.is_dir() else here.parent


def _agreement(preset: str) -> Path:
    """What a preset has of its own."""
    here = Path(__file__).parent
    packed = here / FOLDER
    return (packed if packed.is_dir() else here.parent / FOLDER) / preset / AGREEMENT


def _check(word: str, known: Mapping[str, str], what: str) -> None:
    if word not in known:
        there_are = "; ".join(f"{name}, {meaning}" for name, meaning in known.items())
        guess = did_you_mean(word, known) or "."
        raise UsageError(f"There is no {what} '{word}'{guess} There are: {there_are}.")


def _chosen(word: str | None, rules: Mapping[str, str], known: Mapping[str, str]) -> str | None:
    if word is None:
        return None
    _check(word, known, "choice")
    return rules[word]


def _text_of(preset: str) -> str:
    """nurture.yaml with the preset's agreement in the place of its own."""
    text = (shipped() / "nurture.yaml").read_text(encoding="utf-8")
    if preset == BASE:
        return text
    return text.partition(_WHO_IS_AWAY)[0] + _agreement(preset).read_text(encoding="utf-8")


def _agreed(text: str, rules: Mapping[str, str | None]) -> str:
    """The same with the rules that were chosen, and unsigned."""
    from nurture.core.agreement import NOBODY  # the build of the wheel reads this file where no pydantic is

    text = _SIGNED.sub(rf"\1{NOBODY}", text)
    for gate, lines in rules.items():
        if lines is not None:
            text = re.sub(_RULES.format(gate=gate), lines, text)
    return text


def _see_that_nothing_is_in_the_way(target: Path, files: list[Path]) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: name a folder.")
    there = sorted({file.parts[0] for file in files if (target / file.parts[0]).exists()} - {_IGNORED})
    if there:
        raise UsageError(f"In {target} there is already: {', '.join(there)}. Nothing was written: name another folder.")
