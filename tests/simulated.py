"""A small project whose leads do a lot, and simulations of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import Database
from nurture import simulate as sim
from nurture.content import load_project
from nurture.simulate.acts import Act, Mail, Offer
from tests.support import write_project

#: a Monday, before anybody's office hours in Europe
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

WELCOME = """
sequence: welcome
title: Welcome
owner: marketing
stage: tofu
enter:
  trigger: lead_created
goal:
  when: lead.stage in ['mql', 'sql']
send:
  between: 09:00-16:30
  timezone: lead or Europe/Oslo
  holidays: skip
  spread: 15 minutes
priority: 6
steps:
  - email: tofu/one
  - wait_for: clicked('tofu/one')
    at_most: 3 days
    if_not:
      - tag: silent
      - email: tofu/two
      - wait: until tuesday 10:00
  - email: tofu/three
  - wait: 2 business days
  - promote: mql
  - email: mofu/four
"""
QUALIFIED = """
sequence: qualified
title: Qualified
owner: marketing
stage: mofu
enter:
  trigger: [stage_changed, form_submitted]
  when: lead.stage == 'mql'
  again: after 5 days
priority: 2
steps:
  - email: mofu/four
    stale_after: 5 days
  - split:
      - share: 50%
        steps: [{wait: 2 days}]
      - share: 50%
        steps: [{wait: 1 day}, {set: {asset: prices}}]
  - email: mofu/five
    once: true
"""
BACK = """
sequence: back
title: Back again
owner: marketing
stage: mofu
enter:
  trigger: handoff_rejected
  when: lead.stage == 'recycled'
send:
  days: every day
  between: 00:00-23:59
steps:
  - email: mofu/five
"""
#: sales gives leads back for a short while only, so that they are seen to come back
REASONS = {
    "not_ready": {"label": "Not ready yet", "track": "recycle", "after_days": 1},
    "wrong_fit": {"label": "Wrong fit", "track": "disqualify"},
    "other": {"label": "Something else", "track": "recycle", "after_days": 1, "needs_note": True},
}
TEMPLATES = ("tofu/one", "tofu/two", "tofu/three", "mofu/four", "mofu/five")
LINKS = '<p><a href="https://acme.example/guide">Guide</a> <a href="https://acme.example/pricing">Prices</a></p>\n'

COUNTRIES = ("NO", "GB", "US", "JP", "BR", "SE")
CSV = "email,first_name,company,title,employees,industry,country,phone,legal_ground\n" + "".join(
    f"lead{n}@mill{n % 7}.example.com,Kim,Mill {n},{'CEO' if n % 2 else 'Clerk'},120,Food,{COUNTRIES[n % 6]},"
    f"+47 22 00 00 00,{'consent' if n % 9 else ''}\n"
    for n in range(1, 11)
)
MONA = "email,first_name,company,title,employees,industry,country,phone,legal_ground\n" + (
    "mona@mill.example.com,Mona,Mill,CEO,120,Food,NO,+47 22 00 00 00,consent\n"
)
#: readers who do a lot, so that a few leads show everything
LIVELY = sim.Rates(
    dead=0.05,
    scanners=0.3,
    clicks={"tofu": 0.5, "mofu": 0.6},
    interest={"tofu": 0.4},
    intent={"tofu": 0.3},
    hand_raises={"tofu": 0.15},
    returns=0.6,
    visits=0.4,
    opt_outs=0.05,
    complaints=0.01,
    accepted=(0.0, 0.3),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    sequences = {"welcome": WELCOME, "qualified": QUALIFIED, "back": BACK}
    write_project(root, sequences=sequences, templates=TEMPLATES, caps=["3 per 5 days"], reject_reasons=REASONS)
    for name in TEMPLATES:
        with (root / "templates" / f"{name}.html").open("a") as html:
            html.write(LINKS)
    return root


@dataclass
class Noted:
    """An audience that also remembers what it did."""

    audience: sim.ByChance | sim.Script
    acts: list[Act] = field(default_factory=list)

    def arrive(self, addresses: Sequence[str], start: datetime) -> list[Act]:
        return self._note(list(self.audience.arrive(addresses, start)))

    def read(self, mail: Mail) -> list[Act]:
        return self._note(list(self.audience.read(mail)))

    def answer(self, offer: Offer) -> list[Act]:
        return self._note(list(self.audience.answer(offer)))

    def _note(self, acts: list[Act]) -> list[Act]:
        self.acts += acts
        return acts


@dataclass
class Run:
    """A simulation that was played."""

    world: sim.World
    played: sim.Played
    result: sim.Result
    acts: list[Act]
    moments: list[datetime]

    def way(self, lead: str) -> sim.Timeline:
        found = sim.timeline(self.world, self.played, lead)
        assert found is not None
        return found

    @property
    def mails(self) -> list[tuple[datetime, str, str]]:
        return sent(self.world.ports.database)


def simulate(
    root: Path, *, seed: int = 1, days: float = 6, audience: sim.ByChance | sim.Script | None = None, csv: str = CSV
) -> Run:
    loaded = load_project(root)
    world = sim.new_world(loaded, START, seed)
    sim.import_into(world, io.BytesIO(csv.encode()), "leads.csv")
    noted = Noted(audience or sim.ByChance(seed, loaded.config.agreement, LIVELY))
    moments: list[datetime] = []
    played = sim.play(world, noted, START + timedelta(days=days), moments.append)
    never = getattr(noted.audience, "never", ())
    return Run(world, played, sim.collect(world, START + timedelta(days=days), never), noted.acts, moments)


def sent(database: Database) -> list[tuple[datetime, str, str]]:
    """(when, to whom, what) of every mail that left."""
    query = """
        SELECT a.started_at, d.email, m.template FROM attempt a JOIN message m ON m.id = a.message_id
        JOIN lead l ON l.id = m.lead_id JOIN address d ON d.id = l.address_id
        WHERE a.state = 'accepted' ORDER BY a.started_at, d.email, m.template"""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def read_script(root: Path, folder: Path, source: str) -> sim.Script:
    (folder / "script.yaml").write_text(source)
    return sim.read_script(folder / "script.yaml", load_project(root).config)
