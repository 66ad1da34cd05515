"""What our own people and visitors look at: templates/alerts and templates/pages, filled in to see that it can be.

They are written by whoever runs the project, not by the authors of mails, but they may come with a pull request like
everything else: so they run in Jinja's sandbox, and what could fill a computer's memory is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from traceback import walk_tb

from jinja2 import (
    BaseLoader,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.content.remedy import column_of
from nurture.content.source import problem_at
from nurture.core.project import ProjectConfig
from nurture.core.questions import POLLS
from nurture.errors import Problem

FOLDERS = ("alerts", "pages")
_BEHIND_BOMBS = (nodes.Mul, nodes.Pow, nodes.Div, nodes.FloorDiv)
_GROWING = (nodes.Concat, nodes.Mod, nodes.Add, nodes.Filter)
_FILTERS = frozenset(
    ("upper", "lower", "title", "capitalize", "trim", "round", "length", "join", "first", "last", "urlencode",
     "default", "d", "e", "escape", "safe", "replace", "list", "int")
)  # fmt: skip
#: what an alert or a page is filled in with, beside the brand; the same names as the real values have
_LINES = ({"text": "asked for prices", "detail": "Tue 24 Nov 14:05 Oslo (2 h ago)"},)
_BRIEF: Mapping[str, object] = {
    "handoff_id": 1, "link": "https://nurture.example.com/h/SAMPLE", "hand_raise": True,
    "headline": "Asks for a person: <b>Bo</b> O'Neil", "who": "<b>Bo</b> O'Neil",
    "role": "Plant manager, Nordvik & Sons", "place": "NO, Tue 24 Nov 14:05 Oslo",
    "email": "bo@example.com", "phone": "+47 55 00 00 00",
    "why_now": "Asked for prices 2 hours ago", "said": "Please call before noon",
    "said_at": "Tue 24 Nov 12:05 Oslo (2 hours ago)",
    "opening": "You asked for our prices.", "grade": "A1", "reasons": _LINES, "acts": _LINES,
    "questions": ("By when would you want it solved?",), "answers": _LINES,
    "checks": ({"text": "Could be our customer", "answer": "yes", "detail": "74 of 100"},),
    "consent": "Agreed to marketing mail", "may_be_mailed": True, "owner": "Kari Lund",
    "assigned_because": "her territory", "due": "Tue 24 Nov 14:10 Oslo (in 5 minutes)", "overdue": False, "answer": "",
    "company": "food, 120 people", "reads_as": "manager, operations", "flags": ("job seeker",),
    "known_there": "2 of 5 people we know there are warm", "colleagues": _LINES, "cold": "Ann <i>Lee</i> (CFO)",
    "returned": "Back for the 2nd time. New since then: Asked for prices", "rounds": _LINES,
    "next_step": "Call, Tue 24 Nov 14:05 Oslo (attempt 1 of 5)", "earlier": _LINES, "language": "Norwegian",
    "do_not_call": True, "given": False, "begun": False, "next_kind": "call",
    "asset": {"title": "Bakeries & more", "url": "https://www.example.com/deck?a=1&b=2"},
}  # fmt: skip
_SAID = {"yes": "Yes", "no": "No", "unknown": "Not sure"}
_DESK: dict[str, object] = {
    "reps": [("tom", "Tom <i>Becker</i>", False), ("eva", "Eva Lang", True)], "pool": "pool", "put_off": "",
    "mornings": {"tomorrow": "Wed 25 Nov 09:00 Oslo"}, "kinds": ("call", "mail"), "outcomes": {"reached": "spoke"},
    "seen": 7, "given": {"project": "Is there a project?"}, "says": _SAID, "asked": {"ready": "Was it ready to talk?"},
    "judges": _SAID, "verdict": {"ready": "no", "note": None}, "open": True, "money": "",
    "deal": {"id": 1, "name": "New <b>hall</b>", "state": "open"},
    "answered": True, "warm": True,
    "replies": _LINES, "log": _LINES, "notice": "Thank you", "fault": "Please choose",
    "filled": {"note": "May"},
}  # fmt: skip
_ENTRY: dict[str, object] = {
    "handoff_id": 1, "path": "/h/SAMPLE", "who": "<b>Bo</b> O'Neil", "role": "CEO", "phone": "+47 55",
    "email": "bo@example.com", "late": True,
    "hand_raise": True, "put_off": False, "due": "Late", "why": "Asked", "todo": "Next: call", "made": "1 of 5",
}  # fmt: skip
_LIST: dict[str, object] = {
    "token": "SAMPLE", "whose": "Kari <b>Lund</b>", "late": 1,
    "entries": [_ENTRY, {**_ENTRY, "path": "", "late": False}],
    "put_off": [{**_ENTRY, "put_off": True}], "pool": [_ENTRY], "deals": [(1, "", _LINES[0])], "notice": "Taken",
    "reps": [("tom", "Tom Becker", False)], "as_of": "Tue 24 Nov 14:05 Oslo", "fault": "Please say who you are.",
}  # fmt: skip
_NOTE: Mapping[str, object] = {
    "lead_id": 1, "who": "<b>Bo</b> O'Neil", "role": "Plant manager, Nordvik & Sons", "place": "NO",
    "email": "bo@example.com", "phone": "+47 55 00 00 00", "grade": "A1", "note": "Clicked the prices",
    "sequence": "First interest", "step": "tofu/night-load", "acts": _LINES,
    "headline": "Bo O'Neil: clicked the prices", "link": "https://nurture.example.com/h/SAMPLE",
}  # fmt: skip
_WAITING: Mapping[str, object] = {
    "title": "Past the promised time", "who": "<b>Bo</b> O'Neil", "role": "Plant manager, Nordvik & Sons",
    "email": "bo@example.com", "phone": "+47 55 00 00 00", "hand_raise": True, "told": "You have not answered yet.",
    "due_for": "Answer", "due": "Tue 24 Nov 14:10 Oslo (2 hours ago)", "overdue": False, "log": _LINES,
    "after": "Tue 24 Nov 15:00 Oslo, if nobody answers, Tom Becker gets the lead.",
    "link": "https://nurture.example.com/h/SAMPLE", "headline": "Past the promised time: <b>Bo</b> O'Neil",
}  # fmt: skip
_COMPANY: Mapping[str, object] = {
    "name": "Nordvik & <b>Sons</b>", "days": 30, "warm": _LINES, "cold": _LINES, "more_warm": 1, "more_cold": 2,
    "headline": "Nordvik & <b>Sons</b> warms up: 3 people in 30 days",
}  # fmt: skip
_ASKED = {"who": "<b>Bo</b> O'Neil", "email": "bo@example.com", "since": "accepted 3 weeks ago",
          "link": "https://nurture.example.com/h/SAMPLE"}  # fmt: skip
_TURNED_DOWN = {"lead_id": 12, "since": "Tue 24 Nov 14:05 Oslo",
                "why": '"Is someone we want to sell to" is no (<b>rival</b>)',
                "command": "nurture leads explain 12"}  # fmt: skip
_LITTLE = {"hand_raise": False, "role": "", "place": "", "phone": "", "said": "", "said_at": "", "reasons": (),
           "acts": (), "overdue": True, "may_be_mailed": False, "after": "", "note": "",
           "answer": "Accepted by Kari Lund", "company": "", "reads_as": "", "flags": (), "known_there": "",
           "colleagues": (), "cold": "", "returned": "", "rounds": (), "next_step": "", "earlier": (), "language": "",
           "do_not_call": False, "given": True, "asset": None, "questions": (), "link": ""}  # fmt: skip


@cache
def environment(root: Path) -> ImmutableSandboxedEnvironment:
    """Jinja for the alerts and pages of the project at `root`. HTML is escaped by its ending, text is not."""
    return _environment(FileSystemLoader(root / "templates", encoding="utf-8-sig"))


@lru_cache(maxsize=4)
def _compiled(files: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    """The same for these texts, each by its file. What did not change is not compiled again to be looked at."""
    texts = dict(files)
    return _environment(FunctionLoader(lambda file: (texts[file], file, None) if file in texts else None))


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    return made


def lint_inhouse(root: Path, config: ProjectConfig) -> list[Problem]:
    """Faults of alerts and pages: those that are missing, cannot be read, or cannot be filled in."""
    folder = root / "templates"
    # they may build on layouts and snippets, too
    raw = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in (*FOLDERS, "_*")
        for path in sorted(folder.glob(f"{part}/*.*"))
    }
    files = {file: text.decode("utf-8-sig", errors="replace") for file, text in raw.items()}
    faults = [problem for file in files if file.startswith(FOLDERS) for problem in _read(file, raw[file], files[file])]
    return faults or list(dict.fromkeys(_tried(config, files)))


def samples(config: ProjectConfig) -> dict[str, list[dict[str, object]]]:
    """File below templates/ -> the values it is tried with, one set after the other."""
    alert: dict[str, object] = {"alert_id": "handoff:1", "n": 1}
    page: dict[str, object] = {"style": ""}
    reasons = config.agreement.reject_reasons
    shown = page | _DESK | {"token": "SAMPLE", "reasons": reasons}
    found: dict[str, list[dict[str, object]]] = {"pages/style.css": [{"colors": config.brand.colors}]}
    for ending in ("html", "txt"):
        found[f"alerts/sales.{ending}"] = [alert | {"brief": brief} for brief in (_BRIEF, {**_BRIEF, **_LITTLE})]
        found[f"alerts/sla.{ending}"] = [alert | {"about": each} for each in (_WAITING, {**_WAITING, **_LITTLE})]
        nobody_else = {**_COMPANY, "cold": (), "more_warm": 0, "more_cold": 0}
        found[f"alerts/surge.{ending}"] = [alert | {"about": each} for each in (_COMPANY, nobody_else)]
        found[f"alerts/day.{ending}"] = [
            alert | {"waiting": [_ASKED | {"role": role, "due": "answer by Tue 24 Nov 12:00"} for role in ("CEO", "")]}
        ]
        found[f"alerts/verdicts.{ending}"] = [alert | {"asked": [_ASKED | {"role": "CEO"}, _ASKED | {"role": ""}]}]
        found[f"alerts/turned-down.{ending}"] = [alert | {"leads": [_TURNED_DOWN]}]
        found[f"alerts/note.{ending}"] = [alert | {"about": note, "n": 2} for note in (_NOTE, {**_NOTE, **_LITTLE})]
    found["pages/handoff.html"] = [
        shown | {"brief": brief, "phase": phase, "faulty": faulty}
        for brief in (_BRIEF, {**_BRIEF, **_LITTLE})
        for phase, faulty in (("free", "take"), ("offered", "reject"), ("accepted", "verdict"), ("closed", ""))
    ]
    found["pages/worklist.html"] = [page | _LIST | {"is_pool": alone} for alone in (False, True)]
    found["pages/message.html"] = [page | {"title": "Thank you", "text": "We have it."}]
    topics = [("guides", "Guides & more", True), ("offers", "Offers", False)]
    wishes = page | {"token": "SAMPLE", "notice": "Saved", "topics": topics, "often": "pause", "paused_until": "24 Nov"}
    agreed = {"wording": config.consent.wording, "token": "SAMPLE"}
    for ending in ("html", "txt"):
        found[f"alerts/confirm.{ending}"] = [alert | agreed | {"link": "https://nurture.example.com/c/SAMPLE"}]
        changed = {"what": "<b>compliance_suspend</b>", "since": "Tue 24 Nov 14:05 Oslo"}
        found[f"alerts/account.{ending}"] = [alert | changed | {"command": "nurture gate open mailer:sendgrid"}]
    found["pages/confirm.html"] = [page | agreed | {"done": done} for done in (False, True)]
    poll = page | {"token": "SAMPLE", "longest": 200, "done": False, "fault": "Please choose an answer."}
    found["pages/poll.html"] = [
        poll | {"asked": name, "question": question, "chosen": next(iter(question.choices), ""), "done": done}
        for name, question in POLLS.items()
        for done in (False, True)
    ]
    found["pages/opt_out.html"] = [wishes | {"left": left} for left in (False, True)]
    return {file: [{"brand": config.brand, **values} for values in each] for file, each in found.items()}


def _read(file: str, raw: bytes, text: str) -> tuple[Problem, ...]:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return (_fault(file, text, line, "this is not saved as UTF-8: save it again with that encoding", "encoding"),)
    return _vet(file, text)


@lru_cache(maxsize=256)
def _vet(file: str, text: str) -> tuple[Problem, ...]:
    """What must not even be compiled."""
    return tuple(_vetted(file, text))


def _vetted(file: str, text: str) -> Iterator[Problem]:
    try:
        tree = ImmutableSandboxedEnvironment().parse(text)
        doubtful = list(tree.find_all((*_BEHIND_BOMBS, nodes.Assign, nodes.AssignBlock, nodes.Filter)))
    except TemplateSyntaxError as error:
        yield _fault(file, text, error.lineno, f"this cannot be read: {error.message}", "template_syntax")
        return
    except RecursionError:
        yield _fault(file, text, 1, "this is nested too deeply", "template")
        return
    for node in doubtful:
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            yield _fault(file, text, node.lineno, f"unknown filter '{node.name}'", "template_filter", node.name)
        elif _may_explode(node):
            message = "this could grow without end: join and reckon where the text stands, with + and - only"
            yield _fault(file, text, node.lineno, message, "template_arithmetic")


def _may_explode(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        sizes = [len(each.value) for each in node.args if isinstance(each, nodes.Const) and isinstance(each.value, str)]
        return node.name == "replace" and (len(sizes) != 2 or sizes[1] > sizes[0])
    if isinstance(node, nodes.Assign | nodes.AssignBlock):
        return next(node.find_all(_GROWING), None) is not None
    return isinstance(node, _BEHIND_BOMBS)


def _tried(config: ProjectConfig, files: Mapping[str, str]) -> Iterator[Problem]:
    compiled = _compiled(tuple(files.items()))
    for file, sets in samples(config).items():
        if file not in files:
            yield Problem(f"templates/{file}", 0, 0, "this is missing: copy it from a new project", "template")
            continue
        for values in sets:
            try:
                if not compiled.get_template(file).render(values).strip():
                    yield Problem(f"templates/{file}", 0, 0, "this is empty: copy it from a new project", "template")
                    break
            # A template may fail in any way at all, and each way is its author's to know.
            except Exception as error:  # noqa: BLE001
                yield _told(error, file, files)
                break


def _told(error: Exception, file: str, files: Mapping[str, str]) -> Problem:
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    place, line = next((one for one in reversed(frames) if one[0] in files), (file, 0))
    text = str(error) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        return _fault(place, files[place], line, f"there is no template '{text}'", "template")
    word = (re.findall(r"'([^']+)'", text) or [""])[-1]
    rule = "unknown_name" if "undefined" in text or "has no attribute" in text else "template"
    message = f"unknown name '{word}'" if rule == "unknown_name" else f"this cannot be filled in: {text}"
    return _fault(place, files[place], line, message, rule, word)


def _fault(file: str, text: str, line: int, message: str, rule: str, word: str = "") -> Problem:
    return problem_at(f"templates/{file}", text, line, column_of(text, line, word), message, rule)
