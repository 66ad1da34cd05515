"""`nurture plan` and `nurture apply`: an edit is looked at, then made live, and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Nurture, execute, mails


@pytest.fixture
def under_way(nurture: Nurture, imported: Path) -> Path:
    """One lead has had the first mail and waits five days for the second."""
    assert nurture("run").code == 0
    return imported


def edit(project: Path, old: str, new: str) -> None:
    path = project / "sequences" / "welcome.yaml"
    path.write_text(path.read_text().replace(old, new))


def test_without_edits_there_is_nothing_to_do(nurture: Nurture, under_way: Path) -> None:
    assert nurture("plan").out == "What is live is what the files say.\n"
    assert nurture("apply").out == "What is live is what the files say.\n"


def test_a_plan_shows_the_lines_the_leads_and_the_days_and_writes_nothing(nurture: Nurture, under_way: Path) -> None:
    edit(under_way, "wait: 5 days", "wait: 9 days")
    for _ in range(2):
        shown = nurture("plan").out
        assert "welcome: edited" in shown
        assert "  +steps: [{email: tofu/one}, {wait: 9 days}, {email: tofu/two}]" in shown
        assert "1 later, by up to 4 days" in shown
        assert "tofu/one/wait-1" in shown
        assert "Nothing was written." in shown
    found = nurture("plan", "--json").json["plan"]
    assert (found["sequences"][0]["edit"], sum(found["before"].values())) == ("edited", 1)


def test_a_plan_tells_what_comes_next_for_one_lead(nurture: Nurture, under_way: Path) -> None:
    edit(under_way, "wait: 5 days", "wait: 9 days")
    told = nurture("plan", "--lead", 1, "--json").json
    assert "5 days" in told["sequences"][0]["before"]
    assert "9 days" in told["sequences"][0]["after"]
    assert nurture("plan", "--lead", 77).code == 2


def test_an_edit_is_told_until_it_is_applied_and_is_live_then(nurture: Nurture, under_way: Path) -> None:
    edit(under_way, "wait: 5 days", "wait: 1 minutes")
    assert "welcome was edited: `nurture plan` shows what that does" in nurture("run").err
    assert "welcome was edited" in nurture("status").out
    assert "welcome was edited" in nurture("doctor").out
    applied = nurture("apply", "--yes")
    assert (applied.code, applied.out.splitlines()[-1]) == (0, "Done: welcome went live, 1 leads decided anew.")
    assert "welcome was edited" not in nurture("status").out + nurture("doctor").out
    execute(under_way, "UPDATE enrollment SET due_at = '2020-01-01 00:00:00', until = '2020-01-01 00:00:00'")
    nurture("run")
    assert mails(under_way) == ["1.eml", "2.eml", "alert-1.eml"]


def test_where_nobody_can_be_asked_the_flag_is_named(nurture: Nurture, under_way: Path) -> None:
    edit(under_way, "wait: 5 days", "wait: 9 days")
    answer = nurture("apply")
    assert answer.code == 2
    assert "say --yes" in answer.err
    assert "welcome: edited" in nurture("plan").out


def test_an_apply_answers_for_programs(nurture: Nurture, under_way: Path) -> None:
    (under_way / "sequences" / "welcome.yaml").unlink()
    found = nurture("apply", "--yes", "--json").json
    assert found["applied"] == {"sequences": ["welcome"], "decided": 1, "left": 1, "pinned": 0}
    assert found["plan"]["sequences"][0]["exits"] == {"the sequence was taken out": 1}


def test_pinned_leads_are_told(nurture: Nurture, under_way: Path) -> None:
    edit(under_way, "wait: 5 days", "wait: 9 days")
    assert "1 finish the text they have" in nurture("plan", "welcome", "--pin").out
    assert nurture("apply", "welcome", "--pin", "--yes").out.endswith("1 finish the text they have.\n")
    assert nurture("status", "--json").json["status"]["steps"][0]["step"] == "tofu/one/wait-1"


def test_nothing_is_applied_while_a_file_has_faults(nurture: Nurture, under_way: Path) -> None:
    edit(under_way, "wait: 5 days", "wiat: 5 days")
    assert "has faults, so what is live stays" in nurture("plan").out
    answer = nurture("apply", "--yes")
    assert answer.code == 1
    assert "sequences/welcome.yaml" in answer.err


def test_a_sequence_nobody_knows_is_guessed(nurture: Nurture, project: Path) -> None:
    answer = nurture("plan", "welcme")
    assert answer.code == 2
    assert "did you mean 'welcome'?" in answer.err


def test_a_plan_does_not_put_a_new_sequence_live(nurture: Nurture, under_way: Path) -> None:
    source = (under_way / "sequences" / "welcome.yaml").read_text()
    (under_way / "sequences" / "other.yaml").write_text(source.replace("sequence: welcome", "sequence: other"))
    for _ in range(2):
        out = nurture("plan").out
        assert "other: new; goes live by itself at the next start" in out
        assert out.endswith("Nothing was written. Whatever runs next makes it live; `nurture apply` does so now.\n")
    nurture("status")
    assert nurture("plan").out == "What is live is what the files say.\n"


def change_terms(project: Path, minutes: int, day: str | None = None) -> None:
    """Edit the agreement; both departments sign on that day, or not at all."""
    path = project / "nurture.yaml"
    config = json.loads(path.read_text())
    config["agreement"]["settle_minutes"] = minutes
    for signature in config["agreement"]["agreed_by"].values():
        signature["date"] = day or signature["date"]
    path.write_text(json.dumps(config))


def test_statement_50_a_change_of_the_agreement_needs_both_signatures(nurture: Nurture, project: Path) -> None:
    change_terms(project, 20)
    refused = nurture("apply", "--yes")
    assert refused.code == 1
    assert "sales has not signed the change: set agreed_by.sales.date" in refused.out
    assert refused.err == "Error: Nothing was applied: get both signatures, then `nurture apply`.\n"
    assert nurture("apply", "--json").err.count("sales has not signed the change") == 1
    for command in ("plan", "status", "doctor"):
        assert "has not signed the change" in nurture(command).out
    assert "has not signed the change" in nurture("run").err
    found = nurture("validate")
    assert found.code == 1
    assert found.out.count("has not signed the change") == 2
    assert nurture("apply", "welcome", "--yes").code == 0  # what needs no signature is not held up


def test_a_signed_change_of_the_agreement_is_applied_and_logged(nurture: Nurture, project: Path) -> None:
    change_terms(project, 20, "2026-02-02")
    assert "  settle_minutes: 10 -> 20" in nurture("plan").out
    applied = nurture("apply", "--yes")
    assert (applied.code, "The agreement is in force." in applied.out) == (0, True)
    assert nurture("apply").out == "What is live is what the files say.\n"
    newest, oldest = nurture("agreement", "log", "--json").json["versions"]
    assert [str(one["path"]) for one in newest["changes"]] == ["settle_minutes"]
    assert (newest["sales"]["date"], oldest["until"]) == ("2026-02-02", newest["since"])
    assert "settle_minutes: 10 -> 20" in nurture("agreement", "log").out
