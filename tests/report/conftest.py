"""A project whose mails have topics and subjects, and a company's raw rows on both databases."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from models.database import Database
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.ports import Ports
from tests.office import Recorder
from tests.report.world import fill
from tests.support import START, make_ports, write_project

NOW = START + timedelta(days=1)
_HEAD = """
sequence: {name}
title: About {name}
owner: marketing
stage: tofu
enter: {{trigger: lead_created}}
steps:
"""
WELCOME = (
    _HEAD.format(name="welcome")
    + """
  - email: tofu/one
    topic: guides
    subject: ["One way to say it", "Another way to say it"]
  - wait: 5 days
  - email: tofu/two
    topic: offers
"""
)
OTHER = (
    _HEAD.format(name="other")
    + """
  - email: tofu/three
    subject: ["One", "Two", "Three"]
  - wait: 5 days
  - email: tofu/four
    topic: guides
"""
)


def project_ports(database: Database, root: Path, now: datetime) -> Ports:
    write_project(
        root,
        sequences={"welcome": WELCOME, "other": OTHER},
        templates=[f"tofu/{n}" for n in ("one", "two", "three", "four")],
    )
    path = root / "nurture.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"topics": {"guides": "Guides", "offers": "Offers"}}))
    project = load_project(root)
    assert set(project.sequences) == {"welcome", "other"}
    return make_ports(database, VirtualClock(now), Recorder(), project)


@pytest.fixture(scope="session")
def raw(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ports]:
    """A company with a year behind it, on a database of the kind that is asked for; made once, and only read."""
    made: dict[str, Ports] = {}

    def of(kind: str) -> Ports:
        if kind not in made:
            folder = tmp_path_factory.mktemp(f"year-{kind}")
            database = Database(_copy(request, kind, folder))
            request.addfinalizer(database.close)
            made[kind] = project_ports(database, folder, NOW)
            fill(database, made[kind], NOW, 500)
        return made[kind]

    return of


@pytest.fixture(params=["sqlite", "postgres"])
def filled(request: pytest.FixtureRequest, raw: Callable[[str], Ports]) -> Ports:
    """The company on both databases."""
    return raw(request.param)


@pytest.fixture(scope="session")
def raw_year(raw: Callable[[str], Ports]) -> Ports:
    """The company on SQLite, where the database makes no difference."""
    return raw("sqlite")


def _copy(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    template = request.getfixturevalue(f"{kind}_template")
    if kind == "sqlite":
        shutil.copy(template, folder / "nurture.db")
        return f"sqlite:///{folder / 'nurture.db'}"
    server = request.getfixturevalue("postgres_server")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE test_year TEMPLATE {template} STRATEGY FILE_COPY".encode())
    return f"{server}/test_year"
