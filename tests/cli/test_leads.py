"""`nurture leads`: in, listed, shown, explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nurture.cli.dossier import _show_what_if
from nurture.preferences import look_up, subscribe_again
from nurture.runtime import opened
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


def test_rows_that_were_left_out_are_mended_and_taken_in_again(nurture: Nurture, project: Path) -> None:
    (project / "leads.csv").write_text(CSV + "nobody,Nils,,,,\n")
    assert nurture("leads", "import", "leads.csv", "--left-out", "mend.csv").code == 1
    heading, row = (project / "mend.csv").read_text().splitlines()
    assert (heading.split(",")[-1], row.split(",")[:2]) == ("left out because", ["nobody", "Nils"])
    assert "email: is no e-mail address" in row
    (project / "mend.csv").write_text(f"{heading}\n{row.replace('nobody', 'nils@mill.example', 1)}\n")
    assert nurture("leads", "import", "mend.csv").out == "1 created, 0 updated, 0 unchanged, 0 left out\n"


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


def test_who_was_opted_out_by_a_list_gets_the_link_to_its_own_page(nurture: Nurture, imported: Path) -> None:
    (imported / "out.csv").write_text("email,opted out\nmona@mill.example.com,yes\n")
    nurture("leads", "import", "out.csv")
    page = nurture("leads", "link", "mona@mill.example.com").out.strip()
    assert nurture("leads", "link", "1", "--json").json == {"lead": 1, "link": page}
    with opened(imported) as ports:
        token = page.removeprefix(f"{ports.public_url}/u/")
        assert look_up(ports, token).left
        subscribe_again(ports, token)
        assert not look_up(ports, token).left


def test_one_lead_is_explained(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    found = nurture("leads", "explain", "1", "--json").json
    [coming] = found["upcoming"]
    assert (coming["what"], coming["because"]) == ("mail tofu/two", ["5 days after tofu/one"])
    assert found["missing"]["hand-raise"][0]["text"] == "Asked for a person"
    shown = nurture("leads", "explain", "1").out
    assert "Ready? not now" in shown
    assert "because 5 days after tofu/one" in shown


def test_a_decision_is_explained_by_the_agreement_of_its_day(nurture: Nurture, imported: Path) -> None:
    """Omar came by "call me": the decision, what it rested on, and the terms it was made by."""
    nurture("run")
    [listed] = nurture("leads", "explain", 2, "--json").json["decisions"]
    assert listed["outcome"] == "sql"
    told = nurture("leads", "explain", 2, "--decision", listed["id"], "--json").json["decision"]
    assert (told["id"], told["version"]) == (listed["id"], listed["agreement_version"])
    shown = nurture("leads", "explain", 2, "--decision", listed["id"]).out
    assert "signed by Ida Solberg, 12 Jan 2026, for marketing" in shown
    assert "asked for a person (call-me)" in shown
    assert "intent_within_days: 14" in shown
    refused = nurture("leads", "explain", 1, "--decision", listed["id"])
    assert refused.code == 2
    assert "has no decision" in refused.err


def test_an_explanation_says_what_would_change_it(nurture: Nurture, imported: Path) -> None:
    found = nurture("leads", "explain", "1", "--json").json
    assert {"to": "sql", "change": "it asked for a person"} in found["what_if"]
    assert any(check["near"] == "has not happened yet" for check in found["checklist"])
    shown = nurture("leads", "explain", "1").out
    assert "Would become SQL if it asked for a person." in shown
    assert "what is missing" in shown


def test_several_ways_to_go_further_stand_in_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    ways = [("MQL", "it asked for a guide"), ("SQL", "it asked for a person"), ("MQL", "it came back on another day")]
    _show_what_if(ways, asked=True)
    assert capsys.readouterr().out.splitlines() == [
        "  Would become MQL if one of these were so:",
        "    it asked for a guide",
        "    it came back on another day",
        "  Would become SQL if it asked for a person.",
        "",
    ]


def test_scores_are_counted_anew(nurture: Nurture, imported: Path) -> None:
    shown = nurture("leads", "rescore", "--dry-run")
    assert "3 leads, 3 stored scores differ." in shown.out
    told = nurture("leads", "rescore", "--json").json
    assert (told["leads"], told["differ"], told["stored"]) == (3, 3, True)
    again = nurture("leads", "rescore", "--json").json
    assert (again["differ"], again["grades"]) == (0, [])


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


def test_no_rep_gets_whom_a_person_takes_out_and_it_can_be_undone(nurture: Nurture, imported: Path) -> None:
    """Statement 84."""
    assert nurture("leads", "no-calls", "1", "--json").json == {"lead": 1, "no_sales_contact": True}
    assert "did not ask sales to stay away" in nurture("leads", "explain", "1").out.lower()
    told = nurture("leads", "no-calls", "1", "--undo")
    assert (told.code, told.out) == (0, "Lead 1 may be handed to sales again.\n")


def test_a_lead_is_moved_by_hand_and_the_record_says_by_whom_and_why(nurture: Nurture, imported: Path) -> None:
    told = nurture("leads", "move", "1", "disqualified", "--by", "kari", "--because", "a student")
    assert (told.code, told.out) == (0, "Lead 1 went from IQL to Disqualified.\n")
    assert "a student" in nurture("leads", "show", "1").out
    moved = nurture("leads", "move", "1", "iql", "--because", "none after all", "--json").json
    assert moved == {"lead": 1, "from": "disqualified", "to": "iql"}
    wrong = nurture("leads", "move", "1", "advocate", "--because", "likes us")
    assert (wrong.code, wrong.out) == (2, "") and "no lifecycle move from iql to advocate" in wrong.err
    assert "did you mean 'advocate'?" in nurture("leads", "move", "1", "advocat", "--because", "likes us").err
