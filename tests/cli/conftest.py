"""A project on disk, and the command line called in it: words in, an answer and an exit code out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.statement import write
from nurture.cli import main
from nurture.runtime import opened
from tests.office import WELCOME
from tests.support import REPOSITORY, write_project

CSV = """email,first_name,company,country,source,legal_ground
mona@mill.example.com,Mona,Mill AS,NO,ebook,consent
omar@oven.example.com,Omar,Oven Ltd,GB,call-me,consent
pia@press.example.com,Pia,Press AB,SE,,
"""


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert found.pop("schema_version") == 1
        return found


Nurture = Callable[..., Answer]


def where_it_is_noon() -> str:
    """A time zone in which no day ends while these tests run: a command has the real clock, and mail rests for a
    minute before midnight."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one sequence and a fresh database, to be copied."""
    root = tmp_path_factory.mktemp("template") / "shop"
    welcome = WELCOME.replace("timezone: UTC", f"timezone: {where_it_is_noon()}")
    write_project(root, sequences={"welcome": welcome}, templates=["tofu/one", "tofu/two"], caps=[])
    with opened(root):
        pass
    (root / "leads.csv").write_text(CSV)
    return root


@pytest.fixture
def project(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "shop"
    shutil.copytree(shop, root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    return root


@pytest.fixture
def nurture(capsys: pytest.CaptureFixture[str]) -> Nurture:
    def call(*words: object) -> Answer:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@contextmanager
def started(*words: object) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, which outlives neither the `with` nor two minutes."""
    command = [sys.executable, "-m", "nurture", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        alarm = threading.Timer(120, process.kill)
        alarm.start()
        try:
            yield process
        finally:
            alarm.cancel()
            process.kill()


def execute(project: Path, sql: str) -> None:
    with opened(project) as ports, ports.database.transaction("test") as connection:
        connection.execute(write(sql))


def mails(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "outbox").glob("*.eml"))


@pytest.fixture
def imported(nurture: Nurture, project: Path) -> Path:
    nurture("leads", "import", "leads.csv")
    return project


@pytest.fixture
def offered(nurture: Nurture, imported: Path) -> Path:
    nurture("run")
    return imported
