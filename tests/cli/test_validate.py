"""`nurture validate`: faults at their place, and how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.cli.annotations import annotation
from nurture.errors import Problem
from tests.cli.conftest import Nurture
from tests.office import WELCOME
from tests.support import REPOSITORY


def test_faults_are_shown_at_their_place_and_counted(nurture: Nurture, project: Path) -> None:
    (project / "sequences" / "welcome.yaml").write_text(WELCOME.replace("wait:", "wiat:"))
    answer = nurture("validate")
    assert answer.code == 1
    assert "sequences/welcome.yaml:" in answer.out
    assert "did you mean 'wait'?" in answer.out
    assert answer.out.endswith(" files, 1 error, 0 warnings\n")
    found = nurture("validate", "--json").json
    assert (found["errors"], found["warnings"]) == (1, 0) and found["files"] > 10
    assert found["problems"][0]["file"] == "sequences/welcome.yaml"


def test_only_the_files_asked_for_are_shown(nurture: Nurture, project: Path) -> None:
    (project / "sequences" / "welcome.yaml").write_text(WELCOME.replace("wait:", "wiat:"))
    templates = nurture("validate", "templates")
    assert (templates.code, templates.out.partition(" files, ")[2]) == (0, "0 errors, 0 warnings\n")
    assert nurture("validate", "sequences/welcome.yaml").code == 1
    assert nurture("validate", "/etc").code == 2
    assert nurture("validate", "sequences/nothing.yaml").code == 2


def test_the_shipped_project_is_valid(nurture: Nurture) -> None:
    assert nurture("--project", REPOSITORY, "validate").code == 0


def test_the_rules_that_were_broken_are_named_once_at_the_end(nurture: Nurture, project: Path) -> None:
    assert "docs/rules.md" not in nurture("validate").out
    (project / "sequences" / "welcome.yaml").write_text(WELCOME.replace("wait:", "wiat:") + "prioritty: 3\nownr: x\n")
    lines = nurture("validate").out.splitlines()
    told = "Why, with examples: docs/rules.md#step_kind, #unknown_key"
    assert lines[-2] == f"{told} (`nurture schema --write` writes it)"
    assert "docs/rules.md" not in "".join(lines[:-2])
    assert nurture("schema", "--write").code == 0
    assert nurture("validate").out.splitlines()[-2] == told


def test_the_formats_tell_the_same(nurture: Nurture, project: Path) -> None:
    (project / "sequences" / "welcome.yaml").write_text(WELCOME.replace("wait:", "wiat:"))
    as_text, as_json = nurture("validate", "--format", "text"), nurture("validate", "--format", "json")
    assert as_text == nurture("validate")
    assert as_json == nurture("validate", "--json")
    assert as_json.json["problems"][0]["message"] in as_text.out
    assert nurture("validate", "--format", "xml").code == 2


def test_on_github_a_problem_stands_beside_its_line(
    nurture: Nurture, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = WELCOME.replace("wait:", "wiat:")
    at = text.index("wiat:")
    line, column = text.count("\n", 0, at) + 1, at - text.rindex("\n", 0, at)
    (project / "sequences" / "welcome.yaml").write_text(text)
    answer = nurture("validate", "--format", "github")
    place = f"file=sequences/welcome.yaml,line={line},col={column},title=step_kind"
    first, *_, last = answer.out.splitlines()
    assert first == f"::error {place}::unknown step 'wiat', did you mean 'wait'?"
    assert (answer.code, last.partition(" files")[2]) == (1, ", 1 error, 0 warnings")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.parent))
    assert nurture("validate", "--format", "github").out.startswith("::error file=shop/sequences/welcome.yaml,")


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("a.yaml", 0, 0, "it is\nbroken", "file"), "::error file=a.yaml,title=file::it is%0Abroken"),
        (
            Problem("a,b:c%.yaml", 3, 4, "100% of 'a: b, c'", "colon", "warning"),
            "::warning file=a%2Cb%3Ac%25.yaml,line=3,col=4,title=colon::100%25 of 'a: b, c'",
        ),
    ],
)
def test_what_would_break_an_annotation_is_escaped(problem: Problem, line: str) -> None:
    assert annotation(problem, problem.file) == line
