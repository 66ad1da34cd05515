"""Deals on the command line."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Nurture
from tests.support import REPOSITORY

FILE = """deal id,email,state,amount,currency,reason
7,mona@mill.example.com,won,"12 500,50",NOK,
8,stranger@x.example.com,open,,,
"""


@pytest.fixture
def leads(nurture: Nurture, project: Path) -> Path:
    assert nurture("leads", "import", "leads.csv").code == 0
    (project / "deals.csv").write_text(FILE)
    return project


def test_a_file_of_deals_is_taken_in_and_what_is_left_out_can_be_mended(nurture: Nurture, leads: Path) -> None:
    taken = nurture("deals", "import", "deals.csv", "--left-out", "mend.csv")
    assert (taken.code, taken.out.splitlines()[-1]) == (1, "1 created, 0 updated, 0 unchanged, 1 left out")
    assert "is no lead of ours" in taken.out
    assert (leads / "mend.csv").read_text().splitlines()[1].startswith("8,stranger@x.example.com,open")
    [deal] = nurture("deals", "list", "--json").json["deals"]
    assert (deal["state"], deal["amount"], deal["currency"], deal["source"]) == (
        "won", 1_250_050, "NOK", "import deals.csv",
    )  # fmt: skip
    assert "12,500.50 NOK" in nurture("deals", "list", "--state", "won").out
    assert nurture("deals", "list", "--state", "lost").out == "Deals: none\n"
    assert nurture("deals", "import", "deals.csv", "--json").json["unchanged"] == 1


def test_a_rep_says_that_a_deal_was_won_once(nurture: Nurture, project: Path) -> None:
    nurture("leads", "import", "leads.csv")
    assert nurture("run", "--once").code == 0
    [handoff] = nurture("handoffs", "list", "--json").json["handoffs"]
    said = ("--by", handoff["owner"])
    nurture("handoffs", "accept", 1, *said, "--project", "yes", "--budget", "yes")
    assert "is no amount" in nurture("deals", "win", 1, *said, "--amount", "much", "--currency", "EUR").err
    won = nurture("deals", "win", 1, *said, "--amount", "12500", "--currency", "eur")
    assert (won.code, won.out) == (0, f"Deal 1 (lead {handoff['lead_id']}) is won.\n")
    again = nurture("deals", "win", 1, *said, "--json")
    assert (again.code, again.json["fresh"], again.json["amount"]) == (1, False, 1_250_000)
    assert nurture("deals", "lose", 1, *said, "--reason", "not_redy").code == 2
    assert nurture("deals", "win", 9, *said).code == 2


def test_a_lost_deal_comes_back_on_the_day_that_was_named(nurture: Nurture, offered: Path) -> None:
    rep = nurture("handoffs", "list", "--json").json["handoffs"][0]["owner"]
    nurture("handoffs", "accept", 1, "--by", rep, "--project", "yes", "--budget", "no")
    assert "is no day" in nurture("deals", "lose", 1, "--by", rep, "--reason", "not_ready", "--until", "soon").err
    day = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"
    lost = nurture("deals", "lose", 1, "--by", rep, "--reason", "not_ready", "--until", day)
    assert (lost.code, lost.out) == (0, "Deal 1 (lead 2) is lost.\n")
    [chance] = nurture("leads", "explain", 2, "--json").json["chances"]
    assert chance["trigger"] == "handoff_rejected"


def test_the_shipped_example_is_read(nurture: Nurture, leads: Path) -> None:
    shutil.copy(REPOSITORY / "samples" / "deals.csv", leads / "sample.csv")
    told = nurture("deals", "import", "sample.csv", "--json").json
    assert {fault["reason"].partition(";")[0] for fault in told["faults"]} <= {
        "is no lead of ours", "unknown reason 'No budget this year'",
    }  # fmt: skip
    assert told["warnings"] == []
