"""`nurture report`: how nurturing goes, on the screen, for scripts and as a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Nurture


def test_the_report_on_the_screen_tells_intervals_not_bare_shares(nurture: Nurture, offered: Path) -> None:
    answer = nurture("report")
    assert answer.code == 0
    for title in ("Leads by stage", "What sales made of it", "Promises kept", "Mails, in people", "Deals"):
        assert title in answer.out
    assert "too few to tell (0 of " in answer.out


def test_for_scripts_each_share_comes_with_both_ends(nurture: Nurture, offered: Path) -> None:
    found = nurture("report", "--since", "12w", "--json").json["report"]
    assert found["within_days"] == 30 and {one["stage"] for one in found["stages"]} >= {"iql", "sql"}
    [step] = [one for one in found["steps"] if one["step"] == "tofu/one"]
    assert step["delivered"] == {
        "part": 0, "whole": step["sent"], "share": 0.0, "low": 0.0, "high": step["delivered"]["high"], "tells": False
    }  # fmt: skip


def test_as_a_page(nurture: Nurture, offered: Path) -> None:
    answer = nurture("report", "--html", "out/report.html")
    assert answer.code == 0 and answer.out == "" and "Written to" in answer.err
    page = (offered / "out" / "report.html").read_text()
    assert "How nurturing goes" in page and 'href="' not in page and "mona@" not in page


def test_one_lead_newest_first(nurture: Nurture, offered: Path) -> None:
    answer = nurture("report", "--lead", 1)
    assert answer.code == 0 and answer.out.startswith("Lead 1: ") and "entered welcome" in answer.out
    entries = nurture("report", "--lead", 1, "--json").json["timeline"]["entries"]
    assert "first heard of" in [one["what"] for one in entries]
    assert entries == sorted(entries, key=lambda one: one["at"], reverse=True)
    nurture("report", "--lead", 1, "--html", "lead.html")
    assert "What happened" in (offered / "lead.html").read_text()


def test_a_lead_that_is_not_there(nurture: Nurture, imported: Path) -> None:
    answer = nurture("report", "--lead", 99)
    assert answer.code == 2 and "there is no lead 99" in answer.err


@pytest.mark.parametrize("span", ["", "soon", "0d", "-3d", "90", "1 year"])
def test_a_span_that_makes_no_sense(nurture: Nurture, imported: Path, span: str) -> None:
    answer = nurture("report", "--since", span)
    assert answer.code == 2 and "write it like 30d, 12w or 90 days" in answer.err
