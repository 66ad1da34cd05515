"""Alerts that marketers put into sequences: who is told, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from models.statement import write
from nurture.advance import tick
from nurture.alerts import deliver
from nurture.content import load_project
from nurture.delivery import Delivered
from nurture.enroll import enroll
from nurture.handoff import qualify_due
from tests.office import Office
from tests.support import make_ports

NUDGE = """
sequence: nudge
title: Warm up to a demo
owner: marketing
stage: tofu
enter: {trigger: form_submitted}
steps: [{alert: TO, note: "NOTE", id: tell-us}]
"""


def rewrite(office: Office, to: str, note: str = "Wants a guide; worth a call?", **config: object) -> None:
    """A sequence that alerts, in a project with these settings on top."""
    root = office.ports.project.root
    (root / "sequences" / "nudge.yaml").write_text(NUDGE.replace("TO", to).replace("NOTE", note))
    path = root / "nurture.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    office.ports = make_ports(office.database, office.clock, office.mailer, load_project(root))


def pass_by(office: Office, **told: object) -> None:
    """A lead asks for a guide and reaches the step that alerts."""
    office.add_lead(**told)
    office.submit("ebook")
    office.pass_time(hours=1)
    enroll(office.ports)
    tick(office.ports)


def test_marketing_gets_the_note_with_who_it_is_about(office: Office) -> None:
    rewrite(office, "marketing", alert_to="marketing@example.com")
    pass_by(office, title="Plant manager", country="NO", timezone="Europe/Oslo", phone="+47 22 00 00 00")
    assert deliver(office.ports) == Delivered(sent=1)
    (alert,) = office.alerts
    assert (alert.to.address, alert.to.name) == ("marketing@example.com", "")
    assert alert.subject == "Mona Berg, Plant manager, Mill: Wants a guide; worth a call?"
    assert alert.headers["Auto-Submitted"] == "auto-generated"
    for body in (alert.text, alert.html):
        for told in (
            "Plant manager, Mill",
            "NO, Tue 3 Mar 11:00 Oslo",
            "mona@mill.example",
            "+47 22 00 00 00",
            "Wants a guide; worth a call?",
            "Warm up to a demo",
            "tell-us",
            "Asked for a guide",
            "nurture leads show 1",
            "Alert note:2:tell-us",
        ):
            assert told in body
    office.pass_time(days=1)
    assert deliver(office.ports) == Delivered()


@pytest.mark.parametrize(
    ("owner", "config", "to"),
    [
        ("kari", {"alert_to": "marketing@example.com"}, "kari@example.com"),
        ("kari", {}, "kari@example.com"),
        ("left-us", {"alert_to": "marketing@example.com"}, "marketing@example.com"),
        (None, {"alert_to": "marketing@example.com"}, "marketing@example.com"),
    ],
)
def test_the_owner_gets_the_note_or_marketing_where_nobody_knows_one(
    here: Office, owner: str | None, config: dict[str, str], to: str
) -> None:
    rewrite(here, "owner", **config)
    pass_by(here)
    own(here, owner)
    assert deliver(here.ports) == Delivered(sent=1)
    assert [alert.to.address for alert in here.alerts] == [to]


@pytest.mark.parametrize("to", ["owner", "marketing"])
def test_a_note_for_nobody_is_given_up_with_the_reason(here: Office, to: str) -> None:
    rewrite(here, to, alert_to="marketing@example.com")
    pass_by(here)
    own(here, "left-us")
    project = here.ports.project
    nobody = replace(project, config=project.config.model_copy(update={"alert_to": None}))
    here.ports = replace(here.ports, project=nobody)
    assert deliver(here.ports) == Delivered(dead=1)
    assert here.alerts == []
    assert here.one("SELECT state, reason FROM outbox") == (
        "dead",
        "there is nobody to tell: set alert_to in nurture.yaml",
    )


def own(office: Office, owner: str | None) -> None:
    with office.database.transaction("own") as connection:
        connection.execute(write("UPDATE lead SET owner = :owner"), {"owner": owner})


def test_a_note_and_a_call_for_a_person_go_out_together(here: Office) -> None:
    rewrite(here, "marketing", alert_to="marketing@example.com")
    pass_by(here)
    here.submit("demo")
    qualify_due(here.ports)
    assert deliver(here.ports) == Delivered(sent=2)
    assert {alert.to.address for alert in here.alerts} == {"kari@example.com", "marketing@example.com"}


def test_a_note_of_a_lead_nothing_is_known_of_says_so(here: Office) -> None:
    rewrite(here, "marketing", "<b>Look</b>", alert_to="marketing@example.com")
    pass_by(here, first_name=None, last_name=None, company=None)
    with here.database.transaction("forget") as connection:
        connection.execute(write("DELETE FROM event"))
    deliver(here.ports)
    (alert,) = here.alerts
    assert alert.subject == "mona@mill.example: <b>Look</b>"
    assert "Nothing that counts yet." in alert.text
    assert "<b>Look</b>" not in alert.html


def test_a_long_note_is_cut_in_the_subject_only(here: Office) -> None:
    note = "Read three mails about the night load, and worked out the savings of the second site as well, twice"
    rewrite(here, "marketing", note, alert_to="marketing@example.com")
    pass_by(here)
    deliver(here.ports)
    (alert,) = here.alerts
    assert len(alert.subject) <= 110
    assert alert.subject.endswith("...")
    assert note in alert.text
