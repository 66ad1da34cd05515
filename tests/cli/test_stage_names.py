"""A company's own names of the stages, in every answer that people read."""

from __future__ import annotations

import json
import re
from pathlib import Path

from nurture.core.lifecycle import STAGES
from tests.cli.conftest import Nurture

_CODES = re.compile(r"\b(iql|mql|sql)\b", re.IGNORECASE)
_SALES = {"sql", "opportunity"}


def test_statement_21_renamed_stages_appear_everywhere(nurture: Nurture, project: Path) -> None:
    path = project / "nurture.yaml"
    config = json.loads(path.read_text())
    config["agreement"]["stages"] = {
        stage: {"name": f"Zone {number}", "department": "sales" if stage in _SALES else "marketing"}
        for number, stage in enumerate(STAGES, start=1)
    }
    for signature in config["agreement"]["agreed_by"].values():
        signature["date"] = "2026-02-02"
    path.write_text(json.dumps(config))
    assert nurture("apply", "--yes").code == 0
    assert nurture("leads", "import", "leads.csv").code == 0
    assert nurture("run").code == 0  # Omar asked for a call, and is handed over

    for words, named in (
        (["leads", "list"], ["Zone 1", "Zone 3"]),
        (["leads", "show", 2], ["Zone 1", "Zone 3"]),
        (["leads", "explain", 1], ["Stage Zone 1", "Ready for Zone 2"]),
        (["leads", "explain", 2], ["Zone 3"]),
        (["status"], ["Zone 1", "Zone 3"]),
        (["agreement", "show"], [f"Zone {number}" for number in range(1, 9)]),
        (["simulate", "--days", 3, "--leads", "leads.csv", "--lead", 2], ["becomes Zone 3"]),
        (["simulate", "--days", 3, "--leads", "leads.csv"], ["Zone 1", "Zone 2 or further"]),
        (["report"], ["Zone 1"]),
        (["diagram"], []),
    ):
        told = nurture(*words).out
        for name in named:
            assert name in told, words
        assert _CODES.findall(told) == [], words
    for mail in (project / "outbox").glob("*.eml"):
        assert not _CODES.search(mail.read_text()), mail.name


def test_programs_read_the_codes_that_never_change(nurture: Nurture, project: Path) -> None:
    nurture("leads", "import", "leads.csv")
    assert {lead["stage"] for lead in nurture("leads", "list", "--json").json["leads"]} == {"iql"}
    assert list(nurture("status", "--json").json["status"]["stages"]) == list(STAGES)
