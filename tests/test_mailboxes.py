"""Whose mailbox it is: shared and thrown-away addresses at intake; and until when a ground holds."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import text

from models.database import Database
from nurture.leads.values import value
from tests.test_leads_import import take_in


@pytest.mark.parametrize("ground", ["", "soft opt-in", "contract"])
@pytest.mark.parametrize("mailbox", ["info", "Sales", "admin", "info2", "HR", "post", "info+fair"])
def test_a_shared_mailbox_comes_in_only_by_its_own_opt_in(sqlite_database: Database, mailbox: str, ground: str) -> None:
    report = take_in(sqlite_database, f"email,legal ground\n{mailbox}@mill.example,{ground}\n")
    assert [fault.reason for fault in report.faults] == [
        "is a shared mailbox: it gets mail only if it signed up itself (consent)"
    ]
    assert take_in(sqlite_database, f"email,legal ground\n{mailbox}@mill.example,consent\n").created == 1


@pytest.mark.parametrize("mailbox", ["abuse", "postmaster", "no-reply", "donotreply", "MAILER-DAEMON", "Bounce+7-x"])
def test_a_mailbox_that_nobody_reads_never_comes_in(sqlite_database: Database, mailbox: str) -> None:
    report = take_in(sqlite_database, f"email,legal ground\n{mailbox}@mill.example,consent\n")
    assert [fault.reason for fault in report.faults] == ["is a mailbox nobody reads; write to a person"]


@pytest.mark.parametrize("domain", ["mailinator.com", "Mailinator.COM", "x.mailinator.com", "guerrillamail.com"])
def test_a_throw_away_address_is_refused_with_the_reason(domain: str) -> None:
    with pytest.raises(ValueError, match="throw-away"):
        value("email", f"mona@{domain}")


@pytest.mark.parametrize("domain", ["gmail.com", "mailinator.com.mill.example", "xmailinator.example", "mill.example"])
def test_other_domains_are_not_taken_for_one(domain: str) -> None:
    assert value("email", f"mona@{domain}") == f"mona@{domain}"


def test_the_list_of_throw_away_services_is_read_when_it_is_needed() -> None:
    """It takes a twentieth of a second, which `nurture --help` need not wait for."""
    told = "import sys, nurture.cli, nurture.leads; print('disposable_email_domains' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )


def test_a_ground_may_end(database: Database) -> None:
    take_in(
        database,
        "email,legal ground,consent until\na@mill.example,soft opt-in,2027-05-01\nb@mill.example,,2027-05-01\n",
    )
    with database.reading() as connection:
        rows = connection.execute(text("SELECT legal_ground, ground_until FROM lead ORDER BY id")).all()
    assert [(row.legal_ground, str(row.ground_until)[:10]) for row in rows] == [
        ("soft_opt_in", "2027-05-01"),
        (None, "None"),
    ]
