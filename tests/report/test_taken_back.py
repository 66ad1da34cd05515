"""A promotion that was taken back is no conversion, and the lead was where it was all the time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.handoff import qualify_due
from nurture.report import report
from tests.office import Office
from tests.test_withdraw import clicked_in_the_first_mail, it_was_a_scanner, state

SPAN, WITHIN = timedelta(days=90), timedelta(days=30)


@pytest.mark.parametrize("forms", [["webinar"], ["webinar", "pricing"]])
def test_a_promotion_that_was_taken_back_counts_as_none(office: Office, forms: list[str]) -> None:
    mail = clicked_in_the_first_mail(office)
    for form in forms:
        office.submit(form, occurred_at="2026-03-04T09:00:00Z")
    qualify_due(office.ports)
    assert state(office)[0] == ("mql" if len(forms) == 1 else "sql")
    it_was_a_scanner(office, mail)
    assert state(office)[0] == "iql"
    office.pass_time(days=40)
    found = report(office.ports, office.clock.now(), SPAN, WITHIN)
    of = {one.stage: (one.entered, one.rate.part, one.rate.whole) for one in found.conversions if one.month is None}
    assert (of["iql"], of["mql"], of["sql"]) == ((1, 0, 1), (0, 0, 0), (0, 0, 0))
    stays = {one.stage: (one.visits, one.still) for one in found.stays}
    assert (stays["iql"], stays["mql"], stays["sql"]) == ((1, 1), (0, 0), (0, 0))
