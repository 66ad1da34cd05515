"""The CRM's way in: who may tell of deals, what it hears back, and that it is kept as it came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nurture.web import create_app
from nurture.web.api import SiteKeys
from tests.office import Office
from tests.web.conftest import Visitor

KEYS = SiteKeys("wk_site", "sk_server", frozenset({"https://www.acme.example"}))
SERVER = {"Authorization": "Bearer sk_server"}
PATH = "/v1/opportunities"
WON = {"external_id": "D-1", "email": "mona@mill.example", "state": "won", "amount": "12500.00", "currency": "NOK"}


@pytest.fixture
def visitor(office: Office) -> Visitor:
    office.add_lead()
    return Visitor(create_app(office.ports, webhook_keys=(), site_keys=KEYS))


def test_a_deal_is_stored_as_it_came_and_makes_a_customer(office: Office, visitor: Visitor) -> None:
    """Statement 25."""
    content = json.dumps(WON | {"own": "field"}, indent=3).encode()
    answer = visitor.post(PATH, content=content, headers=SERVER)
    assert (answer.status_code, answer.json()) == (200, {"success": True, "taken": 1, "left_out": []})
    assert bytes(office.one("SELECT body FROM inbox_body").body) == content
    assert tuple(office.one("SELECT stage FROM lead")) == ("customer",)
    assert tuple(office.one("SELECT amount, currency, source FROM opportunity")) == (1_250_000, "NOK", "api")
    visitor.post(PATH, content=content, headers=SERVER)
    assert len(office.rows("SELECT 1 FROM opportunity")) == 1


def test_what_cannot_be_read_is_told_at_once_and_the_rest_is_taken(office: Office, visitor: Visitor) -> None:
    batch: dict[str, Any] = {"batch": [WON | {"state": "sold"}, WON, 7, WON | {"amount": 12.5}]}
    answer = visitor.post(PATH, json=batch, headers=SERVER)
    assert answer.json() == {
        "success": True,
        "taken": 1,
        "left_out": [
            {"entry": 1, "reason": "state: 'sold' is no state; write open, won or lost"},
            {"entry": 3, "reason": "the deal is not a JSON object"},
            {"entry": 4, "reason": 'amount: write it as a text, such as "12500.00"'},
        ],
    }
    assert len(office.rows("SELECT 1 FROM opportunity")) == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wk_site"}, {"Authorization": "Bearer "}])
def test_the_key_that_stands_in_pages_is_not_enough(office: Office, visitor: Visitor, headers: dict[str, str]) -> None:
    assert visitor.post(PATH, json=WON, headers=headers).status_code == 401
    assert office.rows("SELECT 1 FROM inbox") == []


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        ("{", 400, "the body is not JSON"),
        ("[]", 400, "the body is not a JSON object"),
        ('{"batch": []}', 400, "`batch` is not a list of 1 to 500 deals"),
        (json.dumps({"batch": [WON] * 501}), 400, "`batch` is not a list of 1 to 500 deals"),
        ('{"state": "won"}', 400, "no deal can be read"),
        ("x" * 505_000, 413, "that is too much at once"),
    ],
)
def test_what_is_no_request_is_refused(office: Office, visitor: Visitor, content: str, status: int, told: str) -> None:
    answer = visitor.post(PATH, content=content, headers=SERVER)
    assert (answer.status_code, answer.json()["detail"]) == (status, told)
    assert office.rows("SELECT 1 FROM inbox") == []


def test_while_no_key_is_set_nobody_gets_in(office: Office) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=(), site_keys=SiteKeys("wk_site")))
    assert visitor.post(PATH, json=WON, headers={"Authorization": "Bearer "}).status_code == 503
