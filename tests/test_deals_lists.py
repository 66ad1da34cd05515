"""Deals and lists: whoever works on a lead finds it on its list, however many deals the CRM tells of."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from models.database import Database
from models.queries import deals as queries
from models.queries import desk
from nurture.deals import import_deals, lose, win
from nurture.deals.left_out import left_out, try_again
from nurture.engage import fold
from nurture.handoff import Given, accept, judge
from nurture.leads import import_leads
from tests.office import Office
from tests.test_deals import deals, fact, hand_over, stage, take_in, taken, tell, welcoming

GIVEN = Given("yes", "yes")


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return welcoming(Office(database, tmp_path))


@pytest.fixture
def office_here(here: Office) -> Office:
    return welcoming(here)


def in_hand(office: Office) -> list[int]:
    """The handoffs among the deals that Kari works on."""
    with office.database.reading() as connection:
        rows = connection.execute(desk.DEALS_IN_HAND, {"owner": "kari", "names": ["kari"]}).all()
    return [row.handoff_id for row in rows]


def handoffs_of_deals(office: Office) -> list[tuple[object, ...]]:
    return [tuple(row) for row in office.rows("SELECT external_id, state, handoff_id FROM opportunity ORDER BY id")]


# --- a lead that sales works on is on a list


@pytest.mark.parametrize("judged", [False, True])
def test_a_lead_whose_own_deal_is_lost_stays_on_the_list_while_another_is_open(office: Office, judged: bool) -> None:
    taken(office)
    tell(office, fact("open"), fact("open", external_id="D-9"))
    if judged:
        judge(office.ports, 1, "kari", "yes", "yes", "yes")
    lose(office.ports, 1, "kari", "not_ready")
    assert stage(office) == "opportunity"
    assert in_hand(office) == [1]
    with office.database.reading() as connection:
        assert connection.execute(queries.SHOWN, {"handoff_id": 1}).one().external_id == "D-9"
    tell(office, fact("lost", external_id="D-9", reason="not_ready"))
    assert (stage(office), in_hand(office)) == ("recycled", [])


def test_a_lead_with_two_open_deals_is_on_the_list_once(office: Office) -> None:
    taken(office)
    judge(office.ports, 1, "kari", "yes", "yes", "yes")
    tell(office, fact("open"), fact("open", external_id="D-9"), fact("open", external_id="D-10"))
    assert in_hand(office) == [1]


def test_a_deal_that_the_crm_opened_before_the_handoff_is_the_one_that_sales_works_on(office: Office) -> None:
    office.add_lead()
    tell(office, fact("open"))
    hand_over(office)
    accept(office.ports, 1, "kari", GIVEN)
    assert handoffs_of_deals(office) == [("D-1", "open", 1)]
    win(office.ports, 1, "kari")
    assert (stage(office), handoffs_of_deals(office)) == ("customer", [("D-1", "won", 1)])


def test_a_deal_of_before_the_handoff_that_is_won_leaves_no_other_open(office: Office) -> None:
    office.add_lead()
    tell(office, fact("open"))
    hand_over(office)
    tell(office, fact("won"))
    assert stage(office) == "customer"
    assert handoffs_of_deals(office) == [("D-1", "won", 1)]
    assert tuple(office.one("SELECT state, decided_by FROM handoff")) == ("accepted", "CRM")


def test_a_lost_deal_that_was_won_after_all_leaves_what_is_asked_anew_to_its_rep(office_here: Office) -> None:
    lose(taken(office_here).ports, 1, "kari", "not_ready")
    tell(office_here, fact("lost", reason="not_ready", closed_at="2026-03-01T08:00:00Z"))
    office_here.pass_time(days=120)
    hand_over(office_here)
    tell(office_here, fact("won"))
    assert stage(office_here) == "customer"
    assert handoffs_of_deals(office_here)[-1] == (None, "open", 2)


# --- lost, for whatever reason


@pytest.mark.parametrize("reason", ["", "Lost to competitor (price)"])
def test_a_loss_without_a_reason_of_ours_is_taken_in_with_the_usual_one_and_told(office: Office, reason: str) -> None:
    taken(office)
    tell(office, fact("lost", reason=reason))
    assert stage(office) == "recycled"
    assert office.one("SELECT reason FROM opportunity").reason == "other"
    said = f"'{reason}' is no reason of the agreement" if reason else "no reason is said"
    assert [one.reason for one in left_out(office.ports)] == [f"reason: {said}: taken in as 'other'"]
    assert office.one("SELECT note FROM touch").note == (f"the CRM says: {reason}" if reason else None)
    assert try_again(office.ports) == 1
    fold(office.ports)
    assert left_out(office.ports) == []


def test_a_loss_in_a_file_with_an_unknown_reason_is_taken_in_and_told(office_here: Office) -> None:
    taken(office_here)
    lines = "1,mona@mill.example,lost,,,,Too expensive\n2,mona@mill.example,lost,,,,Too expensive\n"
    report = take_in(office_here, lines)
    assert (report.created, report.faults, stage(office_here)) == (2, [], "recycled")
    told = "Lost reason: 'Too expensive' is no reason of the agreement: taken in as 'other' (line 2, and 1 more)"
    assert report.warnings == [told]
    assert take_in(office_here, lines).warnings == []


MAPPED = {"Too expensive": "wrong_fit", "Chose  another": "not_ready"}


def mapped(office: Office, words: dict[str, str] = MAPPED) -> Office:
    """The same, where the project says what the CRM's own words mean."""
    project = office.ports.project
    config = project.config.model_copy(update={"crm_reasons": words})
    office.ports = replace(office.ports, project=replace(project, config=config))
    return office


@pytest.mark.parametrize(("words", "reason"), [("too EXPENSIVE", "wrong_fit"), (" chose another ", "not_ready")])
def test_the_own_words_of_a_crm_are_read_as_the_project_says(office: Office, words: str, reason: str) -> None:
    mapped(taken(office))
    tell(office, fact("lost", reason=words))
    assert office.one("SELECT reason FROM opportunity").reason == reason
    assert office.one("SELECT note FROM touch").note == f"the CRM says: {words.strip()}"
    assert left_out(office.ports) == []


def test_the_own_words_of_a_crm_in_a_file_are_read_as_the_project_says(office_here: Office) -> None:
    report = take_in(mapped(taken(office_here)), "1,mona@mill.example,lost,,,,Too Expensive\n")
    assert (report.created, report.faults, report.warnings) == (1, [], [])
    assert office_here.one("SELECT reason FROM opportunity").reason == "wrong_fit"


def test_a_word_for_a_reason_that_is_not_in_force_yet_is_none(office_here: Office) -> None:
    """The file may be ahead of what both departments have signed."""
    mapped(taken(office_here), {"Too expensive": "price"})
    tell(office_here, fact("lost", reason="Too expensive"))
    assert office_here.one("SELECT reason FROM opportunity").reason == "other"
    assert "taken in as 'other'" in left_out(office_here.ports)[0].reason


# --- files as people write them


def test_days_as_people_write_them_are_read(office_here: Office) -> None:
    office_here.add_lead()
    report = take_in(office_here, "7,mona@mill.example,won,,,28.02.2026,\n8,mona@mill.example,won,,,1.3.2026,\n")
    assert report.faults == []
    closed = [str(row.closed_at)[:10] for row in office_here.rows("SELECT closed_at FROM opportunity ORDER BY id")]
    assert closed == ["2026-02-28", "2026-03-01"]


@pytest.mark.parametrize("day", ["31.02.2026", "02/03/2026", "1.3.26"])
def test_a_day_that_is_none_or_may_be_two_is_told(office_here: Office, day: str) -> None:
    office_here.add_lead()
    report = take_in(office_here, f"7,mona@mill.example,won,,,{day},\n")
    assert [str(fault) for fault in report.faults] == [
        "line 2, column 6 (Close date): is no date; write it like 2026-09-14 or 2026-09-14T10:30+02:00"
    ]
    assert deals(office_here) == []


def test_rows_that_were_left_out_keep_the_separator_of_their_file(office_here: Office) -> None:
    rejects = io.StringIO()
    file = b"Deal ID;Email;State;Amount;Currency\n7;stranger@x.example;won;12 500,50;EUR\n"
    import_deals(office_here.ports, io.BytesIO(file), file="deals.csv", left_out=rejects)
    assert rejects.getvalue().splitlines() == [
        "Deal ID;Email;State;Amount;Currency;left out because",
        "7;stranger@x.example;won;12 500,50;EUR;Email: is no lead of ours",
    ]
    again = import_deals(office_here.ports, io.BytesIO(rejects.getvalue().encode()), file="mend.csv")
    assert [fault.reason for fault in again.faults] == ["is no lead of ours"]


def test_rejected_rows_of_leads_keep_their_separator_too(office_here: Office) -> None:
    rejects, ports = io.StringIO(), office_here.ports
    import_leads(
        ports.database, ports.clock, io.BytesIO(b"Email\tCompany\nnobody\tMill, Oslo\n"), file="leads.tsv",
        new_token=ports.new_id, config=ports.project.config, left_out=rejects,
    )  # fmt: skip
    assert rejects.getvalue().splitlines()[1].startswith("nobody\tMill, Oslo\t")
