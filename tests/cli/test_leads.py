"""`nurture leads`: in, listed, shown, explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CSV, Nurture


def test_the_same_file_twice_changes_nothing(nurture: Nurture, project: Path) -> None:
    assert nurture("leads", "import", "leads.csv").out == "3 created, 0 updated, 0 unchanged, 0 left out\n"
    assert nurture("leads", "import", "leads.csv").out == "0 created, 0 updated, 3 unchanged, 0 left out\n"


def test_faulty_rows_are_told_and_the_rest_comes_in(nurture: Nurture, project: Path) -> None:
    (project / "leads.csv").write_text(CSV + "nobody,Nils,,,,\n")
    answer = nurture("leads", "import", "leads.csv")
    assert answer.code == 1
    assert "no e-mail address" in answer.out
    assert answer.out.endswith("3 created, 0 updated, 0 unchanged, 1 left out\n")
    found = nurture("leads", "import", "leads.csv", "--json").json
    assert (found["unchanged"], found["left_out"], found["faults"][0]["line"]) == (3, 1, 5)


def test_a_file_that_is_no_table_is_refused_in_one_block(nurture: Nurture, project: Path) -> None:
    (project / "leads.xlsx").write_bytes(b"PK\x03\x04 and so on")
    answer = nurture("leads", "import", "leads.xlsx")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "Error: leads.xlsx: this is a workbook; save it as CSV first\n"


def test_leads_are_listed_with_what_comes_next(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    leads = nurture("leads", "list", "--stage", "iql", "--json").json["leads"]
    mona = leads[0]
    assert (mona["stage"], mona["name"], mona["sequence"], mona["step"]) == (
        "iql",
        "Mona",
        "welcome",
        "tofu/one/wait-1",
    )
    assert mona["next_local"].endswith("Oslo")
    assert "Mill AS" in nurture("leads", "list").out
    assert len(nurture("leads", "list", "--limit", "1", "--after", "1", "--json").json["leads"]) == 1
    assert nurture("leads", "list", "--stage", "mlq").err == "Error: unknown stage 'mlq', did you mean 'mql'?\n"


@pytest.mark.parametrize("who", ["1", "mona@mill.example.com"])
def test_one_lead_is_shown_with_its_history(nurture: Nurture, imported: Path, who: str) -> None:
    nurture("run")
    found = nurture("leads", "show", who, "--json").json
    assert found["lead"]["company"] == "Mill AS"
    assert [mail["template"] for mail in found["mails"]] == ["tofu/one"]
    assert [act["name"] for act in found["engagement"]] == ["ebook"]
    shown = nurture("leads", "show", who).out
    assert "Lead 1: Mona, Mill AS" in shown
    assert "5 days after tofu/one" in shown


def test_one_lead_is_explained(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    found = nurture("leads", "explain", "1", "--json").json
    [coming] = found["upcoming"]
    assert (coming["what"], coming["because"]) == ("mail tofu/two", ["5 days after tofu/one"])
    assert found["missing"]["hand-raise"][0]["text"] == "Asked for a person"
    shown = nurture("leads", "explain", "1").out
    assert "Ready? not now" in shown
    assert "because 5 days after tofu/one" in shown


def test_an_unknown_lead_is_a_wrong_word(nurture: Nurture, project: Path) -> None:
    answer = nurture("leads", "explain", "nobody@mill.example.com")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no lead 'nobody@mill.example.com'" in answer.err


def test_a_topic_is_declined_and_taken_back(nurture: Nurture, imported: Path) -> None:
    config = imported / "nurture.yaml"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"topics": {"news": "News", "tips": "Tips"}}))
    assert nurture("leads", "topics", "1", "--decline", "news", "--json").json == {
        "wanted": {"news": False, "tips": True}
    }
    assert "told to us" in nurture("leads", "topics", "1").out
    assert "news (told to us)" in nurture("leads", "show", "1").out
    assert nurture("leads", "topics", "1", "--accept", "news", "--json").json["wanted"] == {"news": True, "tips": True}
    wrong = nurture("leads", "topics", "1", "--decline", "new")
    assert (wrong.code, wrong.err) == (2, "Error: unknown topic 'new', did you mean 'news'?\n")
