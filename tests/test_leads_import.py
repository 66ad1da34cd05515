"""Leads in: what a file says is what is stored, row by row, on both databases."""

from __future__ import annotations

import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from models.database import Database
from nurture.clock import VirtualClock
from nurture.errors import IntakeError
from nurture.leads import ImportReport, find_lead, import_leads, list_leads
from nurture.leads.columns import Column, Columns
from nurture.leads.draft import Draft, Fault, read_row
from nurture.leads.table import opened
from nurture.leads.values import value
from nurture.timezones import country_code, zone_of
from samples import make_leads

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
SAMPLE = Path(make_leads.__file__).with_name("leads.csv")


def take_in(database: Database, content: str | bytes, file: str = "leads.csv", **options: Any) -> ImportReport:
    """Import a file at NOW, with tokens that count."""
    numbers = itertools.count(count(database, "address"))
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return import_leads(
        database, VirtualClock(NOW), stream, file=file, new_token=lambda: f"token-{next(numbers)}", **options
    )


def count(database: Database, table: str) -> int:
    return int(one(database, f"SELECT count(*) FROM {table}"))


def one(database: Database, sql: str) -> Any:
    with database.reading() as connection:
        return connection.execute(text(sql)).scalar_one()


def change(database: Database, sql: str) -> None:
    with database.transaction("test") as connection:
        connection.execute(text(sql))


def outcome(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.left_out


# --- the sample file ------------------------------------------------------------------------------------------


def test_the_sample_is_what_its_generator_writes() -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(make_leads.HEADER)
    assert len(lines) == 1 + len(make_leads.rows())
    with opened(io.BytesIO(SAMPLE.read_bytes()), "leads.csv") as table:
        written = [row.cells for row in table.rows if not row.broken]
    assert written == [row for row in make_leads.rows() if len(row) == len(make_leads.HEADER)]


def test_the_sample_comes_in_but_for_its_wrong_rows_and_a_second_time_changes_nothing(database: Database) -> None:
    report = take_in(database, SAMPLE.read_bytes())
    assert outcome(report) == (520, 0, 0, 15)
    assert [(fault.line, fault.column, fault.reason.split(";")[0].split(":")[0]) for fault in report.faults] == [
        (33, 1, "is no e-mail address"),
        (64, 1, "is empty"),
        (95, 1, "same address as line 12"),
        (126, 8, "is no country we know"),
        (157, 15, "lies in the future"),
        (188, 7, "is no number of people"),
        (219, 1, "is a mailbox nobody reads"),
        (250, 1, "is a mailbox nobody reads"),
        (281, 1, "is no e-mail address"),
        (312, 10, "is no time zone"),
        (343, 15, "is no date"),
        (374, 14, "is no legal ground"),
        (405, 0, "16 cells for 15 columns"),
        (436, 7, "is no number of people"),
        (436, 8, "is no country we know"),
        (467, 1, "same address as line 42"),
    ]
    assert report.warnings == []
    before = everything(database)
    assert outcome(take_in(database, SAMPLE.read_bytes())) == (0, 0, 520, 15)
    assert everything(database) == before


def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    tables = ("address", "lead", "lead_trigger", "event", "score")
    with database.reading() as connection:
        return [sorted(tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))) for name in tables]


# --- what is stored -------------------------------------------------------------------------------------------


def test_a_new_lead_starts_as_iql_with_its_first_touch(database: Database) -> None:
    take_in(
        database, "Email,Source,Asset,Consent,Created at\nKari@Example.com,Ebook,The guide,yes,2026-09-01\n", "fair.csv"
    )
    lead = find_lead(database, "kari@example.com")
    assert lead is not None
    assert (lead.stage, lead.source, lead.asset) == ("iql", "ebook", "The guide")
    assert lead.created_at == lead.stage_since == datetime(2026, 9, 1, tzinfo=UTC)
    assert (lead.legal_ground, lead.ground_source) == ("consent", "import fair.csv")


def test_a_new_lead_may_start_a_sequence_and_waits_to_be_scored(database: Database) -> None:
    take_in(database, "email\nkari@example.com\n")
    assert one(database, "SELECT name FROM lead_trigger WHERE done_at IS NULL") == "lead_created"
    assert count(database, "score WHERE due_at IS NOT NULL") == 1


@pytest.mark.parametrize(
    ("source", "asset", "act"),
    [
        ("Ebook", "The energy guide", "ebook"),
        ("Trade show", "", "tradeshow"),
        ("Newsletter", "ROI calculator", "roi-calculator"),  # the asset tells more than the source
        ("Referral", "", None),  # somebody else's act
        ("Contact list", "", None),  # no form named contact
    ],
)
def test_what_a_lead_asked_for_at_first_touch_counts_as_its_act(
    sqlite_database: Database, source: str, asset: str, act: str | None
) -> None:
    take_in(sqlite_database, f"email,source,asset,created\nkari@example.com,{source},{asset},2026-09-01\n")
    with sqlite_database.reading() as connection:
        acts = connection.execute(text("SELECT kind, name, verdict, counts_at = occurred_at FROM event")).all()
    assert acts == ([("submitted", act, "human", 1)] if act else [])


def test_a_lead_without_a_legal_ground_is_stored_and_the_file_is_doubted(sqlite_database: Database) -> None:
    report = take_in(sqlite_database, "email\nkari@example.com\n")
    lead = find_lead(sqlite_database, "1")
    assert lead is not None
    assert lead.legal_ground is None
    assert "legal ground" in report.warnings[0]


def test_a_known_lead_gains_what_was_unknown_and_keeps_the_rest(database: Database) -> None:
    take_in(database, "email,company,source,consent\nkari@example.com,Old AS,ebook,soft opt-in\n")
    change(database, "UPDATE lead SET stage = 'mql'")
    report = take_in(
        database,
        "email,company,title,source,asset,consent,created\nKARI@example.com,New AS,CEO,webinar,Talk,yes,2026-01-01\n",
    )
    lead = find_lead(database, "kari@example.com")
    assert lead is not None
    assert outcome(report) == (0, 1, 0, 0)
    assert (lead.company, lead.title) == ("Old AS", "CEO")
    assert (lead.source, lead.asset, lead.created_at) == ("ebook", None, NOW)
    assert (lead.stage, lead.legal_ground) == ("mql", "soft_opt_in")
    # the webinar is one more thing it did; the first touch stays
    assert (count(database, "lead_trigger"), count(database, "event")) == (1, 2)


def test_a_missing_legal_ground_can_be_brought_in_later(database: Database) -> None:
    take_in(database, "email\nkari@example.com\n")
    report = take_in(database, "email,consent,created\nkari@example.com,yes,2026-10-01\n", "signed.csv")
    lead = find_lead(database, "kari@example.com")
    assert lead is not None
    assert report.updated == 1
    assert (lead.legal_ground, lead.ground_source) == ("consent", "import signed.csv")


@pytest.mark.parametrize("reason", ["erased", "complaint", "opt_out", "hard_bounce"])
def test_an_import_never_lifts_a_suppression(sqlite_database: Database, reason: str) -> None:
    take_in(sqlite_database, "email\nkari@example.com\n")
    change(sqlite_database, f"UPDATE address SET suppressed = '{reason}'")
    take_in(sqlite_database, "email,consent,unsubscribed\nkari@example.com,yes,no\n")
    lead = find_lead(sqlite_database, "kari@example.com")
    assert lead is not None
    assert lead.suppressed == reason


def test_an_opt_out_in_the_file_is_obeyed(database: Database) -> None:
    take_in(database, "email,consent\nkari@example.com,yes\nola@example.com,yes\n")
    content = "email,consent,Email Opt Out\nkari@example.com,yes,1\nnew@example.com,yes,true\nola@example.com,yes,0\n"
    take_in(database, content)
    suppressed = {lead.email: lead.suppressed for lead in list_leads(database)}
    assert suppressed == {"kari@example.com": "opt_out", "new@example.com": "opt_out", "ola@example.com": None}


def test_a_batch_comes_in_whole_or_not_at_all(database: Database) -> None:
    def lose_power(moment: str) -> None:
        if moment == "import leads: inside":
            raise KeyboardInterrupt

    database.hook = lose_power
    with pytest.raises(KeyboardInterrupt):
        take_in(database, "email,source\nkari@example.com,ebook\n")
    assert everything(database) == [[], [], [], [], []]


def test_two_imports_at_once_make_each_lead_once(database: Database) -> None:
    tokens = itertools.count()

    def run(content: bytes) -> ImportReport:
        stream = io.BytesIO(content)
        return import_leads(
            database, VirtualClock(NOW), stream, file="leads.csv", new_token=lambda: f"token-{next(tokens)}"
        )

    header, *rows = SAMPLE.read_bytes().splitlines(keepends=True)
    backwards = header + b"".join(reversed(rows))
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, [SAMPLE.read_bytes(), backwards]))
    assert sum(report.created for report in reports) == 520
    assert count(database, "lead") == count(database, "lead_trigger") == count(database, "score") == 520


def test_progress_is_told_after_each_batch(sqlite_database: Database) -> None:
    heard: list[int] = []
    take_in(sqlite_database, SAMPLE.read_bytes(), tick=heard.append)
    assert heard == [500, 520]


def test_leads_are_found_by_number_or_address_and_listed_by_stage(database: Database) -> None:
    take_in(database, "email\nkari@example.com\nola@example.com\nsilje@example.com\n")
    change(database, "UPDATE lead SET stage = 'mql' WHERE id = 2")
    found = find_lead(database, " Ola@example.com ")
    assert found is not None
    assert find_lead(database, str(found.id)) == found
    assert find_lead(database, "nobody@example.com") is None
    assert [lead.id for lead in list_leads(database, after=1)] == [2, 3]
    assert [lead.id for lead in list_leads(database, "mql")] == [2]
    assert [lead.id for lead in list_leads(database, limit=1)] == [1]


# --- reading the file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_usual_encodings_and_separators_are_recognized(
    sqlite_database: Database, encoding: str, separator: str
) -> None:
    cells = [["E-mail", "First name", "Company"], ["kari@example.com", "Åse", f'"Ødegård{separator} Sønn & Co"']]
    content = "\r\n".join(separator.join(row) for row in cells).encode(encoding)
    take_in(sqlite_database, content)
    lead = find_lead(sqlite_database, "kari@example.com")
    assert lead is not None
    assert (lead.first_name, lead.company) == (
        "Åse",
        f"Ødegård{' ' if separator == chr(9) else separator} Sønn & Co".replace("  ", " "),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "leads.csv: expected column names in the first line, but the file is empty"),
        (b"name,phone\nKari,1\n", "expected a column named 'email'; found 'name', 'phone'"),
        (b"emial,phone\n", "found 'emial', 'phone', did you mean 'email'?"),
        (b"PK\x03\x04....", "this is a workbook; save it as CSV first"),
        (b'"email,name\n', "a quotation mark is not closed"),
    ],
)
def test_a_file_that_is_no_list_of_leads_is_refused_as_a_whole(
    sqlite_database: Database, content: bytes, expected: str
) -> None:
    with pytest.raises(IntakeError) as refusal:
        take_in(sqlite_database, content)
    assert expected in str(refusal.value)


def test_a_column_we_do_not_know_is_told_once_with_a_guess(sqlite_database: Database) -> None:
    report = take_in(sqlite_database, "email,Compnay,consent\na@example.com,A,yes\nb@example.com,B,yes\n")
    assert report.warnings == ["column 2 'Compnay' is not used, did you mean 'company'?"]


@pytest.mark.parametrize("heading", ["Name", "Full name", "Contact Name", "Navn"])
def test_a_column_of_whole_names_is_not_guessed_at(sqlite_database: Database, heading: str) -> None:
    report = take_in(sqlite_database, f"email,legal ground,{heading}\nmona@mill.example,consent,Mona Berg\n")
    assert report.warnings == [f"column 3 '{heading}' is not used: split it into 'first name' and 'last name'"]


def test_a_file_read_as_windows_1252_says_so(sqlite_database: Database) -> None:
    report = take_in(sqlite_database, "email,consent,company\na@example.com,yes,Bæk".encode("cp1252"))
    assert "Windows-1252" in report.warnings[0]


@pytest.mark.parametrize(
    ("rows", "lines_in", "faults"),
    [
        ('a@example.com,"two\nlines"\nb@example.com,B\n', [2, 4], []),  # a cell may hold a line break
        ('a@example.com,"open\nb@example.com,B\nc@example.com,C\n', [3, 4], [2]),  # never closed
        ('a@example.com,"open\nb@example.com,"B"\nc@example.com,C\n', [3, 4], [2]),  # closed by a later row's mark
        ('a@example.com,"A"x\nb@example.com,B\n', [3], [2]),  # text behind the closing mark
        ("a@example.com,A,more\nb@example.com,B\n", [3], [2]),  # a cell too many
        ("a@example.com\n\n , \nb@example.com,B,,\n", [2, 5], []),  # short, blank and padded rows
        ("a@example.com," + "x" * 100_000 + "\nb@example.com,B\n", [3], [2]),  # a line without end
    ],
)
def test_a_broken_row_does_not_take_the_next_one_down(rows: str, lines_in: list[int], faults: list[int]) -> None:
    columns = Columns((Column(0, "email", "email"), Column(1, "company", "company")), ())
    with opened(io.BytesIO(f"email,company\n{rows}".encode()), "leads.csv") as table:
        read = [(row.line, read_row(row, columns, NOW)) for row in table.rows]
    assert [line for line, drawn in read if isinstance(drawn, Draft)] == lines_in
    assert [line for line, drawn in read if not isinstance(drawn, Draft)] == faults


@pytest.mark.parametrize(
    ("field", "cell", "stored"),
    [
        ("email", " Kari.Lund@Example.COM ", "kari.lund@example.com"),
        ("email", "kari@bücher.example.com", "kari@xn--bcher-kva.example.com"),
        ("email", "kari\u200b@example.com", "kari@example.com"),  # copied from a web page
        ("first_name", " Anne\tMarie\x07 ", "Anne Marie"),
        ("company", "=HYPERLINK(1)", "=HYPERLINK(1)"),  # a formula stays plain text
        ("country", "norge", "NO"),
        ("country", "U.S.A.", "US"),
        ("country", "Bosnia and Herzegovina", "BA"),
        ("employees", "1,200", 1200),
        ("employees", "50-200", 50),
        ("employees", "50 – 200 employees", 50),
        ("employees", "1.200+", 1200),
        ("language", "en-GB", "en"),
        ("language", "Norwegian", "no"),
        ("timezone", "Europe/Oslo", "Europe/Oslo"),
        ("legal_ground", "YES", "consent"),
        ("legal_ground", "no", None),
        ("legal_ground", "Soft opt-in", "soft_opt_in"),
        ("opted_out", "2026-05-01", True),  # exports give the day of the opt-out
        ("opted_out", "false", None),
        ("created_at", "2026-09-14", datetime(2026, 9, 14, tzinfo=UTC)),
        ("created_at", "2026-09-14T10:30+02:00", datetime(2026, 9, 14, 8, 30, tzinfo=UTC)),
        ("source", "Trade show", "tradeshow"),
        ("phone", "  ", None),
    ],
)
def test_a_cell_is_stored_as(field: str, cell: str, stored: object) -> None:
    assert value(field, cell) == stored


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        ("email", "kari", "is no e-mail address"),
        ("email", "kåre@example.com", "is no e-mail address"),  # few mail systems take such a local part
        ("email", "No-Reply+7@example.com", "is a mailbox nobody reads"),
        ("email", "x" * 300 + "@example.com", "is longer than 254 characters"),
        ("country", "Narnia", "is no country"),
        ("timezone", "CET+1", "is no time zone"),
        ("language", "Klingon", "is no language"),
        ("employees", "12.5", "is no number of people"),
        ("employees", "99999999", "is no number of people"),
        ("legal_ground", "contrct", "is no legal ground, did you mean 'contract'?"),
        ("created_at", "14.09.2026", "is no date"),
        ("created_at", "0001-01-01T00:00+14:00", "is no date"),
        ("title", "x" * 201, "is longer than 200 characters"),
    ],
)
def test_a_cell_is_refused_because_it(field: str, cell: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("?", r"\?")):
        value(field, cell)


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("NO", "Europe/Oslo"),
        ("DE", "Europe/Berlin"),  # has two zones, which agree
        ("US", None),
        ("AU", None),
        ("BR", None),
        ("XX", None),
    ],
)
def test_a_country_tells_the_time_zone_where_all_its_clocks_agree(country: str, zone: str | None) -> None:
    assert zone_of(country) == zone


def test_the_file_s_own_time_zone_wins_over_the_country_s(sqlite_database: Database) -> None:
    take_in(sqlite_database, "email,country,tz\na@example.com,NO,Asia/Tokyo\nb@example.com,NO,\n")
    assert [lead.timezone for lead in list_leads(sqlite_database)] == ["Asia/Tokyo", "Europe/Oslo"]


@pytest.mark.parametrize("code", ["NO", "gb", "IN", "is", "ZA"])
def test_a_country_may_be_given_by_its_code(code: str) -> None:
    assert country_code(code) == code.upper()


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.sampled_from([b",", b";", b"\t"]))
def test_any_file_at_all_gives_drafts_and_faults_and_never_another_error(content: bytes, separator: bytes) -> None:
    fields = ("email", "employees", "country", "created_at", "legal_ground", "source")
    columns = Columns(tuple(Column(number, name, name) for number, name in enumerate(fields)), ())
    header = separator.join(name.encode() for name in fields)
    with opened(io.BytesIO(header + b"\n" + content), "leads.csv") as table:
        read = [read_row(row, columns, NOW) for row in table.rows]
    assert all(isinstance(drawn, Draft) or all(isinstance(fault, Fault) for fault in drawn) for drawn in read)
