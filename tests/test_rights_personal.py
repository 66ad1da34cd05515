"""All we know about a person as one document: whole, readable by machines, and about nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nurture.errors import UsageError
from nurture.handoff import qualify_due
from nurture.rights.forget import forget
from nurture.rights.personal import personal_data
from nurture.rights.registry import REGISTRY
from tests.office import Office
from tests.test_rights_forget import CANARIES, EMAIL, address_of, live_a_life, traces


def document(office: Office, lead: int) -> dict[str, Any]:
    made = personal_data(office.ports, address_of(office, lead))
    return dict(json.loads(json.dumps(made)))


def test_it_holds_all_that_a_search_of_the_database_finds(office: Office) -> None:
    lead = live_a_life(office)
    told = document(office, lead)
    assert told["about"] == EMAIL
    assert told["where_from"]["source"] == "canary-note"
    known = json.dumps(told["data"], ensure_ascii=False).lower()
    assert [canary for canary in CANARIES if canary != "canary-visitor" and canary.lower() not in known] == []
    found = {name for name, _ in traces(office.database)}
    assert found - told["data"].keys() == {"inbox_body"}, "what requests said is told with the requests"


def test_every_table_and_column_says_what_it_is(here: Office) -> None:
    told = document(here, live_a_life(here))
    for name, part in told["data"].items():
        assert part["about"]
        assert {key for row in part["rows"] for key in row} - {"received_at", "source"} <= part["columns"].keys()
        shown = {column for column, it in REGISTRY[name].columns.items() if it.shown}
        assert {key for row in part["rows"] for key in row} & set(REGISTRY[name].columns) <= shown | {"told"}


def test_nothing_is_in_it_of_other_people_or_that_opens_doors(office: Office) -> None:
    office.add_lead("frauke@other.example", first_name="Frauke", company="Gadget")
    office.tell(office.event(office.mail(), "delivered", 5))
    office.submit("ebook", "frauke@other.example", message="Frauke was here")
    lead = live_a_life(office)
    qualify_due(office.ports)
    told = json.dumps(document(office, lead))
    secrets = [row.token for row in office.rows("SELECT token FROM address UNION SELECT token FROM handoff")]
    for word in ("frauke", "gadget", "tom@other.example", "kari", *secrets):
        assert word.lower() not in told.lower()


def test_of_somebody_who_was_erased_there_is_nothing_to_tell(here: Office) -> None:
    lead = here.add_lead(EMAIL)
    forget(here.ports, address_of(here, lead))
    with pytest.raises(UsageError, match="stays erased"):
        document(here, lead)
