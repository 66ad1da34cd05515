"""`nurture validate`: faults at their place, and how many."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Nurture
from tests.office import WELCOME
from tests.support import REPOSITORY


def test_faults_are_shown_at_their_place_and_counted(nurture: Nurture, project: Path) -> None:
    (project / "sequences" / "welcome.yaml").write_text(WELCOME.replace("wait:", "wiat:"))
    answer = nurture("validate")
    assert answer.code == 1
    assert "sequences/welcome.yaml:" in answer.out
    assert "did you mean 'wait'?" in answer.out
    assert answer.out.endswith("6 files, 1 error, 0 warnings\n")
    found = nurture("validate", "--json").json
    assert (found["files"], found["errors"], found["warnings"]) == (6, 1, 0)
    assert found["problems"][0]["file"] == "sequences/welcome.yaml"


def test_only_the_files_asked_for_are_shown(nurture: Nurture, project: Path) -> None:
    (project / "sequences" / "welcome.yaml").write_text(WELCOME.replace("wait:", "wiat:"))
    assert nurture("validate", "templates").out == "4 files, 0 errors, 0 warnings\n"
    assert nurture("validate", "sequences/welcome.yaml").code == 1
    assert nurture("validate", "/etc").code == 2
    assert nurture("validate", "sequences/nothing.yaml").code == 2


def test_the_shipped_project_is_valid(nurture: Nurture) -> None:
    assert nurture("--project", REPOSITORY, "validate").code == 0
