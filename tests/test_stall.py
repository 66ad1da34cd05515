"""A qualified lead that makes no progress gets something else, once, and is not sent to and fro."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from models.database import Database
from models.statement import write
from nurture.advance import tick
from nurture.content import load_project
from nurture.enroll import enroll
from nurture.handoff import qualify_due, reject
from nurture.stall import change_track
from tests.office import Office
from tests.support import START, make_ports, write_project

_SENDS = "send: {days: every day, between: 00:00-23:59, timezone: UTC}\n"
#: what leads qualified leads on, what watches over everybody, and what comes for those who stall
COMPARE = (
    "sequence: compare\ntitle: Compare\nowner: marketing\nstage: mofu\n"
    f"enter: {{trigger: stage_changed, when: lead.stage == 'mql', again: always}}\n{_SENDS}"
    "steps: [{email: mofu/one}, {wait: 200 days}, {email: mofu/two}]\n"
)
WATCH = (
    "sequence: watch\ntitle: Watch\nowner: marketing\nstage: tofu\n"
    f"enter: {{trigger: lead_created}}\n{_SENDS}steps: [{{wait: 300 days}}, {{email: tofu/one}}]\n"
)
OTHER = (
    "sequence: other\ntitle: Other\nowner: marketing\nstage: mofu\n"
    f"enter: {{trigger: lead_stalled, when: lead.stage == 'mql', again: always}}\n{_SENDS}"
    "steps: [{email: mofu/other}, {wait: 200 days}]\n"
)
MILL = {"title": "Managing Director", "employees": 120, "industry": "Food", "country": "NO"}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A company with another track for those who stall."""
    return equipped(Office(database, tmp_path), compare=COMPARE, watch=WATCH, other=OTHER)


def equipped(office: Office, **sequences: str) -> Office:
    root = office.ports.project.root
    (root / "sequences" / "welcome.yaml").unlink(missing_ok=True)
    mails = ["mofu/one", "mofu/two", "mofu/other", "tofu/one"]
    write_project(root, sequences=sequences, templates=mails, caps=[], stall={"after_days": 45})
    office.ports = make_ports(office.database, office.clock, office.mailer, load_project(root))
    return office


def qualified(office: Office, email: str = "mona@mill.example") -> None:
    """A lead that marketing has qualified and that is in two sequences."""
    office.add_lead(email, **MILL)
    office.submit("webinar", email)
    enroll(office.ports)
    office.pass_time(days=1)
    office.submit("ebook", email)
    qualify_due(office.ports)
    enroll(office.ports)
    tick(office.ports)


def running(office: Office) -> list[str]:
    return [row.sequence for row in office.rows("SELECT sequence FROM enrollment WHERE state = 'active' ORDER BY id")]


def test_who_stalls_changes_track_once(office: Office) -> None:
    """Statement 54."""
    qualified(office)
    assert running(office) == ["watch", "compare"]
    office.pass_time(days=44)
    assert change_track(office.ports) == 0
    office.pass_time(days=2)
    assert change_track(office.ports) == 1
    assert change_track(office.ports) == 0
    enroll(office.ports)
    assert running(office) == ["watch", "other"]
    ended = office.one("SELECT state, reason FROM enrollment WHERE sequence = 'compare'")
    assert tuple(ended) == ("stopped", "stalled: another track")
    for _ in range(5):
        office.pass_time(days=40)
        assert change_track(office.ports) == 0, "not to and fro"
        enroll(office.ports)
    assert "compare" not in running(office)


def test_whoever_does_something_has_not_stalled(office: Office) -> None:
    qualified(office)
    office.pass_time(days=40)
    office.submit("ebook", message="again")
    office.pass_time(days=40)
    assert change_track(office.ports) == 0
    office.pass_time(days=6)
    assert change_track(office.ports) == 1


def test_what_a_machine_does_is_no_progress(office: Office) -> None:
    qualified(office)
    office.pass_time(days=40)
    email = office.mailer.emails[-1]
    after = (office.clock.now() - START).total_seconds()
    office.tell(*(office.click(email, after, f"/{page}") for page in range(6)))
    office.pass_time(days=6)
    assert change_track(office.ports) == 1


def test_a_lead_that_sales_gave_back_may_stall_again_in_its_next_round(office: Office) -> None:
    qualified(office)
    office.pass_time(days=46)
    assert change_track(office.ports) == 1
    office.submit("demo")
    qualify_due(office.ports)
    assert change_track(office.ports) == 0, "sales has it"
    reject(office.ports, 1, "kari", "not_ready")
    for form in ("webinar", "ebook"):
        office.pass_time(days=1)
        office.submit(form, message="second round")
        qualify_due(office.ports)
    assert office.one("SELECT stage, cycle FROM lead") == ("mql", 2)
    office.pass_time(days=46)
    assert change_track(office.ports) == 1


def test_a_planned_mail_of_the_old_track_is_not_sent(office: Office) -> None:
    qualified(office)
    with office.database.transaction("plan") as connection:
        connection.execute(write("UPDATE message SET state = 'planned' WHERE template = 'mofu/one'"))
    office.pass_time(days=46)
    change_track(office.ports)
    assert office.one("SELECT state FROM message").state == "suppressed"


def test_two_who_look_at_once_change_it_once(office: Office) -> None:
    for number in range(3):
        qualified(office, f"lead{number}@company{number}.example")
    office.pass_time(days=46)
    with ThreadPoolExecutor(3) as workers:
        counts = [done.result() for done in [workers.submit(change_track, office.ports) for _ in range(3)]]
    assert sum(counts) == 3
    assert len(office.rows("SELECT 1 FROM lead_trigger WHERE name = 'lead_stalled'")) == 3


def test_without_another_track_nobody_is_taken_out_of_one(here: Office, tmp_path: Path) -> None:
    office = equipped(here, compare=COMPARE)
    qualified(office)
    office.clock.advance(timedelta(days=100))
    assert change_track(office.ports) == 0
    assert running(office) == ["compare"]
