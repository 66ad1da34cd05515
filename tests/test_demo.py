"""The demo without Prefect: it tells one story, the story is true, and it touches nothing that is not its own."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, text

from models.database import Database
from nurture.clock import VirtualClock
from nurture.demo.plain import without_scheduler
from nurture.demo.stage import SAMPLES, SAMPLES_END, as_of, opening_night, set_up
from nurture.demo.story import Told, tell
from nurture.demo.summary import show
from nurture.errors import UsageError
from nurture.leads import import_leads
from tests.support import REPOSITORY

NOW = datetime(2027, 3, 4, 15, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """A demo that is over: what was told, and what lies in its folder."""

    root: Path
    told: Told
    said: tuple[str, ...]
    summary: str

    def rows(self, sql: str, **values: object) -> list[Row[Any]]:
        database = Database(f"sqlite:///{self.root / 'nurture.db'}")
        try:
            with database.reading() as connection:
                return list(connection.execute(text(sql), values))
        finally:
            database.close()

    def mails(self) -> list[Any]:
        """The mails to leads in the outbox."""
        paths = (path for path in (self.root / "outbox").glob("*.eml") if path.stem.isdecimal())
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def mails_to(self, lead_id: int) -> int:
        return len(self.rows("SELECT id FROM message WHERE lead_id = :id AND state = 'accepted'", id=lead_id))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    root = copy_project(tmp_path_factory.mktemp("demo"))
    clock, said, stream = VirtualClock(opening_night(NOW)), list[str](), StringIO()
    with set_up(root, clock) as ports:
        told = tell(ports, clock, root / "outbox", without_scheduler(ports), said.append)
        show(ports, told, root / "outbox", stream)
    return Played(root, told, tuple(said), stream.getvalue())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    return copy_project(tmp_path)


def copy_project(root: Path) -> Path:
    shutil.copy(REPOSITORY / "nurture.yaml", root)
    for folder in ("sequences", "templates", "samples"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    return root


def test_hundreds_are_mailed_and_nobody_twice(played: Played):
    mails = played.mails()
    assert len(mails) > 800
    assert len(mails) == played.rows("SELECT COUNT(*) AS n FROM message WHERE state = 'accepted'")[0].n
    repeated = [mail for mail, times in Counter((mail["To"], mail["Subject"]) for mail in mails).items() if times > 1]
    assert repeated == []


def test_the_faults_told_are_those_of_the_file(played: Played, sqlite_database: Database):
    clock = VirtualClock(datetime.combine(SAMPLES_END + timedelta(days=1), datetime.min.time(), UTC))
    stream = BytesIO((REPOSITORY / SAMPLES).read_bytes())
    report = import_leads(
        sqlite_database, clock, stream, file=str(SAMPLES), new_token=iter(map(str, range(999))).__next__
    )
    assert played.told.imported.faults == report.faults
    assert played.told.imported.left_out >= 14


def test_sales_hears_of_two_leads_accepts_one_and_rejects_one(played: Played):
    cast = played.told.cast
    handoffs = {row.lead_id: row.state for row in played.rows("SELECT lead_id, state FROM handoff")}
    stages = {row.id: row.stage for row in played.rows("SELECT id, stage FROM lead")}
    assert handoffs == {cast.caller.lead_id: "accepted", cast.buyer.lead_id: "rejected"}
    assert (stages[cast.caller.lead_id], stages[cast.buyer.lead_id]) == ("customer", "recycled")


def test_whoever_bought_is_welcomed_and_gets_nothing_for_prospects_any_more(played: Played):
    """Statement 57: from accepting to the deal that was won to the first months."""
    caller = played.told.cast.caller.lead_id
    enrolled = played.rows("SELECT sequence, state FROM enrollment WHERE lead_id = :id AND state = 'active'", id=caller)
    assert [row.sequence for row in enrolled] == ["first-months"]
    assert played.mails_to(caller) == 2, "the first mail, from before, and the welcome"
    (deal,) = played.rows("SELECT state, amount, currency FROM opportunity")
    assert tuple(deal) == ("won", 226_000, "EUR")


def test_each_handoff_reached_its_owner_and_the_team_by_mail(played: Played):
    mails = [path.read_text(errors="replace") for path in (played.root / "outbox").glob("alert-*.eml")]
    alerts = [mail for mail in mails if "/h/" in mail]
    assert len(alerts) == 4
    assert sum("To: sales@fjordlight.example.com" in alert for alert in alerts) == 2


def test_whoever_came_back_is_marketing_qualified_and_gets_the_next_sequence(played: Played):
    for actor in (*played.told.cast.returning, played.told.cast.price_hunter):
        (lead,) = played.rows("SELECT stage FROM lead WHERE id = :id", id=actor.lead_id)
        assert lead.stage == "mql"
        assert played.mails_to(actor.lead_id) == 2


def test_nobody_is_mailed_who_must_not_be(played: Played):
    cast = played.told.cast
    for actor in (cast.opts_out, cast.bounces, cast.complains):
        assert played.mails_to(actor.lead_id) == 1, "only the first mail, from before"


def test_a_scanner_earns_no_points_and_opts_nobody_out(played: Played):
    for actor in played.told.cast.scanned:
        clicks = played.rows("SELECT verdict FROM event WHERE lead_id = :id AND kind = 'clicked'", id=actor.lead_id)
        assert [row.verdict for row in clicks] == ["machine"] * len(actor.mail.links)
        assert played.mails_to(actor.lead_id) == 2


def test_nothing_lies_in_the_future(played: Played):
    latest = played.rows("SELECT MAX(started_at) AS at FROM attempt")[0].at
    assert str(latest) < NOW.isoformat(" ")


def test_what_was_said_is_what_happened(played: Played):
    waves = [said for said in played.told.runs if said.startswith("advance")]
    sent = sum(int(word) for said in waves for word, what in pairs(said) if what == "sent")
    between = played.rows("SELECT COUNT(*) AS n FROM attempt WHERE message_id IS NOT NULL")[0].n - sent
    assert sent > 700
    assert 0 < between < 100, "the rest was mailed by the quiet hours' rounds"


def pairs(said: str) -> list[tuple[str, str]]:
    words = said.replace(",", " ").split()
    return [(count, what) for count, what in pairwise(words) if count.isdecimal()]


def test_the_summary_names_who_was_promoted_why_and_what_comes_next(played: Played):
    cast = played.told.cast
    for expected in (
        "520 leads came in; 15 rows",
        "asked for a person (call-me)",
        "rejected: Not ready yet",
        "Our winter contract ends in January",
        "the budget is set in February",
        "2 mails in 7 days already",
        f"nurture leads explain {cast.returning[0].lead_id}",
        "no more mail",
    ):
        assert expected in " ".join(played.summary.split())


def test_the_same_cast_plays_each_time(played: Played, project: Path):
    clock = VirtualClock(opening_night(NOW + timedelta(weeks=52)))
    with set_up(project, clock) as ports:
        story = tell(ports, clock, project / "outbox", without_scheduler(ports), lambda _: None)
    assert [actor.lead_id for actor in story.cast.readers] == [actor.lead_id for actor in played.told.cast.readers]
    assert story.cast.buyer.lead_id == played.told.cast.buyer.lead_id


def test_a_demo_makes_room_for_the_next_one(project: Path):
    clock = VirtualClock(opening_night(NOW))
    for _ in range(2):
        with set_up(project, clock) as ports:
            with ports.database.reading() as connection:
                assert connection.execute(text("SELECT COUNT(*) FROM lead")).scalar_one() == 0
            (project / "outbox" / "1.eml").write_text("a mail of this demo")
            add_a_lead(ports.database, clock)


def test_a_database_that_is_not_a_demos_is_left_alone(project: Path):
    clock = VirtualClock(opening_night(NOW))
    with set_up(project, clock) as ports:
        add_a_lead(ports.database, clock)
        with ports.database.transaction("earnest") as connection:
            connection.execute(text("UPDATE installation SET demo = FALSE"))
    before = (project / "nurture.db").read_bytes()
    with pytest.raises(UsageError, match=r"nurture\.db holds leads that are not a demo's"), set_up(project, clock):
        pass
    assert (project / "nurture.db").read_bytes() == before


def test_mails_that_are_not_a_demos_are_left_alone(project: Path):
    (project / "outbox").mkdir()
    (project / "outbox" / "1.eml").write_text("a mail of ours")
    with pytest.raises(UsageError, match="outbox/ holds mails"), set_up(project, VirtualClock(NOW)):
        pass
    assert (project / "outbox" / "1.eml").exists()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("NURTURE_MAIL__PROVIDER", "sendgrid", "sends nothing to anyone"),
        ("NURTURE_DATABASE_URL", "postgresql://localhost/nurture", "plays on a SQLite file"),
    ],
)
def test_the_demo_refuses_to_play_in_earnest(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=expected), set_up(project, VirtualClock(NOW)):
        pass


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # a Sunday: the Tuesday before is far enough back
        (datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 17, 8, 5, tzinfo=UTC)),
        # the same day before the curtain: not five days yet
        (datetime(2026, 11, 22, 4, tzinfo=UTC), datetime(2026, 11, 10, 8, 5, tzinfo=UTC)),
        (datetime(2026, 11, 17, 9, tzinfo=UTC), datetime(2026, 11, 10, 8, 5, tzinfo=UTC)),
        (datetime(2027, 1, 2, 0, tzinfo=UTC), datetime(2026, 12, 22, 8, 5, tzinfo=UTC)),
    ],
)
def test_the_demo_opens_on_a_tuesday_five_days_back(now: datetime, expected: datetime):
    assert opening_night(now) == expected


def test_the_samples_end_in_the_week_before_the_demo():
    samples = b"a@example.com,2026-11-13T16:38Z\nb@example.com,a cell\n"
    assert as_of(samples, date(2027, 3, 2)) == b"a@example.com,2027-02-26T16:38Z\nb@example.com,a cell\n"


def add_a_lead(database: Database, clock: VirtualClock) -> None:
    stream = BytesIO(b"email\nmona@mill.example\n")
    import_leads(database, clock, stream, file="one.csv", new_token=lambda: "token")
