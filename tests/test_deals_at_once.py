"""Two requests of a CRM that name one new deal at the same moment: one gets it, the other is told why not."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

from sqlalchemy import text

from models.database import Database
from nurture.engage import Folded, fold, receive
from nurture.engage.inbox import DEALS
from nurture.handoff import Given, accept, qualify_due
from tests.office import Office

_WAITING = (
    "SELECT COUNT(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_ADOPT = text("UPDATE opportunity SET external_id = 'D-1' WHERE lead_id = 1")


def test_who_comes_second_with_a_number_is_told_and_not_set_aside(postgres_database: Database, tmp_path: Path) -> None:
    office = Office(postgres_database, tmp_path)
    for number, email in enumerate(("mona@mill.example", "pa@dairy.example"), start=1):
        office.submit("demo", email)
        qualify_due(office.ports)
        accept(office.ports, number, "kari", Given("yes", "yes"))
    told = [
        {"external_id": "D-1", "email": "pa@dairy.example", "state": "open"},
        {"external_id": "D-2", "email": "pa@dairy.example", "state": "open"},
    ]
    receive(office.ports, DEALS, json.dumps({"batch": told}).encode())
    done: list[Folded] = []
    second = Thread(target=lambda: done.append(fold(office.ports)))
    with office.database.transaction("the first") as connection:
        connection.execute(_ADOPT)
        second.start()
        while second.is_alive() and not office.one(_WAITING).waiting:
            pass
    second.join(30)
    assert [(one.requests, one.faults) for one in done] == [(1, 1)]
    (request,) = office.rows("SELECT state, CAST(faults AS TEXT) AS faults FROM inbox WHERE source = 'deals'")
    assert request.state == "done"
    assert "another lead's" in request.faults
    deals = office.rows("SELECT lead_id, external_id FROM opportunity ORDER BY lead_id, external_id")
    assert [tuple(deal) for deal in deals] == [(1, "D-1"), (2, "D-2")]
