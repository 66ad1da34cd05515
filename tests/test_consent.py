"""Consent: on record with its words and proof, confirmed where that is asked for, over when it is over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from models.words import LegalGround, Suppression
from nurture import alerts, opt_in, preferences
from nurture.advance import tick
from nurture.content import load_project
from nurture.engage import fold, receive
from nurture.enroll import enroll
from nurture.leads import import_leads
from nurture.mail import Email
from nurture.suppress import suppress
from tests.office import START, WELCOME, Office
from tests.support import REPOSITORY, write_project

WORDING = "Yes, write to me about energy."
#: what somebody asks for by a form goes out at once; what follows is marketing
ASKED = """
sequence: asked
title: What was asked for, then more
owner: marketing
stage: tofu
enter: {trigger: form_submitted, again: always}
send: {days: every day, between: 00:00-23:59, timezone: UTC}
steps:
  - tag: asked
  - {email: tofu/one, transactional: true}
  - email: tofu/two
"""


def strict(office: Office) -> Office:
    """The same company, where every consent must be confirmed."""
    root = office.ports.project.root
    write_project(root, sequences={"welcome": WELCOME, "asked": ASKED}, templates=["tofu/one", "tofu/two"], caps=[])
    rules = f'"consent": {{"double_opt_in": true, "wording": "{WORDING}"}},'
    (root / "nurture.yaml").write_text((root / "nurture.yaml").read_text().replace("{", "{" + rules, 1))
    project = load_project(root)
    office.ports.library.publish(project, office.clock.now())
    object.__setattr__(office.ports, "project", project)
    return office


@pytest.fixture
def careful(office: Office) -> Office:
    return strict(office)


@pytest.fixture
def careful_here(here: Office) -> Office:
    return strict(here)


def work(office: Office, **span: float) -> list[Email]:
    """Time passes and everything is worked; what left, but for alerts to our own people."""
    office.pass_time(**span)
    enroll(office.ports)
    tick(office.ports)
    alerts.deliver(office.ports)
    return [email for email in office.mailer.emails if "acme.example" not in email.to.address]


def log(office: Office) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in office.rows("SELECT act, ground, source, wording FROM consent ORDER BY at, id")]


def token(office: Office) -> str:
    found = re.search(r"/c/(\S+)", office.mailer.emails[-1].text)
    assert found
    return found[1]


def put(office: Office, reason: Suppression) -> None:
    with office.database.transaction("suppress") as connection:
        suppress(connection, [1], reason, "one-click", office.clock.now())


# --- the log


def test_a_form_that_agrees_is_on_record_with_words_source_and_proof(office: Office) -> None:
    office.submit("ebook", consent="yes")
    row = office.one("SELECT c.*, e.key FROM consent c, event e")
    assert (row.act, row.ground, row.source) == ("given", "consent", "form ebook")
    assert row.wording == office.ports.project.config.consent.wording
    assert row.proof == f"event {bytes(row.key).hex()}"
    assert str(row.at)[:19] == "2026-03-03 09:00:00"


def test_an_import_is_on_record_for_those_who_gain_a_ground(office: Office) -> None:
    file = office.ports.project.root / "fair.csv"
    file.write_text(
        "email,legal ground,opted out,created\na@mill.example,consent,,2026-02-01\nb@mill.example,,,\n"
        "c@mill.example,soft opt-in,yes,\nd@mill.example,contract,,\n"
    )
    for _ in range(2):
        with file.open("rb") as stream:
            import_leads(office.database, office.clock, stream, file="fair.csv", new_token=office.ports.new_id)
    rows = office.rows("SELECT a.email, c.act, c.ground, c.source FROM consent c JOIN address a ON a.id = c.address_id")
    assert sorted(tuple(row) for row in rows) == [
        ("a@mill.example", "given", "consent", "import fair.csv"),
        ("c@mill.example", "withdrawn", None, "import fair.csv"),
        ("d@mill.example", "given", "contract", "import fair.csv"),
    ]


@pytest.mark.parametrize("reason", [Suppression.OPT_OUT, Suppression.COMPLAINT])
def test_what_is_taken_back_is_on_record_once(here: Office, reason: Suppression) -> None:
    here.add_lead()
    put(here, reason)
    put(here, reason)
    assert [(act, source) for act, _, source, _ in log(here)] == [("given", "test"), ("withdrawn", "one-click")]


def test_a_bounce_takes_nothing_back(here: Office) -> None:
    here.add_lead()
    put(here, Suppression.HARD_BOUNCE)
    assert [act for act, *_ in log(here)] == ["given"]


def test_nothing_in_the_code_changes_an_entry() -> None:
    """Only the right to be forgotten takes entries away, and that is not here."""
    house = REPOSITORY / "nurture"
    texts = {path: path.read_text() for path in house.rglob("*.py") if (house / "rights") not in path.parents}
    assert len(texts) > 100
    assert [path for path, text in texts.items() if re.search(r"UPDATE consent\b|DELETE FROM consent\b", text)] == []


# --- a form lifts nothing that a reader said


@pytest.mark.parametrize("reason", [*Suppression])
def test_nothing_but_sunset_is_lifted_by_a_form_because_anybody_can_type_anybodys_address(
    here: Office, reason: Suppression
) -> None:
    here.add_lead()
    put(here, reason)
    here.pass_time(days=1)
    here.submit("ebook", consent="on")
    lifted = reason is Suppression.SUNSET
    assert here.one("SELECT suppressed FROM address").suppressed == (None if lifted else reason)
    assert sum(act == "given" for act, *_ in log(here)) == 1 + lifted
    assert lifted or [mail for mail in work(here, days=10) if mail.to.address == "mona@mill.example"] == []


def test_the_way_back_from_an_opt_out_is_the_button_on_its_own_page(office: Office) -> None:
    office.add_lead()
    put(office, Suppression.OPT_OUT)
    office.submit("ebook", consent="yes")
    preferences.subscribe_again(office.ports, office.one("SELECT token FROM address").token)
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert [act for act, *_ in log(office)] == ["given", "withdrawn", "given"]


def test_an_import_lifts_nothing(here: Office) -> None:
    here.add_lead()
    put(here, Suppression.OPT_OUT)
    file = here.ports.project.root / "crm.csv"
    file.write_text("email,legal ground\nmona@mill.example,consent\n")
    with file.open("rb") as stream:
        import_leads(here.database, here.clock, stream, file="crm.csv", new_token=here.ports.new_id)
    assert here.one("SELECT suppressed FROM address").suppressed == "opt_out"
    assert work(here, days=10) == []


# --- double opt-in


def test_a_stranger_that_agrees_gets_one_mail_without_advertising_and_no_other(careful: Office) -> None:
    careful.submit("newsletter", consent="yes")
    work(careful)
    work(careful, days=20)
    asks = [mail for mail in careful.mailer.emails if mail.message_id.startswith("alert-")]
    assert [mail.to.address for mail in asks] == ["mona@mill.example"]
    assert WORDING in asks[0].text and "/c/" in asks[0].text and "acme.example/guide" not in asks[0].text
    assert asks[0].subject == "Please confirm: mail from Acme"
    mailed = careful.rows("SELECT template FROM message WHERE state = 'accepted'")
    assert [row.template for row in mailed] == ["tofu/one"]  # what it asked for
    assert careful.one("SELECT legal_ground FROM lead").legal_ground is None
    assert [act for act, *_ in log(careful)] == ["asked"]


def test_until_it_is_confirmed_only_what_was_asked_for_goes_out(careful: Office) -> None:
    careful.submit("ebook", consent="yes")
    work(careful)
    rows = careful.rows("SELECT n.sequence, m.step, m.state FROM message m JOIN enrollment n ON n.id = m.enrollment_id")
    assert [tuple(row) for row in rows if row.state == "accepted"] == [("asked", "tofu/one", "accepted")]
    why = careful.rows("SELECT state, why FROM enrollment")
    assert {row.state for row in why} == {"active"}
    assert all("has yet to confirm" in row.why for row in why)


def test_once_confirmed_what_waited_goes_out(careful: Office) -> None:
    careful.submit("ebook", consent="yes")
    work(careful)
    opt_in.confirm(careful.ports, token(careful))
    lead = careful.one("SELECT legal_ground, ground_source, confirm_until FROM lead")
    assert tuple(lead) == ("consent", "form ebook", None)
    assert log(careful)[-1] == ("confirmed", "consent", "form ebook", WORDING)
    work(careful)
    mailed = careful.rows("SELECT template FROM message WHERE state = 'accepted' ORDER BY template")
    assert [row.template for row in mailed] == ["tofu/one", "tofu/one", "tofu/two"]


def test_confirming_twice_is_once_and_does_not_undo_an_opt_out(careful_here: Office) -> None:
    careful_here.submit("ebook", consent="yes")
    work(careful_here)
    link = token(careful_here)
    opt_in.confirm(careful_here.ports, link)
    opt_in.confirm(careful_here.ports, link)
    put(careful_here, Suppression.OPT_OUT)
    opt_in.confirm(careful_here.ports, link)
    assert [act for act, *_ in log(careful_here)] == ["asked", "confirmed", "withdrawn"]
    assert careful_here.one("SELECT suppressed FROM address").suppressed == "opt_out"


@pytest.mark.parametrize(("age", "confirmed"), [(30 * 86400 - 1, True), (30 * 86400, False)])
def test_a_link_is_good_for_thirty_days_to_the_second(careful_here: Office, age: int, confirmed: bool) -> None:
    careful_here.submit("ebook", consent="yes")
    work(careful_here)
    link = token(careful_here)
    careful_here.pass_time(seconds=age)
    opt_in.confirm(careful_here.ports, link)
    assert (careful_here.one("SELECT legal_ground FROM lead").legal_ground is not None) is confirmed


def test_whoever_never_confirms_leaves_the_sequences(careful_here: Office) -> None:
    careful_here.submit("ebook", consent="yes")
    work(careful_here)
    work(careful_here, days=31)
    rows = careful_here.rows("SELECT state, reason FROM enrollment")
    assert {tuple(row) for row in rows} == {("stopped", "no legal ground to mail")}


def test_a_form_sent_again_and_again_asks_once_a_day(careful_here: Office) -> None:
    for n in range(5):
        careful_here.submit("ebook", consent="yes", submission=str(n))
    assert [act for act, *_ in log(careful_here)] == ["asked"]
    careful_here.pass_time(days=1)
    careful_here.submit("ebook", consent="yes", submission="later")
    assert [act for act, *_ in log(careful_here)] == ["asked", "asked"]


def test_whoever_opted_out_is_not_even_asked(careful_here: Office) -> None:
    careful_here.add_lead()
    put(careful_here, Suppression.OPT_OUT)
    careful_here.submit("ebook", consent="yes")
    assert work(careful_here) == []
    assert careful_here.one("SELECT suppressed FROM address").suppressed == "opt_out"


def test_an_opt_out_before_the_mail_leaves_stops_it(careful_here: Office) -> None:
    careful_here.submit("ebook", consent="yes")
    put(careful_here, Suppression.COMPLAINT)
    assert work(careful_here) == []


def test_whoever_agreed_before_is_not_asked_again(careful_here: Office) -> None:
    careful_here.add_lead()
    careful_here.submit("ebook", consent="yes")
    assert [act for act, *_ in log(careful_here)] == ["given", "given"]


# --- the ground runs out


@pytest.mark.parametrize(("seconds", "mails"), [(1, 1), (0, 0)])
def test_a_ground_that_runs_out_is_over_at_the_second(office: Office, seconds: int, mails: int) -> None:
    office.add_lead(ground_until=START + timedelta(days=5, seconds=seconds))
    office.mail()
    enroll(office.ports)
    office.pass_time(days=5)
    tick(office.ports)
    assert len(office.mailer.emails) == 1 + mails
    if not mails:
        assert office.one("SELECT reason FROM enrollment").reason == "the legal ground to mail has run out"


def test_consent_of_its_own_has_no_end(here: Office) -> None:
    here.add_lead(legal_ground=LegalGround.CONTRACT, ground_until=START + timedelta(days=1))
    here.submit("ebook", consent="yes")
    row = here.one("SELECT legal_ground, ground_until, ground_source FROM lead")
    assert tuple(row) == ("consent", None, "form ebook")


def test_what_was_asked_for_goes_out_without_consent_and_nothing_after_it(careful_here: Office) -> None:
    careful_here.submit("ebook")
    work(careful_here)
    work(careful_here, days=9)
    assert [row.template for row in careful_here.rows("SELECT template FROM message WHERE state = 'accepted'")] == [
        "tofu/one"
    ]
    reasons = careful_here.rows("SELECT reason FROM enrollment WHERE sequence = 'asked'")
    assert [row.reason for row in reasons] == ["no legal ground to mail"]


@pytest.mark.parametrize("reason", [Suppression.OPT_OUT, Suppression.COMPLAINT, Suppression.HARD_BOUNCE])
def test_not_even_what_was_asked_for_goes_to_whoever_is_suppressed(careful_here: Office, reason: Suppression) -> None:
    careful_here.add_lead()
    put(careful_here, reason)
    careful_here.submit("ebook")
    fold(careful_here.ports)
    assert work(careful_here) == []


def test_a_form_sent_before_the_opt_out_lifts_nothing_though_it_is_heard_of_later(office: Office) -> None:
    office.add_lead()
    receive(office.ports, "form:ebook", b'{"email": "mona@mill.example", "consent": "yes"}')
    office.pass_time(minutes=5)
    put(office, Suppression.OPT_OUT)
    office.pass_time(minutes=5)
    fold(office.ports)
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"
    assert [act for act, *_ in log(office)] == ["given", "withdrawn"]


@pytest.mark.parametrize(
    ("kind", "reason"), [("spamreport", Suppression.COMPLAINT), ("bounce", Suppression.HARD_BOUNCE)]
)
def test_what_comes_of_the_mail_that_asks_is_about_the_lead(careful: Office, kind: str, reason: str) -> None:
    careful.submit("newsletter", consent="yes")
    alerts.deliver(careful.ports)
    (asks,) = careful.mailer.emails
    careful.tell(careful.event(asks, kind, 60))
    assert careful.one("SELECT suppressed FROM address").suppressed == reason
