"""The table of rules: it is complete, its examples are what they say, and docs/rules.md follows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nurture.content import Templates, load_project, parse_sequence
from nurture.content.faults import check
from nurture.content.lint import lint_sequence, lint_templates
from nurture.content.pages import rules_page
from nurture.content.rehearsals import FOLDER, read_rehearsals
from nurture.content.rules import GROUPS, RULES, Rule, page_of
from nurture.content.source import read_yaml
from nurture.content.terms import odd_terms
from nurture.core.project import ProjectConfig
from nurture.errors import Problem
from tests.content.examples import merged
from tests.content.projects import HTML, ROOT, SEQUENCE, TEXT, shipped, write_project

SHOWN = {rule_id: rule for rule_id, rule in RULES.items() if rule.kind != "words"}
TESTS = "sequence: try-out\ntests: []\n"
Faults = Callable[[Rule, str], list[Problem]]
#: who makes a problem -> which of its arguments, counted from 0, is the rule
MAKERS = {"Problem": 4, "problem_at": 5, "problem": 2, "_fault": 2, "fault": 0, "text_as": 0}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("rules"))


def _templates(root: Path) -> Templates:
    config = shipped().config
    return Templates(root / "templates", config.brand.model_dump(), config.sender.model_dump())


@pytest.fixture
def faults(root: Path, tmp_path: Path) -> Faults:
    return lambda rule, text: _faults(root, tmp_path, rule, text)


def _faults(root: Path, folder: Path, rule: Rule, text: str) -> list[Problem]:
    match rule.kind:
        case "sequence":
            return _sequence_faults(root, merged(SEQUENCE, text))
        case "project":
            document = read_yaml(merged((ROOT / "nurture.yaml").read_text(encoding="utf-8"), text), "nurture.yaml")
            config, problems = check(ProjectConfig, document)
            return [*document.problems, *problems, *(odd_terms(document, config) if config else ())]
        case "test":
            project = load_project(write_project(folder, {f"{FOLDER}/try-out.yaml": merged(TESTS, text)}))
            return read_rehearsals(project)[1]
        case _:
            parts = {"html": HTML, "text": TEXT, rule.kind: text}
            mails = {
                f"templates/tofu/welcome.{'txt' if kind == 'text' else kind}": part for kind, part in parts.items()
            }
            project = write_project(folder, mails)
            if rule.kind == "mjml":
                (project / "templates/tofu/welcome.html").unlink()
            return lint_templates(_templates(project))


def _sequence_faults(root: Path, text: str) -> list[Problem]:
    sequence, problems = parse_sequence(text, "sequences/try-out.yaml", shipped().config)
    if sequence:
        problems += lint_sequence(read_yaml(text, "sequences/try-out.yaml"), shipped().config, _templates(root), set())
    return problems


@pytest.mark.parametrize("rule_id", SHOWN)
def test_the_example_of_a_rule_breaks_that_rule_and_no_other(faults: Faults, rule_id: str) -> None:
    assert {problem.rule for problem in faults(RULES[rule_id], RULES[rule_id].bad)} == {rule_id}


@pytest.mark.parametrize("rule_id", SHOWN)
def test_the_mended_example_breaks_no_rule(faults: Faults, rule_id: str) -> None:
    assert faults(RULES[rule_id], RULES[rule_id].good) == []


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_is_told_in_a_line_with_its_reason_and_both_examples(rule_id: str) -> None:
    rule = RULES[rule_id]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", rule_id)
    assert "\n" not in rule.meaning + rule.why
    assert rule.meaning.endswith((".", ").")) and rule.why.endswith(".")
    assert rule.bad and rule.good and rule.bad != rule.good
    assert rule.kind == "words" or (rule.bad.endswith("\n") and rule.good.endswith("\n"))


def test_a_rule_stands_in_one_group_only() -> None:
    assert len(RULES) == sum(len(rules) for rules in GROUPS.values())


def _rules_named(source: str) -> Iterator[str]:
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            for argument in call.args[MAKERS.get(name, 99) :][:1]:
                if isinstance(argument, ast.Constant) and re.fullmatch("[a-z_]+", str(argument.value)):
                    yield argument.value


def test_every_rule_that_the_code_names_is_in_the_table() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for part in ("content", "core")
        for path in (ROOT / "nurture" / part).rglob("*.py")
    ]
    named = {rule for source in sources for rule in _rules_named(source)}
    assert len(named) > 20
    assert named - RULES.keys() == set()


def test_every_rule_in_the_table_is_named_somewhere_in_the_code() -> None:
    files = [
        path
        for part in ("content", "core")
        for path in (ROOT / "nurture" / part).rglob("*.py")
        if "rules" not in path.parts
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert {rule_id for rule_id in RULES if f'"{rule_id}"' not in code} == set()


def test_the_page_has_a_section_for_each_rule() -> None:
    sections = re.findall(r"^### (\w+)$", rules_page(), re.MULTILINE)
    assert sections == list(RULES)
    assert page_of(["time", "template"]) == "docs/rules.md#time, #template"
