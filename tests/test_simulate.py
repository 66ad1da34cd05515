"""Simulation: the same mails at the same times as in earnest, from a clock that jumps; and nobody is mailed."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import select, text

from models.base import SQLModel
from models.database import Database
from nurture import gates
from nurture import simulate as sim
from nurture.advance import tick
from nurture.cli.simulate import values
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.enroll import enroll
from nurture.leads import import_leads
from nurture.mail.outbox import OutboxMailer
from nurture.rounds import run_round
from nurture.simulate.acts import Act, tell
from nurture.simulate.post import Taken
from tests.simulated import CSV, MONA, START, root, sent, simulate
from tests.support import make_ports

__all__ = ["root"]


# --- the same as in earnest


@pytest.mark.parametrize("seed", [3, 5])
def test_a_simulation_and_a_plain_run_send_the_same_mails_at_the_same_times(
    root: Path, tmp_path: Path, sqlite_database: Database, seed: int
) -> None:
    """The plain run works every other hour as well, so whatever the simulation jumped over would show."""
    run = simulate(root, seed=seed)
    chance = random.Random(seed)
    hours = [START + timedelta(hours=2 * n, minutes=chance.randrange(120)) for n in range(6 * 12)]
    plain = Plain(root, tmp_path, sqlite_database)
    for moment in sorted({*run.moments, *(hour for hour in hours if hour < run.result.until)}):
        rounds = 3 if moment in run.moments else 1
        plain.work_at(moment, [act for act in run.acts if act.told_at <= moment], rounds)
        run.acts[:] = [act for act in run.acts if act.told_at > moment]
    assert sent(sqlite_database) == run.mails
    assert plain.mailbox() == sorted((to, template) for _, to, template in run.mails)
    assert {"mql", "sql", "recycled"} <= {one.to_stage for one in run.result.moved}
    assert {"welcome", "qualified", "back"} == {one.sequence for one in run.result.sent}  # enough happened to tell


class Plain:
    """`nurture run` with the outbox mailer on a database file, told the same acts about its own mails."""

    def __init__(self, root: Path, folder: Path, database: Database) -> None:
        self.clock, self.folder = VirtualClock(START), folder / "outbox"
        mailer = OutboxMailer(self.folder, self.clock)
        self.ports = make_ports(database, self.clock, mailer, load_project(root))
        self.world = sim.World(self.ports, self.clock, None, START)  # type: ignore[arg-type]
        stream = io.BytesIO(CSV.encode())
        import_leads(database, self.clock, stream, file="leads.csv", new_token=self.ports.new_id)

    def work_at(self, moment: datetime, acts: Sequence[Act], rounds: int) -> None:
        self.clock.move_to(moment)
        tell(self.world, [self._mine(act) for act in acts])
        for _ in range(rounds):
            run_round(self.ports)

    def mailbox(self) -> list[tuple[str, str]]:
        """(to whom, what) of the files in the outbox that are no alerts."""
        mails = [message_from_bytes(path.read_bytes()) for path in self.folder.glob("*.eml") if path.stem.isdecimal()]
        found = [(re.search(r"[\w.]+@[\w.]+", mail["To"]), mail["Subject"].removeprefix("About ")) for mail in mails]
        return sorted((address[0], subject) for address, subject in found if address)

    def _mine(self, act: Act) -> Act:
        """The same act about the mail, or the handoff, of this run."""
        if act.mail is None:
            return act
        query = """
            SELECT m.id, a.id AS attempt FROM attempt a JOIN message m ON m.id = a.message_id
            JOIN lead l ON l.id = m.lead_id JOIN address d ON d.id = l.address_id
            WHERE d.email = :to AND m.template = :template AND a.started_at <= :at ORDER BY a.started_at DESC"""
        about = {"to": act.address, "template": act.mail.template, "at": f"{act.mail.at:%Y-%m-%d %H:%M:%S.%f}"}
        with self.ports.database.reading() as connection:
            row = connection.execute(text(query), about).first()
        assert row is not None
        email = replace(act.mail.taken.email, message_id=str(row.id), attempt_id=row.attempt)
        return replace(act, mail=replace(act.mail, taken=Taken(act.mail.at, email)))


def test_the_same_seed_gives_the_same_result_and_another_seed_another(root: Path) -> None:
    first, again, other = (simulate(root, days=1, seed=seed) for seed in (1, 1, 2))
    assert values(first.result) == values(again.result)
    assert first.way("5") == again.way("5")
    assert values(first.result) != values(other.result)


def test_time_jumps_over_days_on_which_nothing_is_due(root: Path) -> None:
    run = simulate(root, days=900, csv="\n".join(CSV.splitlines()[:2]), audience=sim.Script([]))
    assert [template for _, _, template in run.mails] == ["tofu/one", "tofu/two", "tofu/three", "mofu/four"]
    assert run.played.moments < 25
    assert run.world.clock.now() == START + timedelta(days=900)


def test_what_is_stopped_stays_where_it_is_and_time_goes_on(root: Path) -> None:
    world = sim.new_world(load_project(root), START, 1)
    sim.import_into(world, io.BytesIO(CSV.encode()), "leads.csv")
    with world.ports.database.transaction("close") as connection:
        gates.close(connection, "everything", "wrong price", START, by="test")
    sim.play(world, sim.Script([]), START + timedelta(days=30))
    assert sent(world.ports.database) == []


# --- real leads


def test_real_leads_go_on_from_where_they_stand_and_their_database_is_only_read(
    root: Path, tmp_path: Path, database: Database
) -> None:
    clock = VirtualClock(START + timedelta(hours=4))
    ports = make_ports(database, clock, OutboxMailer(tmp_path / "outbox", clock), load_project(root))
    import_leads(database, clock, io.BytesIO(MONA.encode()), file="leads.csv", new_token=ports.new_id)
    enroll(ports)
    tick(ports)
    before = dump(database)
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
    world = sim.new_world(ports.project, clock.now() + timedelta(hours=1), 1)
    sim.copy_into(world, database)
    assert dump(world.ports.database) == before
    sim.play(world, sim.Script([]), clock.now() + timedelta(days=20))
    assert [template for _, _, template in sent(world.ports.database)] == [
        "tofu/one",
        "tofu/two",
        "tofu/three",
        "mofu/four",
    ]
    assert dump(database) == before
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1


def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }
