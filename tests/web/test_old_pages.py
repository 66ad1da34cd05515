"""A project's own pages may be those of an earlier version: what cannot be filled in must not keep anybody waiting."""

from __future__ import annotations

import logging

import pytest

from nurture import alerts
from nurture.engage import fold
from nurture.handoff import qualify_due
from nurture.web import create_app
from tests.office import Office
from tests.web.conftest import Visitor


@pytest.fixture(params=["unknown name", "broken", "missing"])
def pages(request: pytest.FixtureRequest, office: Office) -> Office:
    """A company whose pages and alerts are of no use."""
    folder = office.ports.project.root / "templates"
    for file in [*(folder / "pages").glob("*.html"), *(folder / "alerts").glob("sales.*")]:
        if request.param == "missing":
            file.unlink()
        else:
            file.write_text("{{ yesterdays_name.of }}" if request.param == "unknown name" else "{% if %}")
    return office


def test_the_pages_that_come_with_nurture_stand_in_and_the_log_says_so_once(
    pages: Office, caplog: pytest.LogCaptureFixture
) -> None:
    pages.add_lead()
    path = f"/u/{pages.one('SELECT token FROM address').token}"
    visitor = Visitor(create_app(pages.ports, webhook_keys=()))
    with caplog.at_level(logging.ERROR):
        answers = [visitor.get(path), visitor.get(path), visitor.post(path), visitor.get("/nothing-here")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]
    assert "Acme" in answers[0].text  # the brand is the project's
    assert pages.one("SELECT suppressed FROM address").suppressed == "opt_out"
    told = [record.getMessage() for record in caplog.records if "opt_out.html" in record.getMessage()]
    assert len(told) == 1
    assert "nurture validate" in told[0]


def test_sales_is_told_all_the_same(pages: Office) -> None:
    Visitor(create_app(pages.ports, webhook_keys=(), drain=lambda: None)).post(
        "/f/demo", data={"email": "mona@mill.example", "message": "Call me"}
    )
    fold(pages.ports)
    qualify_due(pages.ports)
    alerts.deliver(pages.ports)
    (alert,) = pages.alerts
    assert "Call me" in alert.text
