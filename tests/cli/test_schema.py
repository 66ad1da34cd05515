"""`nurture schema`: what editors know of the files, printed or written into a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nurture.content.schema import schema_files
from tests.cli.conftest import Nurture


def test_a_schema_is_printed_ready_to_be_saved(nurture: Nurture) -> None:
    assert nurture("schema").out == nurture("schema", "sequence").out == schema_files()["schemas/sequence.schema.json"]
    assert "agreement" in json.loads(nurture("schema", "nurture").out)["properties"]
    assert nurture("schema", "mails").code == 2


def test_schemas_and_rules_are_written_into_the_project_in_any_folder_of_it(
    nurture: Nurture, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "sequences")
    answer = nurture("schema", "--write")
    assert (answer.code, answer.out.split()) == (0, [*schema_files(), "docs/rules.md"])
    for path, text in schema_files().items():
        assert (project / path).read_text(encoding="utf-8") == text
    assert "### step_kind\n" in (project / "docs" / "rules.md").read_text(encoding="utf-8")


def test_writing_again_changes_nothing_and_leaves_what_people_wrote(nurture: Nurture, project: Path) -> None:
    page = project / "docs" / "sequences.md"
    page.parent.mkdir()
    page.write_text("Ours.\n<!-- generated: fields -->\n<!-- end -->\nOurs too.\n", encoding="utf-8")
    assert "docs/sequences.md" in nurture("schema", "--write").out
    written = page.read_text(encoding="utf-8")
    assert written.startswith("Ours.\n") and written.endswith("Ours too.\n") and "`lead.score`" in written
    nurture("schema", "--write")
    assert page.read_text(encoding="utf-8") == written
