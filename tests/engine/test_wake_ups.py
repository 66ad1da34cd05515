"""A lead that waits for something goes on when it happens, whatever it comes in between."""

from __future__ import annotations

from datetime import timedelta

from nurture.handoff import qualify_due
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.mail import Outcome
from tests.engine.conftest import ANYTHING_COUNTS, HEAD, TWO_MAILS, WAITS_FOR_A_PROMOTION, Company
from tests.engine.interleave import at
from tests.office import Office

WAITS_FOR_THE_EBOOK = f"""{HEAD.format(name="walk")}steps:
  - wait_for: submitted('ebook')
    at_most: 7 days
    if_not: [{{exit: too late}}]
  - email: tofu/one
"""
PROMOTES_AFTER_A_DAY = f"""{HEAD.format(name="walk")}steps:
  - wait: 1 days
  - promote: mql
"""


def test_what_is_waited_for_may_happen_while_the_claim_waits_for_its_locks(company: Company) -> None:
    company.write("walk", WAITS_FOR_THE_EBOOK)
    company.add_leads()
    qualify_due(company.ports)

    def ask_for_the_ebook() -> None:
        company.clock.advance(timedelta(seconds=1))
        company.submit("ebook")
        qualify_due(company.ports)

    at(company.database, "claim: before", ask_for_the_ebook)
    company.tick()
    company.tick(minutes=1)
    assert len(company.mailer.sent) == 1


def test_a_promotion_by_a_step_wakes_the_other_sequences_of_the_lead(company: Company) -> None:
    company.configure(agreement=ANYTHING_COUNTS)
    company.write("walk", PROMOTES_AFTER_A_DAY)
    company.write("other", WAITS_FOR_A_PROMOTION.format(name="other"))
    company.add_leads()
    company.tick()
    company.submit("ebook")
    company.tick(days=1)
    assert company.one("SELECT stage FROM lead") == "mql"
    assert len(company.mailer.sent) == 1


def test_what_a_file_tells_of_a_known_lead_has_its_readiness_asked_again(office: Office) -> None:
    """Engaged enough for long, it was only not known to fit."""
    office.add_lead()
    office.submit("webinar")
    office.pass_time(days=1)
    office.submit("pricing")
    assert qualify_due(office.ports) == 0
    draft = Draft(email="mona@mill.example", title="Head of operations", country="NO")
    with office.database.transaction("import") as connection:
        save(connection, [draft], Intake("import fair.csv", office.clock.now(), office.ports.new_id))
    assert qualify_due(office.ports) == 1


def test_a_mail_that_the_provider_would_not_take_is_not_offered_earlier_for_it(company: Company) -> None:
    """What the lead does meanwhile is looked at when the mail's time has come."""
    company.write("walk", TWO_MAILS.format(name="walk"))
    company.add_leads()
    company.mailer.answers = [Outcome.NOT_ACCEPTED]
    company.tick()
    company.submit("ebook")
    qualify_due(company.ports)
    company.tick(seconds=59)
    assert len(company.mailer.sent) == 1
    company.tick(seconds=1)
    assert len(company.mailer.sent) == 2
    assert company.one("SELECT state FROM message") == "accepted"
