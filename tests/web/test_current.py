"""An app that runs for months goes by what was saved and applied meanwhile, without a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nurture import signed
from nurture.content import load_project
from nurture.web import create_app
from tests.office import START, Office
from tests.support import write_project
from tests.web.conftest import Visitor

AGREED = {side: {"name": "Ida", "date": "2026-03-03"} for side in ("marketing", "sales")}


@pytest.fixture
def office(office: Office) -> Office:
    """With an agreement in force."""
    ports = office.ports
    office.ports = replace(ports, project=signed.follow(office.database, ports.project, START))
    return office


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=[], report_token="the-report"))


def save(root: Path, **changes: Any) -> None:
    """Edit nurture.yaml."""
    config = json.loads((root / "nurture.yaml").read_text())
    (root / "nurture.yaml").write_text(json.dumps(config | changes, indent=1))


def test_a_form_that_was_signed_and_applied_meanwhile_is_taken(office: Office, visitor: Visitor) -> None:
    project = office.ports.project
    assert visitor.post("/f/talk", data={"email": "mona@mill.example"}).status_code == 404
    root = write_project(project.root, hand_raise={"forms": ["demo", "talk"]}, agreed_by=AGREED)
    assert visitor.post("/f/talk", data={"email": "mona@mill.example"}).status_code == 404  # not in force yet
    signed.apply(office.database, signed.follow(office.database, load_project(root), START), START)
    assert visitor.post("/f/talk", data={"email": "mona@mill.example"}).status_code == 303
    assert office.one("SELECT stage FROM lead").stage == "sql"


def test_who_is_away_gets_no_more_leads_from_when_it_is_saved(office: Office, visitor: Visitor) -> None:
    visitor.post("/f/demo", data={"email": "mona@mill.example"})
    first = office.one("SELECT owner FROM handoff").owner
    save(
        office.ports.project.root, absences=[{"owner": first, "from": START.date().isoformat(), "until": "2026-03-20"}]
    )
    visitor.post("/f/demo", data={"email": "ola@dairy.example"})
    visitor.post("/f/demo", data={"email": "ann@bakery.example"})
    owners = [row.owner for row in office.rows("SELECT owner FROM handoff ORDER BY id")]
    assert owners[0] == first and first not in owners[1:]


def test_a_new_topic_is_offered_and_a_faulty_file_changes_nothing(
    office: Office, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    office.add_lead("mona@mill.example")
    page = f"/u/{office.one('SELECT token FROM address').token}"
    save(office.ports.project.root, topics={"guides": "How-to guides"})
    assert "How-to guides" in visitor.get(page).text
    (office.ports.project.root / "nurture.yaml").write_text("brand: [")
    assert "How-to guides" in visitor.get(page).text
    assert "the project cannot be read" in caplog.text
