"""Simulation: the same mails at the same times as in earnest, from a clock that jumps; and nobody is mailed."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
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
from nurture.errors import ContentError, UserError
from nurture.leads import import_leads
from nurture.mail.outbox import OutboxMailer
from nurture.rounds import run_round
from nurture.simulate.acts import Act, Mail, Offer, tell
from nurture.simulate.post import Taken
from tests.cli.conftest import imported, mails, nurture, project, shop
from tests.support import make_ports, write_project

__all__ = ["imported", "nurture", "project", "shop"]

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


# --- a script

MONA = "email,first_name,company,title,employees,industry,country,phone,legal_ground\n" + (
    "mona@mill.example.com,Mona,Mill,CEO,120,Food,NO,+47 22 00 00 00,consent\n"
)
SCRIPT = """
script:
  - lead: mona@mill.example.com
    click: tofu/one
    link: pricing
    after: 2 hours
  - lead: mona@mill.example.com
    form: call-me
    message: Please call.
    after: 4 days
  - lead: mona@mill.example.com
    sales: reject
    reason: not_ready
    after: 1 hour
  - lead: mona@mill.example.com
    opt_out: mofu/five
"""


def test_a_script_is_played_and_each_time_has_its_sentence(root: Path, tmp_path: Path) -> None:
    run = simulate(root, audience=read_script(root, tmp_path, SCRIPT), csv=MONA, days=4.5)
    told = [str(entry) for entry in run.way("mona@mill.example.com").entries]
    assert told == [
        "Mon 2 Mar 07:00 Oslo: enters welcome, because it came in",
        "Mon 2 Mar 09:00 Oslo: mail tofu/one, because 07:00 Oslo is before 09:00; next is Mon 2 Mar 09:00 Oslo",
        "Mon 2 Mar 11:00 Oslo: clicks https://acme.example/pricing",
        "Mon 2 Mar 11:10 Oslo: mail tofu/three, because it waited for clicked('tofu/one'), at most 3 days "
        "(it clicks https://acme.example/pricing Mon 2 Mar 11:00 Oslo)",
        "Wed 4 Mar 11:10 Oslo: mail mofu/four, because 2 business days after tofu/three",
        "Wed 4 Mar 11:10 Oslo: leaves welcome, because finished",
        "Fri 6 Mar 07:00 Oslo: sends the form call-me",
        "Fri 6 Mar 07:00 Oslo: becomes SQL, because asked for a person (call-me), 6 Mar 2026 06:00 UTC",
        "Fri 6 Mar 07:00 Oslo: is handed to kari, to be answered by Fri 6 Mar 10:05 Oslo",
        "Fri 6 Mar 08:00 Oslo: becomes Recycled, because rejected: Not ready yet",
    ]
    assert run.result.never == ("mona@mill.example.com: opt_out mofu/five",)
    assert [entry.what for entry in run.way("1").ahead] == ["handoff_rejected; may enter back"]
    assert run.result.funnel()[-2:] == [("handed to sales", 1), ("accepted by sales", 0)]


def read_script(root: Path, folder: Path, source: str) -> sim.Script:
    (folder / "script.yaml").write_text(source)
    return sim.read_script(folder / "script.yaml", load_project(root).config)


@pytest.mark.parametrize(
    ("lines", "place", "what"),
    [
        (("lead: a@b.example", "form: cal-me"), "3:11", "did you mean 'call-me'?  [form]"),
        (("lead: a@b.example", "form: call-me", "opt_out: tofu/one"), "2:5", "say one thing that happens"),
        (("lead: a@b.example",), "2:5", "say one thing that happens"),
        (("lead: a@b.example", "sales: reject"), "2:5", "a rejection needs its 'reason:'"),
        (("lead: a@b.example", "sales: reject", "reason: other"), "4:13", "needs a note: say it as 'message:'"),
        (("lead: a@b.example", "sales: reject", "reason: not_redy"), "4:13", "did you mean 'not_ready'?"),
        (("lead: a@b.example", "sales: maybe"), "3:12", "it is 'accept' or 'reject'"),
        (("lead: a@b.example", "clik: tofu/one"), "3:5", "unknown key 'clik', did you mean 'click'?"),
        (("lead: a@b.example", "form: demo", "after: 3 dayz"), "4:12", "is not a length of time"),
        (("form: demo",), "2:5", "'lead' is missing"),
        (("lead: a@b.example", "reply: call"), "3:12", "it is 'stop', 'call-me'"),
        (("lead: a@b.example", "visit: pricing"), "3:12", "write it like: /pricing"),
        (("lead: a@b.example", "track: trial_started"), "3:12", "nurture.yaml knows no event 'trial_started'"),
    ],
)
def test_a_fault_in_a_script_has_its_place(
    root: Path, tmp_path: Path, lines: tuple[str, ...], place: str, what: str
) -> None:
    with pytest.raises(ContentError) as raised:
        read_script(root, tmp_path, "script:\n  - " + "\n    ".join(lines) + "\n")
    assert f"script.yaml:{place} error " in str(raised.value)
    assert what in str(raised.value)


REPLIES = """
script:
  - {lead: mona@mill.example.com, visit: /pricing, after: 1 hour}
  - {lead: mona@mill.example.com, reply: question, to: tofu/one, after: 90 minutes}
  - {lead: mona@mill.example.com, reply: call-me, after: 1 day, message: "Please call me on Friday."}
"""


def test_replies_and_visits_of_a_script_go_the_way_of_real_ones(root: Path, tmp_path: Path) -> None:
    """The question stops the sequence at once; asking for a call hands the lead to sales."""
    run = simulate(root, audience=read_script(root, tmp_path, REPLIES), csv=MONA, days=4)
    told = [str(entry) for entry in run.way("mona@mill.example.com").entries]
    assert [line for line in told if "looks at" in line or "replies" in line or "leaves" in line] == [
        "Mon 2 Mar 08:00 Oslo: looks at /pricing",
        "Mon 2 Mar 10:30 Oslo: replies question",
        "Mon 2 Mar 10:30 Oslo: leaves welcome, because replied",
        "Tue 3 Mar 09:00 Oslo: replies call-me",
    ]
    assert [template for _, _, template in run.mails] == ["tofu/one"]
    assert any("becomes SQL" in line for line in told)


def test_a_link_that_a_mail_does_not_have_is_told_with_those_it_has(root: Path, tmp_path: Path) -> None:
    script = read_script(root, tmp_path, SCRIPT.replace("link: pricing", "link: prices"))
    with pytest.raises(UserError, match=r"no link of that mail has 'prices' in it; there are: .*/guide, .*/pricing"):
        simulate(root, audience=script, csv=MONA)


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


# --- the command


def test_the_command_shows_tables_and_mails_nobody(nurture, project: Path) -> None:
    done = nurture("simulate", "--leads", "leads.csv", "--start", "2026-03-02", "--days", 14)
    assert done.code == 0
    assert done.out.startswith("14 days from Mon 02 Mar 2026, with the leads of leads.csv. Readers by chance, seed 1.")
    assert re.search(r"welcome +tofu/one +1 +1 *\n", done.out)
    for title in ("Promotions per week", "How sequences ended", "Stages", "How far leads came"):
        assert title in done.out
    assert mails(project) == []
    assert nurture("leads", "list").out.startswith("Leads: none")


def test_the_answer_for_scripts_is_one_object_with_the_way_of_a_lead(nurture, project: Path) -> None:
    words = ("--leads", "leads.csv", "--start", "2026-03-02", "--days", 14, "--lead", "mona@mill.example.com")
    done = nurture("simulate", *words, "--json").json
    assert done["mails"] == sum(sum(row["per_week"]) for row in done["mails_per_week"])
    assert done["mails"] == sum(sum(row["days"].values()) for row in done["mails_per_day"])
    assert "enters welcome" in [entry["what"] for entry in done["timelines"][0]["entries"]]
    assert nurture("simulate", *words).out.count("mail tofu/") == 2


def test_the_page_needs_nothing_else_and_has_no_scripts(nurture, project: Path) -> None:
    words = ("--leads", "leads.csv", "--start", "2026-03-02", "--days", 14, "--lead", 1, "--html", "page.html")
    assert nurture("simulate", *words).code == 0
    html = (project / "page.html").read_text()
    assert html.count("<svg") >= 3 and "Lead 1: mona@mill.example.com" in html
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", html)


def test_real_leads_from_the_command_line(nurture, imported: Path) -> None:
    done = nurture("simulate", "--from-database", "--days", 14, "--json").json
    assert done["leads"] == 3 and done["mails"] > 0
    assert mails(imported) == []
    nurture("gate", "close", "everything", "--reason", "wrong price")
    stopped = nurture("simulate", "--from-database", "--days", 14, "--json")
    assert stopped.json["mails"] == 0 and "everything is stopped, and so it is here: wrong price" in stopped.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--leads", "leads.csv", "--from-database"), "say --leads or --from-database, not both"),
        ((), "Name a file: --leads FILE"),
        (("--leads", "leads.csv", "--lead", "nobody@mill.example.com"), "there is no lead 'nobody@mill.example.com'"),
        (("--from-database", "--start", "2020-01-01"), "begin later, or leave it out"),
    ],
)
def test_words_that_do_not_fit_are_explained(nurture, project: Path, words: tuple[str, ...], reason: str) -> None:
    done = nurture("simulate", *words)
    assert done.code == 2 and reason in done.err
