"""What tests build their worlds from: a small project on disk, and ports put together by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from models.database import Database
from models.statement import write
from nurture.clock import Clock
from nurture.content import Project, load_project
from nurture.enroll import trigger
from nurture.library import Library
from nurture.mail import Mailer
from nurture.ports import Limits, Ports
from nurture.watermark import Watermark
from tests.core.agreements import terms

REPOSITORY = Path(__file__).parent.parent
#: Tuesday 10:00 in Oslo
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)

_ADDRESS = write("INSERT INTO address (id, email, token, version, suppressed_by) VALUES (:id, :email, :token, 0, '')")
_LEAD = write(
    """
    INSERT INTO lead (id, address_id, first_name, legal_ground, timezone, no_sales_contact, stage, stage_since, cycle,
        rejected_times, created_at)
    VALUES (:id, :id, 'Kim', :legal_ground, :timezone, FALSE, :stage, :now, 1, 0, :now)
    """
)
_TEXT = (
    "Subject: About {name}\nPreview: A word on it, and on what else there is to say\n\n"
    "{body}\n{{{{ brand.address }}}}\n{{{{ links.unsubscribe }}}}\n"
)
_HTML = (
    '<html lang="en"><p>{body}</p>'
    '<p>{{{{ brand.address }}}} <a href="{{{{ links.unsubscribe }}}}">No more mail</a></p>\n'
)
_BODY = 'Hello {{ lead.first_name or "there" }}, this is a mail of ten words or even more.'


def write_project(
    root: Path,
    *,
    sequences: Mapping[str, str] | None = None,
    templates: Sequence[str] = (),
    caps: Sequence[str] | None = None,
    **agreement: Any,
) -> Path:
    """A valid project at `root`: these sequences (name -> YAML) and plain mails of these names, with our own alerts
    and pages. Keywords change the agreement of tests/core/agreements.py."""
    config: dict[str, Any] = {
        "brand": {"name": "Acme", "site": "https://acme.example", "address": "Acme AS, Storgata 1, 0155 Oslo, Norway"},
        "sender": {"name": "Nora from Acme", "address": "nora@acme.example"},
        "agreement": terms(**agreement),
    }
    if caps is not None:
        config["caps"] = list(caps)
    _write(root / "nurture.yaml", json.dumps(config, indent=1))
    for name, text in (sequences or {}).items():
        _write(root / "sequences" / f"{name}.yaml", text)
    for name in templates:
        _write(root / "templates" / f"{name}.txt", _TEXT.format(name=name, body=_BODY))
        _write(root / "templates" / f"{name}.html", _HTML.format(body=_BODY))
    for folder in ("alerts", "pages"):
        shutil.copytree(REPOSITORY / "templates" / folder, root / "templates" / folder, dirs_exist_ok=True)
    return root


def add_leads(
    connection: Connection,
    ids: Iterable[int],
    now: datetime,
    *,
    ground: str | None = "consent",
    zone: str | None = None,
    stage: str = "iql",
) -> None:
    """Leads of whom hardly anything is known, with numbers of our choosing, about to be enrolled."""
    rows = [
        {"id": n, "email": f"lead{n}@example.com", "token": f"token{n}", "legal_ground": ground, "timezone": zone,
         "stage": stage, "now": now}
        for n in ids
    ]  # fmt: skip
    connection.execute(_ADDRESS, rows)
    connection.execute(_LEAD, rows)
    trigger(connection, ids, "lead_created", now)


def sample_project() -> Project:
    """The project of this repository."""
    return load_project(REPOSITORY)


def make_ports(
    database: Database, clock: Clock, mailer: Mailer, project: Project, *, limits: Limits | None = None
) -> Ports:
    """Ports over these, with countable ids and the project's sequences in force."""
    library = Library(database, project)
    library.publish(project, clock.now())
    numbers = count(1)
    return Ports(
        database=database,
        clock=clock,
        project=project,
        library=library,
        mailer=mailer,
        watermark=Watermark(),
        new_id=lambda: f"id-{next(numbers):019d}",
        public_url="https://nurture.acme.example",
        limits=limits or Limits(),
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
