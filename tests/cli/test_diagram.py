"""`nurture diagram` on the command line: to the screen or into a file, with the leads of the database if wanted."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Nurture


def test_it_is_mermaid_text_where_nothing_else_is_asked_for(nurture: Nurture, project: Path) -> None:
    answer = nurture("diagram", "welcome")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith('flowchart TD\n    start(["enters by lead created"]):::end_\n')
    assert "Mail: tofu/one<br>About tofu/one" in answer.out


def test_all_sequences_together_are_mermaid_for_a_page(nurture: Nurture, project: Path) -> None:
    text = (project / "sequences" / "welcome.yaml").read_text()
    (project / "sequences" / "other.yaml").write_text(text.replace("sequence: welcome", "sequence: other"))
    out = nurture("diagram").out
    assert out.count("```mermaid\nflowchart TD\n") == out.count("## Two mails\n") == 2


def test_the_ending_of_the_file_says_how_it_is_drawn(nurture: Nurture, project: Path) -> None:
    for name, begins in (("a/w.svg", "<svg "), ("w.html", "<!doctype html>"), ("w.md", "flowchart TD")):
        answer = nurture("diagram", "welcome", "--output", name)
        assert (answer.code, answer.out, answer.err) == (0, "", f"Written to {name}.\n")
        assert (project / name).read_text().lstrip().startswith(begins)
    assert nurture("diagram", "welcome", "--format", "svg").out.startswith("<svg ")


def test_counts_come_from_the_database_only_when_asked_for(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    assert "mailed" not in nurture("diagram", "welcome").out
    out = nurture("diagram", "welcome", "--counts").out
    assert "Wait: 5 days<br>" in out and "here now" in out and "1 mailed, 0% clicked" in out


def test_for_programs_it_is_the_tree_with_its_counts(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    [told] = nurture("diagram", "--counts", "--json").json["sequences"]
    first, wait, second = told["steps"]
    assert (told["name"], first["id"], first["kind"], first["counts"]["mailed"]) == ("welcome", "tofu/one", "email", 1)
    assert (wait["counts"]["standing"], second["lines"], second["arms"]) == (1, ["About tofu/two"], [])
    assert nurture("diagram", "--json").json["sequences"][0]["steps"][0]["counts"] is None


def test_what_cannot_be_drawn_is_said(nurture: Nurture, project: Path) -> None:
    assert "unknown sequence 'welcom', did you mean 'welcome'?" in nurture("diagram", "welcom").err
    text = (project / "sequences" / "welcome.yaml").read_text()
    (project / "sequences" / "other.yaml").write_text(text.replace("sequence: welcome", "sequence: other"))
    answer = nurture("diagram", "--format", "svg")
    assert (answer.code, answer.err) == (2, "Error: An SVG shows one sequence; say which: other, welcome.\n")
    for path in (project / "sequences").glob("*.yaml"):
        path.unlink()
    assert (nurture("diagram").code, nurture("diagram").err) == (2, "Error: The project has no sequence to draw.\n")


def test_counts_need_a_database_and_make_none(nurture: Nurture, project: Path) -> None:
    for path in project.glob("*.db*"):
        path.unlink()
    assert nurture("diagram", "welcome").code == 0
    answer = nurture("diagram", "welcome", "--counts")
    assert answer.code != 0
    assert "There is no database yet" in answer.err
    assert list(project.glob("*.db*")) == []
