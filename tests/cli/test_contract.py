"""What holds for every command: help, exit codes, start-up, plain output."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nurture.cli.screen import printable
from tests.cli.conftest import Nurture

COMMANDS = [
    "init", "demo", "validate", "preview", "send-test", "schema", "test", "diagram",
    "simulate", "plan", "apply", "run", "serve", "status", "doctor", "db upgrade",
    "leads import", "leads list", "leads show", "leads explain", "leads enroll", "leads topics", "leads rescore",
    "leads no-calls", "leads move",
    "handoffs list", "handoffs show", "handoffs accept", "handoffs reject", "handoffs snooze",
    "handoffs reassign", "handoffs take", "handoffs touch", "handoffs judge", "handoffs keep-warm", "handoffs link",
    "handoffs overdue", "reps list", "reps worklist", "reps link",
    "deals list", "deals win", "deals lose", "deals import", "deals left-out",
    "messages list", "messages resolve", "replies list", "replies show", "gate list", "gate close", "gate open",
    "webhooks test", "webhooks retry",
]  # fmt: skip
#: they show what is going on, or print a schema, which is JSON
NO_ANSWER = {"demo", "serve", "schema"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(nurture: Nurture, command: str) -> None:
    answer = nurture(*command.split(), "--help")
    assert (answer.code, "Usage: nurture" in answer.out) == (0, True)
    assert "Example" in answer.out


@pytest.mark.parametrize("command", sorted({*COMMANDS} - NO_ANSWER))
def test_every_command_that_answers_can_do_so_in_json(nurture: Nurture, command: str) -> None:
    assert "--json" in nurture(*command.split(), "--help").out


def test_without_a_command_there_is_help(nurture: Nurture) -> None:
    assert "validate" in nurture().out


def test_a_mistyped_command_is_guessed(nurture: Nurture) -> None:
    answer = nurture("validat")
    assert answer.code == 2
    assert "Did you mean 'validate'?" in answer.err


def test_without_a_project_the_set_up_is_incomplete(nurture: Nurture, tmp_path: Path) -> None:
    answer = nurture("--project", tmp_path, "status")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("Error: There is no nurture.yaml in ")


def test_the_project_can_be_named_or_found_upwards(nurture: Nurture, project: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(project / "templates")
    assert nurture("validate").code == 0
    monkeypatch.chdir("/")
    assert nurture("--project", project, "validate").code == 0


def python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], capture_output=True, check=False, text=True, timeout=60)


@pytest.mark.parametrize("words", [["validate"], ["schema"], ["preview"], ["--help"], ["leads", "--help"]])
def test_start_up_loads_neither_prefect_nor_a_database(project: Path, words: list[str]) -> None:
    program = (
        "import sys; from nurture.cli import main; code = main(sys.argv[1:]);"
        "heavy = {'prefect', 'sqlmodel', 'sqlalchemy', 'aiohttp', 'fastapi'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else code)"
    )
    ended = python("-c", program, *words)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_no_command_loads_prefect(project: Path) -> None:
    program = "import sys; from nurture.cli import main; main(['status']); sys.exit('prefect' in sys.modules)"
    assert python("-c", program).returncode == 0


def test_it_runs_as_a_module_too(project: Path) -> None:
    ended = python("-m", "nurture", "validate")
    assert ended.returncode == 0
    assert re.fullmatch(r"\d+ files, 0 errors, 0 warnings\n", ended.stdout)


def test_nothing_is_colored_where_nobody_looks_at_a_terminal(nurture: Nurture, project: Path) -> None:
    answer = nurture("leads", "import", "leads.csv")
    assert "\x1b" not in answer.out + answer.err


def test_what_a_lead_typed_cannot_steer_a_terminal() -> None:
    assert printable("Mona\x1b[31m\nBerg\x07 Ødegård") == "Mona\ufffd[31m\nBerg\ufffd Ødegård"
