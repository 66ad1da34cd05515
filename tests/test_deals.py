"""Deals: won and lost by a rep's word or the CRM's, and what that means for the lead."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.database import Database
from nurture.content import load_project
from nurture.core.project import ProjectConfig
from nurture.deals import import_deals, lose, win
from nurture.deals.fact import FIELDS, Fact, read_fact
from nurture.deals.left_out import left_out, try_again
from nurture.engage import Folded, fold, receive
from nurture.engage.inbox import DEALS
from nurture.engage.site import BROWSER, SERVER
from nurture.enroll import enroll
from nurture.errors import IntakeError, UsageError
from nurture.handoff import Given, accept, qualify_due
from nurture.mail import Email, Outcome
from tests.core.agreements import terms
from tests.office import WELCOME, Office
from tests.support import START, make_ports, write_project

GIVEN = Given("yes", "yes")
CONFIG = ProjectConfig.model_validate(
    {
        "brand": {"name": "Acme", "site": "https://acme.example", "address": "Storgata 1, 0155 Oslo"},
        "sender": {"name": "Nora", "address": "nora@acme.example"},
        "agreement": terms(),
        "crm_reasons": {"price": "wrong_fit"},
    }
)
MONTHS = """
sequence: months
title: First months
owner: marketing
stage: loyalty
enter: {trigger: [handoff_won, stage_changed], when: lead.is_customer}
send: {days: every day, between: 00:00-23:59, timezone: UTC}
steps: [{email: loyalty/one}]
"""


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A company that welcomes customers."""
    return welcoming(Office(database, tmp_path))


@pytest.fixture
def office_here(here: Office) -> Office:
    return welcoming(here)


def welcoming(office: Office) -> Office:
    root = office.ports.project.root
    sequences, mails = {"welcome": WELCOME, "months": MONTHS}, ["tofu/one", "tofu/two", "loyalty/one"]
    write_project(root, sequences=sequences, templates=mails, caps=[])
    office.ports = make_ports(office.database, office.clock, office.mailer, load_project(root))
    return office


def hand_over(office: Office, email: str = "mona@mill.example") -> None:
    office.submit("demo", email)
    qualify_due(office.ports)


def taken(office: Office) -> Office:
    hand_over(office)
    accept(office.ports, 1, "kari", GIVEN)
    return office


def tell(office: Office, *told: dict[str, Any]) -> Folded:
    """The CRM tells of deals, and it is worked."""
    receive(office.ports, DEALS, json.dumps({"batch": told}).encode())
    return fold(office.ports)


def fact(state: str = "won", **told: Any) -> dict[str, Any]:
    return {"external_id": "D-1", "email": "mona@mill.example", "state": state} | told


def stage(office: Office) -> str:
    return str(office.one("SELECT stage FROM lead").stage)


def deals(office: Office) -> list[tuple[Any, ...]]:
    return [
        tuple(row) for row in office.rows("SELECT external_id, state, amount, currency FROM opportunity ORDER BY id")
    ]


def faults(office: Office) -> list[str]:
    told = office.rows("SELECT faults FROM inbox WHERE source = 'deals' ORDER BY id")
    read = [json.loads(row.faults) if isinstance(row.faults, str) else row.faults for row in told]
    return [f"{fault['entry']} {fault['reason']}" for one in read for fault in one]


# --- by a rep


def test_won_today_no_prospect_mail_tomorrow(office: Office) -> None:
    """Statement 57, and 25: what is planned for the prospect goes, and the customer is welcomed."""
    office.add_lead()
    first = office.mail()
    office.submit("ebook")
    tell(office, fact("won"))
    assert stage(office) == "customer"
    assert [tuple(row) for row in office.rows("SELECT state, reason FROM enrollment")] == [("stopped", "has bought")]
    office.pass_time(days=30)
    office.mail()
    assert [mail.subject for mail in office.mailer.emails if mail is not first] == ["About loyalty/one"]


def test_a_mail_that_had_left_before_the_sale_stays_what_it_is(office: Office) -> None:
    """Statement 57: handed over is handed over; nothing more follows it."""
    office.add_lead()
    email = office.mail()
    tell(office, fact("won"))
    office.tell(office.event(email, "delivered", 60))
    assert [row.state for row in office.rows("SELECT state FROM message")] == ["accepted"]
    assert office.rows("SELECT 1 FROM enrollment WHERE state = 'active'") == []


def test_a_sale_that_is_told_while_a_mail_is_handed_over_ends_what_would_follow(office: Office) -> None:
    """Statement 57: the answer of the provider comes after the sale and starts nothing again."""
    office.add_lead()

    def meanwhile(email: Email) -> Outcome:
        if "tofu" in email.subject:
            tell(office, fact("won"))
        return Outcome.ACCEPTED

    office.mailer.answer = meanwhile
    office.mail()
    assert [row.state for row in office.rows("SELECT state FROM message")] == ["accepted"]
    assert tuple(office.one("SELECT state, reason FROM enrollment")) == ("stopped", "has bought")
    office.pass_time(days=30)
    office.mail()
    assert [mail.subject for mail in office.mailer.emails] == ["About tofu/one", "About loyalty/one"]


def test_a_sale_makes_a_customer_who_may_still_be_mailed(office: Office) -> None:
    office.add_lead()
    taken(office)
    deal = win(office.ports, 1, "kari", 1_250_000, "NOK").deal
    assert (deal.state, deal.amount, deal.currency) == ("won", 1_250_000, "NOK")
    assert not win(office.ports, 1, "kari").fresh
    moves = [tuple(row) for row in office.rows("SELECT to_stage, actor, handoff_id FROM transition ORDER BY id")]
    assert moves[-1] == ("customer", "kari", 1)
    assert office.one("SELECT legal_ground FROM lead").legal_ground == "consent"
    assert enroll(office.ports).begun == {"months": 1}


@pytest.mark.parametrize(
    ("reason", "note", "to", "days"),
    [("not_ready", "", "recycled", 90), ("wrong_fit", "", "disqualified", None), ("other", "moved", "recycled", 90)],
)
def test_each_reason_of_a_loss_leads_to_its_track_and_date(
    office: Office, reason: str, note: str, to: str, days: int | None
) -> None:
    """Statement 38: not every lead closes."""
    lose(taken(office).ports, 1, "kari", reason, note)
    assert stage(office) == to
    assert office.one("SELECT reason FROM opportunity").reason == reason
    back = office.rows("SELECT due_at FROM lead_trigger WHERE name = 'handoff_rejected' AND done_at IS NULL")
    assert [str(row.due_at)[:10] for row in back] == ([str(START + timedelta(days=days))[:10]] if days else [])
    lead = office.one("SELECT cycle, rejected_times, recycled_at FROM lead")
    assert (lead.cycle, lead.rejected_times, lead.recycled_at is not None) == (2, 0, True)


def test_what_a_rep_says_must_fit(office_here: Office) -> None:
    ports = taken(office_here).ports
    with pytest.raises(UsageError, match="there is no deal 9"):
        win(ports, 9, "kari")
    with pytest.raises(UsageError, match="go together"):
        win(ports, 1, "kari", 100)
    with pytest.raises(UsageError, match="did you mean 'not_ready'"):
        lose(ports, 1, "kari", "not_redy")
    with pytest.raises(UsageError, match="needs a note"):
        lose(ports, 1, "kari", "other")
    assert stage(office_here) == "opportunity"


def test_a_loss_on_a_named_day_and_a_word_on_it_are_kept(office_here: Office) -> None:
    day = START + timedelta(days=30)
    lose(taken(office_here).ports, 1, "kari", "not_ready", "budget in April", until=day)
    back = office_here.one("SELECT due_at FROM lead_trigger WHERE name = 'handoff_rejected' AND done_at IS NULL")
    assert str(back.due_at)[:10] == str(day)[:10]
    assert tuple(office_here.one("SELECT kind, by, note FROM touch")) == ("lost", "kari", "budget in April")


# --- by the CRM


def test_the_crm_tells_of_the_deal_that_sales_opened(office: Office) -> None:
    """Statement 25: amount and end come back from sales."""
    taken(office)
    tell(office, fact("open", amount="12500.00", currency="NOK", name="Mill, 24 meters"))
    assert deals(office) == [("D-1", "open", 1_250_000, "NOK")]
    office.pass_time(days=3)
    tell(office, fact("won", amount="13000.00", currency="NOK"))
    assert deals(office) == [("D-1", "won", 1_300_000, "NOK")]
    assert stage(office) == "customer"
    assert office.one("SELECT actor FROM transition WHERE to_stage = 'customer'").actor == "CRM"


def test_a_deal_of_a_lead_that_still_waits_for_an_answer_is_the_answer(office: Office) -> None:
    hand_over(office)
    tell(office, fact("won"))
    assert tuple(office.one("SELECT state, decided_by FROM handoff")) == ("accepted", "CRM")
    assert [row.to_stage for row in office.rows("SELECT to_stage FROM transition ORDER BY id")] == [
        "sql", "opportunity", "customer",
    ]  # fmt: skip
    assert len(deals(office)) == 1


@pytest.mark.parametrize("before", ["iql", "mql", "recycled", "disqualified"])
def test_whoever_buys_without_a_handoff_is_a_customer_too(office_here: Office, before: str) -> None:
    office_here.add_lead()
    with office_here.database.transaction("stage") as connection:
        connection.exec_driver_sql(f"UPDATE lead SET stage = '{before}'")
    tell(office_here, fact("won"))
    assert stage(office_here) == "customer"
    assert office_here.rows("SELECT 1 FROM handoff") == []


def test_what_ended_long_before_the_handoff_is_another_deal(office_here: Office) -> None:
    taken(office_here)
    tell(office_here, fact("lost", reason="not_ready", closed_at="2025-06-01"))
    assert deals(office_here) == [(None, "open", None, None), ("D-1", "lost", None, None)]
    assert stage(office_here) == "opportunity"


def test_the_same_again_changes_nothing(office: Office) -> None:
    taken(office)
    for _ in range(2):
        tell(office, fact("lost", reason="Not ready yet", amount="9.99", currency="EUR"))
        office.pass_time(days=1)
    assert deals(office) == [("D-1", "lost", 999, "EUR")]
    assert len(office.rows("SELECT 1 FROM transition WHERE to_stage = 'recycled'")) == 1
    assert len(office.rows("SELECT 1 FROM lead_trigger WHERE name = 'handoff_rejected'")) == 1


def test_a_sale_that_was_none_is_taken_back(office: Office) -> None:
    taken(office)
    tell(office, fact("won", closed_at="2026-03-02"))
    tell(office, fact("lost", reason="wrong_fit", closed_at="2026-03-03T08:00:00Z"))
    assert stage(office) == "disqualified"
    tell(office, fact("won", closed_at="2026-03-02"))
    assert stage(office) == "disqualified"


def test_a_customer_stays_one_while_another_deal_is_won(office_here: Office) -> None:
    taken(office_here)
    tell(office_here, fact("won"), fact("won", external_id="D-2"))
    office_here.pass_time(days=1)
    tell(office_here, fact("lost", reason="wrong_fit"))
    assert stage(office_here) == "customer"


_ENDS = [
    fact("open", amount="1.00", currency="EUR"),
    fact("lost", reason="not_ready", closed_at="2026-02-20T10:00:00Z"),
    fact("won", closed_at="2026-02-25T10:00:00Z"),
    fact("lost", reason="wrong_fit", closed_at="2026-02-25T10:00:00Z"),
    fact("lost", reason="not_ready", closed_at="2026-02-26T10:00:00Z"),
    fact("won", closed_at="2026-03-01T10:00:00Z"),
]


@given(
    told=st.lists(st.sampled_from(_ENDS), min_size=1, max_size=6).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    )
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_the_later_end_stands(tmp_path: Path, told: Any) -> None:
    """An older end never undoes a newer one: two CRMs that tell the same in other orders leave the same behind."""
    found = []
    for order in told:
        database = Database("sqlite://")
        database.create()
        office = Office(database, tmp_path / "office")
        office.add_lead()
        for one in order:
            tell(office, one)
        found.append(office.rows("SELECT state, closed_at, reason FROM opportunity"))
        ends = [one for one in order if one["state"] != "open"]
        if ends:
            last = max(ends, key=lambda one: (one["closed_at"], one["state"] == "won"))
            assert found[-1][0].state == last["state"]
        database.close()
    assert found[0] == found[1]


def test_one_bad_deal_stops_no_other(office: Office) -> None:
    office.add_lead()
    done = tell(
        office,
        fact("won", external_id="D-1"),
        fact("sold"),
        fact("won", external_id="D-2", email="nobody@elsewhere.example"),
        fact("lost", external_id="D-3"),
        fact("won", external_id="D-4", amount="12,5", currency="EUR"),
        fact("won", external_id="D-5", amount="12.50"),
        {"state": "won"},
        fact("won", external_id="D-6", email="", userId="u-1"),
        fact("won", external_id="D-7", closed_at="2031-01-01"),
        fact("won", external_id="D-8", email="", lead_id=1),
    )
    assert (done.events, done.faults) == (3, 9)
    assert [one[0] for one in deals(office)] == ["D-1", "D-3", "D-8"]
    assert faults(office) == [
        "2 state: 'sold' is no state; write open, won or lost",
        "5 amount: '12,5' is no amount; write it like 12500.00",
        "6 currency: an amount and its currency go together",
        "7 email: is empty: say whose deal it is, by email, lead_id or userId",
        "7 external_id: is empty: it tells the same deal from another one",
        "9 closed_at: lies in the future",
        "3 email: is no lead of ours",
        "8 userId: is no lead of ours",
        "4 reason: no reason is said: taken in as 'other'",
    ]


def test_whose_deal_an_accounts_is_only_the_server_of_the_site_says(office: Office) -> None:
    """Whoever reads the write key can say that an account is a lead: that makes nobody a customer."""
    office.add_lead()
    who = {"type": "identify", "userId": "u-1", "traits": {"email": "mona@mill.example"}}
    deal = fact("won", external_id="D-1", email="", userId="u-1")
    for by, won in ((BROWSER, []), (SERVER, [("D-1", "won")])):
        receive(office.ports, f"{by}:batch", json.dumps({"batch": [who]}).encode())
        tell(office, deal)
        assert [
            (row.external_id, row.state) for row in office.rows("SELECT external_id, state FROM opportunity")
        ] == won


def test_a_deal_of_somebody_we_do_not_know_yet_is_kept_and_taken_in_later(office: Office) -> None:
    tell(office, fact("won", external_id="D-1"), fact("won", external_id="D-2", email="ola@dairy.example"))
    assert [(one.entry, one.reason) for one in left_out(office.ports)] == [
        (1, "email: is no lead of ours"), (2, "email: is no lead of ours"),
    ]  # fmt: skip
    office.add_lead()
    assert try_again(office.ports) == 1
    fold(office.ports)
    assert deals(office) == [("D-1", "won", None, None)]
    assert [one.entry for one in left_out(office.ports)] == [2]
    assert stage(office) == "customer"


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional={field: st.text(max_size=20) for field in FIELDS}))
def test_whatever_is_told_is_a_deal_or_has_faults_that_name_fields(told: dict[str, str]) -> None:
    read = read_fact(1, told, CONFIG, datetime(2026, 3, 3, tzinfo=UTC))
    assert isinstance(read, Fact) or (read and {field for field, _ in read} <= FIELDS.keys())


# --- a file


HEADINGS = "Deal ID,Contact email,Deal stage,Amount,Currency,Close date,Lost reason\n"


def take_in(office: Office, lines: str, left_out: io.StringIO | None = None, headings: str = HEADINGS) -> Any:
    return import_deals(office.ports, io.BytesIO((headings + lines).encode()), file="deals.csv", left_out=left_out)


def test_a_file_of_deals_as_a_crm_exports_it(office: Office) -> None:
    office.add_lead()
    office.add_lead("ola@dairy.example")
    lines = '7,mona@mill.example,Closed Won,"12 500,50",nok,2026-03-01,\n8,ola@dairy.example,open,,,,\n'
    report = take_in(office, lines)
    assert (report.created, report.faults) == (2, [])
    assert deals(office) == [("7", "won", 1_250_050, "NOK"), ("8", "open", None, None)]
    assert take_in(office, lines).unchanged == 2
    assert office.rows("SELECT source FROM opportunity")[0].source == "import deals.csv"


def test_faults_name_line_and_column_and_can_be_mended_in_a_file_of_their_own(office_here: Office) -> None:
    office_here.add_lead()
    rejects = io.StringIO()
    lines = "7,mona@mill.example,won,,,,\n8,stranger@x.example,won,,,,\n9,mona@mill.example,lost,5,XXX,,nope\n"
    report = take_in(office_here, lines, rejects)
    assert [str(fault) for fault in report.faults] == [
        "line 3, column 2 (Contact email): is no lead of ours",
        "line 4, column 5 (Currency): 'XXX' is no currency; write its three letters, such as EUR",
    ]
    assert (report.created, report.left_out) == (1, 2)
    kept = rejects.getvalue().splitlines()
    assert kept[0].endswith("Lost reason,left out because")
    assert kept[1] == "8,stranger@x.example,won,,,,,Contact email: is no lead of ours"
    assert len(kept) == 3


def test_a_file_without_what_is_needed_is_refused_as_a_whole(office_here: Office) -> None:
    told = r"expected a column named external_id \(or deal id\), and one named state, and one named email"
    with pytest.raises(IntakeError, match=told):
        take_in(office_here, "", headings="Name,Amount\n")
