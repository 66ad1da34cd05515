"""What a lead gets that belongs to sales: nothing by itself; what its rep lets it get; what it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.database import Database
from models.words import Suppression
from nurture.advance import tick
from nurture.content import load_project
from nurture.enroll import enroll
from nurture.errors import UsageError
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.keep_warm import keep_warm
from nurture.mail import Email
from nurture.suppress import suppress
from tests.office import WELCOME, Office
from tests.support import make_ports, write_project

_SEQUENCE = """
sequence: {name}
title: For those with sales
owner: sales
stage: bofu
enter:
  trigger: {trigger}
  again: always
send:
  days: every day
  between: 00:00-23:59
  timezone: UTC
steps: {steps}
"""
LIGHT = "[{email: tofu/two, from: owner}, {wait: 5 days}, {email: tofu/three}]"
SEQUENCES = {
    "welcome": WELCOME,
    "warm": _SEQUENCE.format(name="warm", trigger="keep_warm", steps=LIGHT),
    "asked": _SEQUENCE.format(
        name="asked", trigger="form_submitted", steps="[{email: tofu/four, transactional: true}]"
    ).replace("again", "when: submitted('ebook')\n  again"),
}
TEMPLATES = ["tofu/one", "tofu/two", "tofu/three", "tofu/four"]


@pytest.fixture
def sold(database: Database, tmp_path: Path) -> Office:
    """A lead that sales has in hand, with sequences that would mail it."""
    office = Office(database, tmp_path)
    write_project(tmp_path, sequences=SEQUENCES, templates=TEMPLATES, caps=[])
    office.ports = make_ports(database, office.clock, office.mailer, load_project(tmp_path))
    office.add_lead()
    office.submit("demo")
    qualify_due(office.ports)
    return office


def mails(office: Office, days: int = 0) -> list[Email]:
    """What the lead got, after the engine has worked for so many days."""
    for _ in range(days + 1):
        enroll(office.ports)
        tick(office.ports)
        office.pass_time(days=1)
    return [mail for mail in office.mailer.emails if mail.to.address == "mona@mill.example"]


def subjects(mails: list[Email]) -> list[str]:
    return [mail.subject.rpartition("/")[2] for mail in mails]


def test_marketing_is_silent_once_sales_has_the_lead(sold: Office) -> None:
    """Statement 16 and 37: no automatic mail to a lead owned by sales."""
    assert mails(sold, days=8) == []


def test_its_rep_may_let_it_get_a_few(sold: Office) -> None:
    """Statement 37: the switch starts the light track, and only that."""
    accept(sold.ports, 1, "kari", Given("unknown", "unknown"))
    keep_warm(sold.ports, 1, "kari", on=True)
    keep_warm(sold.ports, 1, "kari", on=True)
    assert subjects(mails(sold, days=8)) == ["two", "three"]


def test_they_are_answered_to_the_rep(sold: Office) -> None:
    """Statement 26 and 42: the rep's own name where it says so, its address to reply to in any case."""
    keep_warm(sold.ports, 1, "kari", on=True)
    by_rep, by_brand = mails(sold, days=8)
    assert (by_rep.sender.address, by_rep.reply_to) == ("kari@example.com", None)
    assert by_brand.sender.address == "nora@acme.example"
    assert by_brand.reply_to and by_brand.reply_to.address == "kari@example.com"


def test_what_it_asks_for_comes_and_is_answered_to_the_rep(sold: Office) -> None:
    """Statement 26, and 53: what is asked for comes at once, also then."""
    sold.submit("ebook")
    (mail,) = mails(sold)
    assert mail.reply_to and mail.reply_to.address == "kari@example.com"


def test_before_the_handoff_answers_go_where_they_always_go(here: Office) -> None:
    here.add_lead()
    assert here.mail().reply_to is None


def test_switched_off_nothing_more_comes(sold: Office) -> None:
    keep_warm(sold.ports, 1, "kari", on=True)
    assert subjects(mails(sold, days=1)) == ["two"]
    keep_warm(sold.ports, 1, "kari", on=False)
    assert subjects(mails(sold, days=8)) == ["two"]
    assert [row.kind for row in sold.rows("SELECT kind FROM touch ORDER BY id")] == ["kept warm", "not kept warm"]


def test_a_lead_that_leaves_sales_gets_no_more_of_it(sold: Office) -> None:
    keep_warm(sold.ports, 1, "kari", on=True)
    reject(sold.ports, 1, "kari", "not_ready")
    with pytest.raises(UsageError, match="sales has it no more"):
        keep_warm(sold.ports, 1, "kari", on=True)
    sold.submit("demo", message="now")
    qualify_due(sold.ports)
    assert mails(sold, days=8) == []


@pytest.mark.parametrize("reason", [Suppression.OPT_OUT, Suppression.SUNSET])
def test_nobody_is_kept_warm_who_must_not_be_mailed(sold: Office, reason: Suppression) -> None:
    keep_warm(sold.ports, 1, "kari", on=True)
    with sold.database.transaction("no more") as connection:
        suppress(connection, [1], reason, "test", sold.clock.now())
    keep_warm(sold.ports, 1, "kari", on=False)
    keep_warm(sold.ports, 1, "kari", on=True)
    assert mails(sold, days=8) == []
