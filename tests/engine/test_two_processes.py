"""Two processes at once on one database: every mail leaves once, whoever gets there first."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.database import Database
from nurture.advance import tick
from nurture.clock import Budget, VirtualClock
from nurture.content import load_project
from nurture.enroll import enroll
from nurture.mail import Email, Outcome, Receipt
from nurture.ports import Limits
from nurture.runtime import new_id
from tests.engine.conftest import START, Company
from tests.support import make_ports

LEADS = 400


@dataclass
class SharedLog:
    """A provider that several processes write to: one line a mail, appended whole."""

    path: Path
    name: str = "sendgrid"
    idempotent: bool = False
    connections: int = 5

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        lines = "".join(f"{os.getpid()} {email.message_id}\n" for email in emails)
        descriptor = os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        os.write(descriptor, lines.encode())
        os.close(descriptor)
        return [Receipt(email.attempt_id, Outcome.ACCEPTED) for email in emails]

    def close(self) -> None:
        """Nothing to let go of."""


def work(url: str, root: Path, log: Path, start: Any) -> None:
    """One process: enroll and send until nothing is due."""
    database = Database(url)
    ports = make_ports(database, VirtualClock(START), SharedLog(log), load_project(root), limits=Limits(claim=50))
    ports = replace(ports, new_id=new_id)
    start.wait()
    enroll(ports)
    tick(ports)
    database.close()


def test_two_processes_send_nothing_twice_and_forget_nobody(company: Company, tmp_path: Path) -> None:
    company.add_leads(LEADS)
    log = tmp_path / "sent.log"
    url = company.database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    processes = [context.Process(target=work, args=(url, company.root, log, start)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0, 0]
    sent = Counter(line.split()[1] for line in log.read_text().splitlines())
    assert len(sent) == LEADS
    assert set(sent.values()) == {1}
    assert company.one("SELECT COUNT(*) FROM message WHERE state = 'accepted'") == LEADS
    assert company.one("SELECT COUNT(*) FROM attempt WHERE state <> 'accepted'") == 0
