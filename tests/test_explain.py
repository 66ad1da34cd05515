"""An explanation and the engine never disagree: what is foretold is what happens, then and not a second before."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.database import Database
from models.words import Suppression
from nurture import gates
from nurture.advance import Report, tick
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.core.decide import Act, Exit, Send
from nurture.enroll import enroll
from nurture.errors import UsageError
from nurture.explain import Explanation, Upcoming, explain
from nurture.handoff import qualify_due, reject
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.mail import Outcome
from nurture.ports import Ports
from nurture.suppress import suppress
from tests.office import START, WELCOME, Office, Recorder
from tests.support import make_ports, write_project

WINDING = """
sequence: winding
title: Every kind of step
owner: marketing
stage: tofu
enter: {trigger: lead_created}
exit:
  - {when: lead.is_customer, because: already a customer}
steps:
  - wait: 2 business days
  - email: tofu/one
  - wait_for: clicked('one')
    at_most: 4 days
    if_not:
      - email: tofu/two
      - wait: until tuesday 10:00
  - branch:
      - when: lead.country == 'NO'
        steps: [{promote: sql}, {wait: 90 minutes}]
      - otherwise:
          - email: tofu/three
            when: lead.score >= 90
  - promote: mql
  - email: tofu/four
  - exit: told everything
"""
SECOND = timedelta(seconds=1)


@pytest.fixture
def winding(sqlite_database: Database, tmp_path: Path) -> Ports:
    names = [f"tofu/{name}" for name in ("one", "two", "three", "four")]
    root = write_project(tmp_path / "shop", sequences={"winding": WINDING}, templates=names, caps=["2 per 7 days"])
    return make_ports(sqlite_database, VirtualClock(START), Recorder(), load_project(root))


def add_lead(ports: Ports, **told: object) -> int:
    intake = Intake("test", ports.clock.now(), ports.new_id)
    draft = Draft(email="mona@mill.example", legal_ground="consent", **told)
    with ports.database.transaction("add lead") as connection:
        lead_id = save(connection, [draft], intake).created[0]
    enroll(ports)
    return lead_id


def work_at(ports: Ports, moment: datetime) -> Report:
    ports.clock.move_to(moment)
    return tick(ports)


def happened(report: Report, told: Upcoming) -> bool:
    """Whether the engine did just what was foretold, at the step it was foretold for."""
    match told.decision:
        case Send(step=step):
            return report.sent == {(told.sequence, step.id): 1}
        case Act(step=step) if step:
            return any(one.kind in ("promoted", "refused") and one.step == step.id for one in report.outcomes)
        case Exit(reason=reason):
            return any(one.kind in ("left", "finished") and one.why == reason for one in report.outcomes)
    return False


@pytest.mark.parametrize("country", ["NO", "IN"])
@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", None])
@pytest.mark.parametrize("start", [START, datetime.fromisoformat("2026-03-27T16:29:00+00:00")])
def test_what_is_foretold_is_what_happens(winding: Ports, zone: str | None, country: str, start: datetime) -> None:
    """Over a whole sequence, across weekends, caps and changes of clocks."""
    winding.clock.move_to(start)
    lead = add_lead(winding, timezone=zone, country=country)
    kinds = []
    while upcoming := explain(winding, lead, winding.clock.now()).upcoming:
        [told] = upcoming
        kinds.append(type(told.decision))
        # promotions and what follows them happen in one pass, so only look a second early where time must pass
        if told.at - SECOND > winding.clock.now():
            assert not happened(work_at(winding, told.at - SECOND), told), "came too early"
            assert explain(winding, lead, winding.clock.now()).upcoming[0].at == told.at, "changed its mind"
        assert happened(work_at(winding, told.at), told), told
    # what comes at once after another step is done in the same pass
    assert kinds.count(Send) >= 2


def test_a_wait_comes_with_its_sentence_on_the_leads_own_clock(winding: Ports) -> None:
    lead = add_lead(winding, timezone="America/New_York")
    tick(winding)
    [told] = explain(winding, lead, winding.clock.now()).upcoming
    assert told.what == "mail tofu/one"
    assert told.when == "Thu 5 Mar 09:00 New York"
    assert told.because == (
        "2 business days",
        "04:00 New York is before 09:00; next is Thu 5 Mar 09:00 New York",
    )


def test_it_writes_nothing(office: Office) -> None:
    lead = office.add_lead()
    office.mail()
    before = (
        office.rows("SELECT * FROM enrollment"),
        office.rows("SELECT * FROM score"),
        office.rows("SELECT * FROM decision"),
    )
    explained(office, lead)
    after = (
        office.rows("SELECT * FROM enrollment"),
        office.rows("SELECT * FROM score"),
        office.rows("SELECT * FROM decision"),
    )
    assert before == after


def explained(office: Office, lead: int) -> Explanation:
    return explain(office.ports, lead, office.clock.now())


def test_readiness_is_the_gates_own_answer(office: Office) -> None:
    lead = office.add_lead()
    told = explained(office, lead)
    assert told.answer.to is None
    assert {gate: len(checks) > 0 for gate, checks in told.missing.items()} == {
        "mql": True,
        "sql": True,
        "hand-raise": True,
    }
    office.submit("call-me")
    office.pass_time(minutes=1)
    told = explained(office, lead)
    assert (told.answer.to, told.missing["hand-raise"]) == ("sql", ())
    assert qualify_due(office.ports) == 1


def test_a_mail_in_doubt_is_told_with_what_to_do(office: Office) -> None:
    lead = office.add_lead()
    office.mailer.answer = lambda email: Outcome.UNKNOWN
    office.mail()
    assert explained(office, lead).upcoming[0].what == "waits for the mail provider's word on tofu/one"
    with office.database.transaction("test") as connection:
        connection.exec_driver_sql("UPDATE message SET state = 'held'")
    assert explained(office, lead).upcoming[0].because == ("`nurture messages resolve 1`",)


def test_a_closed_gate_is_told(office: Office) -> None:
    lead = office.add_lead()
    enroll(office.ports)
    with office.database.transaction("test") as connection:
        now = office.clock.now()
        gates.close(connection, "sequence:welcome", "wrong price", now, by="kim")
    [told] = explained(office, lead).upcoming
    assert (told.what, told.because) == ("mail tofu/one", ("stopped for now: wrong price",))


@pytest.mark.parametrize(
    ("text", "what"), [(None, "leaves: the sequence was taken out"), (f"paused: true{WELCOME}", "stands still")]
)
def test_a_sequence_that_was_taken_out_or_paused_is_told(office: Office, text: str | None, what: str) -> None:
    lead = office.add_lead()
    enroll(office.ports)
    path = office.ports.project.root / "sequences" / "welcome.yaml"
    path.unlink() if text is None else path.write_text(text)
    office.ports.library.publish(load_project(office.ports.project.root), office.clock.now())
    [told] = explained(office, lead).upcoming
    assert (told.what, told.at) == (what, None)


def test_a_lead_that_must_not_be_mailed_is_told_why(office: Office) -> None:
    lead = office.add_lead()
    enroll(office.ports)
    with office.database.transaction("test") as connection:
        suppress(connection, [1], Suppression.OPT_OUT, "test", office.clock.now())
    told = explained(office, lead)
    assert (told.barred, told.upcoming) == ("opted out", ())


def test_a_lead_that_sales_sent_back_is_told_when_it_returns(office: Office) -> None:
    lead = office.add_lead()
    office.submit("call-me")
    qualify_due(office.ports)
    reject(office.ports, 1, by="kari", reason="not_ready")
    [chance] = [one for one in explained(office, lead).chances if one.trigger == "handoff_rejected"]
    assert chance.at > office.clock.now()


def test_of_a_lead_that_was_sent_back_it_is_told_since_when_acts_count(office: Office) -> None:
    lead = office.add_lead()
    office.submit("call-me")
    assert explained(office, lead).sent_back_at is None
    qualify_due(office.ports)
    office.pass_time(hours=1)
    reject(office.ports, 1, by="kari", reason="not_ready")
    assert explained(office, lead).sent_back_at == office.clock.now()


def test_an_unknown_lead_is_told(office: Office) -> None:
    with pytest.raises(UsageError, match="there is no lead 7"):
        explained(office, 7)
