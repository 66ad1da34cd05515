"""`nurture db`, `doctor` and `demo`: getting going."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Answer, Nurture, execute


def test_upgrading_twice_is_harmless(nurture: Nurture, project: Path) -> None:
    (project / "nurture.db").unlink()
    assert nurture("db", "upgrade").code == 0
    assert nurture("db", "upgrade").out.endswith("It was there already.\n")


def findings(answer: Answer) -> dict[str, dict[str, str]]:
    return {finding["about"]: finding for finding in answer.json["findings"]}


def test_a_healthy_set_up_is_told_with_the_source_of_each_setting(nurture: Nurture, project: Path) -> None:
    (project / ".env").write_text("NURTURE_SENDGRID__API_KEY=SG.very-secret\n")
    answer = nurture("doctor", "--json")
    found = findings(answer)
    assert answer.code == 0
    assert found["NURTURE_SENDGRID__API_KEY"]["says"] == "set (.env)"
    assert found["NURTURE_MAIL__PROVIDER"]["says"] == "outbox (default)"
    assert found["durability"]["says"] == "WAL, synchronous=FULL"
    assert "very-secret" not in answer.out


@pytest.mark.parametrize(
    ("settings", "about", "says"),
    [
        ({"NURTURE_MAIL__PROVIDER": "sendgrid"}, "mailer", "no SendGrid API key"),
        ({"NURTURE_MAIL__PROVIDER": "sendgrid"}, "sender", "no provider sends from it"),
        ({"NURTURE_MAIL__PROVIDER": "sendgrid"}, "public URL", "is not https"),
        ({"NURTURE_MAIL__PROVIDER": "sendgrid"}, "webhook key", "not set"),
        ({"NURTURE_SENDGRID__WEBHOOK_KEY": "abc"}, "webhook key", "not a P-256 public key"),
        ({"NURTURE_MAIL__PROVIDER": "pigeon"}, "settings", "NURTURE_MAIL__PROVIDER"),
        ({"NURTURE_DATABASE_URL": "postgresql://kim:secret@127.0.0.1:9/nurture"}, "database", "cannot be reached"),
    ],
)
def test_what_is_missing_is_told(
    nurture: Nurture, project: Path, monkeypatch: Any, settings: dict[str, str], about: str, says: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    answer = nurture("doctor", "--json")
    assert answer.code == 3
    assert findings(answer)[about]["level"] == "fail"
    assert says in findings(answer)[about]["says"]
    assert "secret@" not in answer.out


def test_a_restored_backup_is_told(nurture: Nurture, offered: Path) -> None:
    execute(offered, "UPDATE installation SET attempts_reserved = 0")
    assert findings(nurture("doctor", "--json"))["high-water mark"]["level"] == "fail"
    assert nurture("run").code == 3


def test_a_long_public_address_is_told(nurture: Nurture, project: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("NURTURE_PUBLIC_URL", f"https://{'a-long-name.' * 5}example.com")
    assert findings(nurture("doctor", "--json"))["public URL"]["level"] == "warn"


def test_the_doctor_makes_no_database(nurture: Nurture, project: Path) -> None:
    (project / "nurture.db").unlink()
    assert nurture("doctor").code == 0
    assert not (project / "nurture.db").exists()


def test_the_demo_ends_as_its_own_process_ended(nurture: Nurture, project: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert nurture("demo").code == 1


def test_postgres_is_set_up_by_one_command(
    nurture: Nurture, project: Path, monkeypatch: Any, empty_postgres_url: str
) -> None:
    monkeypatch.setenv("NURTURE_DATABASE_URL", empty_postgres_url)
    refused = nurture("status")
    assert (refused.code, "nurture db upgrade" in refused.err) == (3, True)
    assert findings(nurture("doctor", "--json"))["database"]["do"] == "nurture db upgrade"
    assert nurture("db", "upgrade").code == 0
    assert nurture("status").code == 0
    assert findings(nurture("doctor", "--json"))["clock"]["level"] == "ok"
