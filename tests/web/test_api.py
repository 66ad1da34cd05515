"""The site's API over HTTP: who may tell, how much, what browsers are allowed, and that nobody hears anything."""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest

from nurture.core.questions import QUESTIONS
from nurture.web import create_app
from nurture.web.api import SiteKeys
from tests.office import Office
from tests.web.conftest import Visitor

KEYS = SiteKeys("wk_site", "sk_server", frozenset({"https://www.acme.example"}))
BROWSER, SERVER = {"Authorization": "Bearer wk_site"}, {"Authorization": "Bearer sk_server"}
PAGE = {"anonymousId": "a1", "properties": {"path": "/pricing"}}
MONA = {"anonymousId": "a1", "userId": "42", "traits": {"email": "mona@mill.example"}}


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=(), site_keys=KEYS))


def basic(name: str, password: str = "") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_what_the_site_tells_is_stored_as_it_came_answered_and_worked(office: Office, visitor: Visitor) -> None:
    office.add_lead()
    content = json.dumps(PAGE | {"own": "field"}, indent=3).encode()
    answer = visitor.post("/v1/page", content=content, headers=basic("wk_site") | {"User-Agent": "Mozilla/5.0 Firefox"})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert bytes(office.one("SELECT body FROM inbox_body").body) == content
    assert visitor.post("/v1/identify", json=MONA, headers=BROWSER).status_code == 200
    track = {"anonymousId": "a1", "event": "Form Submitted", "messageId": "m1"}
    assert visitor.post("/v1/batch", json={"batch": [track | {"type": "track"}]}, headers=BROWSER).status_code == 200
    rows = office.rows("SELECT lead_id, kind, COALESCE(url, name) AS what FROM event ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, "visited", "/pricing"), (1, "tracked", "form_submitted")]


def test_a_robot_that_says_so_in_its_request_counts_for_nothing(office: Office, visitor: Visitor) -> None:
    for number, agent in enumerate(("Mozilla/5.0 (compatible; Googlebot/2.1)", "Mozilla/5.0 Firefox/140.0")):
        headers = BROWSER | {"User-Agent": agent}
        assert visitor.post("/v1/page", json=PAGE | {"messageId": f"m{number}"}, headers=headers).status_code == 200
    assert [row.machine for row in office.rows("SELECT machine FROM event ORDER BY id")] == [True, False]


@pytest.mark.parametrize("call", ["t", "track"])
def test_libraries_of_browsers_that_put_the_key_into_the_body_get_in(
    office: Office, visitor: Visitor, call: str
) -> None:
    told = {"anonymousId": "a1", "event": "Trial Started", "writeKey": "wk_site", "originalTimestamp": "2026-03-03"}
    assert visitor.post(f"/v1/{call}", json=told).status_code == 200
    assert visitor.post(f"/v1/{call}", json=told | {"writeKey": "wk_sit"}).status_code == 401
    assert office.one("SELECT name FROM event").name == "trial_started"


def test_a_call_with_the_key_in_its_body_is_parsed_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=(), site_keys=KEYS, drain=lambda: None))
    content, parsed, parse = json.dumps(PAGE | {"writeKey": "wk_site"}).encode(), list[bytes](), orjson.loads
    monkeypatch.setattr(orjson, "loads", lambda text: parsed.append(text) or parse(text))
    for agent in ("Mozilla/5.0 Firefox/140.0", "Mozilla/5.0 (compatible; Googlebot/2.1)"):
        parsed.clear()
        assert visitor.post("/v1/page", content=content, headers={"User-Agent": agent}).status_code == 200
        assert parsed.count(content) == 1


def test_only_the_servers_key_makes_leads(office: Office, visitor: Visitor) -> None:
    visitor.post("/v1/identify", json=MONA, headers=BROWSER)
    assert office.rows("SELECT 1 FROM lead") == []
    visitor.post("/v1/identify", json=MONA, headers=basic("sk_server"))
    assert len(office.rows("SELECT 1 FROM lead")) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wk_sit"}, {"Authorization": "Bearer "}, basic(""), basic("x", "wk_site"),
     {"Authorization": "Basic %%%"}, {"Authorization": "Basic /w=="}, {"Authorization": "wk_site"}],
)  # fmt: skip
def test_without_a_key_nothing_is_taken(office: Office, visitor: Visitor, headers: dict[str, str]) -> None:
    assert visitor.post("/v1/page", json=PAGE, headers=headers).status_code == 401
    assert visitor.request("GET", "/v1/questions", headers=headers).status_code == 401
    assert office.rows("SELECT 1 FROM inbox") == []


def test_while_no_key_is_set_nobody_gets_in(office: Office) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=()))
    assert visitor.post("/v1/page", json=PAGE, headers={"Authorization": "Bearer "}).status_code == 503


@pytest.mark.parametrize(
    ("call", "content", "status"),
    [
        ("page", b"", 400),
        ("page", b"{", 400),
        ("page", b"[]", 400),
        ("page", b"\xff\xfe", 400),
        ("page", b"[" * 20_000, 400),
        ("page", b"{}", 400),
        ("track", b'{"anonymousId": "a1"}', 400),
        ("track", b'{"anonymousId": "a1", "event": "' + b"x" * 33_000 + b'"}', 413),
        ("batch", b'{"batch": {}}', 400),
        ("batch", json.dumps({"batch": [PAGE] * 101}).encode(), 400),
        ("batch", json.dumps({"batch": [PAGE], "x": "y" * 500_000}).encode(), 413),
        ("batch", json.dumps({"batch": [PAGE | {"type": "page"}, 7], "x": "y" * 400_000}).encode(), 200),
        ("alias", b"{}", 200),
        ("nothing", b"{}", 404),
    ],
)
def test_rubbish_is_refused_and_never_an_error_of_ours(
    office: Office, visitor: Visitor, call: str, content: bytes, status: int
) -> None:
    answer = visitor.post(f"/v1/{call}", content=content, headers=BROWSER)
    assert answer.status_code == status
    assert len(office.rows("SELECT 1 FROM inbox")) == (status == 200)


@pytest.mark.parametrize(("origin", "allowed"), [("https://www.acme.example", True), ("https://evil.example", False)])
def test_browsers_are_told_whose_pages_may_ask(visitor: Visitor, origin: str, allowed: bool) -> None:
    before = visitor.request("OPTIONS", "/v1/page", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    answer = visitor.post("/v1/page", json=PAGE, headers=BROWSER | {"Origin": origin})
    for one in (before, answer):
        assert one.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "Origin" in one.headers["vary"]
    assert before.status_code == 204


def ask(visitor: Visitor, query: str = "anonymousId=a1", headers: dict[str, str] = SERVER) -> dict[str, Any] | None:
    answer = visitor.request("GET", f"/v1/questions?{query}", headers=headers)
    question: dict[str, Any] | None = answer.json()["question"]
    return question


def answer_all(visitor: Visitor, query: str, headers: dict[str, str]) -> list[str]:
    """Mona answers in a form whatever it asks; what that was."""
    asked: list[str] = []
    visitor.post("/f/ebook", json={"email": "mona@mill.example", "anonymousId": "a1"})
    while question := ask(visitor, query.format(",".join(asked)), headers):
        asked.append(question["name"])
        answer = question["choices"][0]["label"] if question["choices"] else "Too much at night"
        visitor.post("/f/ebook", json={"email": "mona@mill.example", "anonymousId": "a1", question["name"]: answer})
    return asked


def test_a_form_of_the_sites_server_asks_one_question_after_the_other_and_none_twice(
    office: Office, visitor: Visitor
) -> None:
    assert answer_all(visitor, "anonymousId=a1", SERVER) == list(QUESTIONS)
    answers = office.rows("SELECT question, value, source FROM answer ORDER BY question")
    assert [row.value for row in answers] == ["decide", "yes", "Too much at night", "soon"]
    assert {row.source for row in answers} == {"form ebook"}


def test_a_form_of_the_page_asks_what_the_page_has_not_asked_itself(visitor: Visitor) -> None:
    assert answer_all(visitor, "anonymousId=a1&answered={}", BROWSER) == list(QUESTIONS)


def test_who_comes_from_a_mail_is_asked_what_it_has_not_answered(office: Office, visitor: Visitor) -> None:
    office.submit("ebook", need="Too much at night")
    token = office.one("SELECT token FROM address").token
    assert (ask(visitor, f"token={token}", BROWSER) or {})["name"] == "timing"
    assert (ask(visitor, "token=of-nobody", BROWSER) or {})["name"] == "need"


def test_with_the_public_key_nobody_learns_whether_an_address_is_known(office: Office, visitor: Visitor) -> None:
    """Whoever says of its own browser that it is Mona's is answered like whoever says that it is a stranger's."""
    office.submit("ebook", need="Too much at night", timing="soon")
    for address in ("mona@mill.example", "nobody@mill.example"):
        claim = {"anonymousId": "mine", "userId": "me", "traits": {"email": address}}
        assert visitor.post("/v1/identify", json=claim, headers=BROWSER).status_code == 200
        visitor.post("/f/ebook", json={"email": address, "anonymousId": "mine"})
        for query in ("anonymousId=mine", "userId=me", "anonymousId=mine&userId=me"):
            assert (ask(visitor, query, BROWSER) or {})["name"] == "need"


def test_the_sites_server_is_told_of_whoever_is_logged_in_before_whoevers_browser_it_is(
    office: Office, visitor: Visitor
) -> None:
    office.submit("ebook", need="Too much at night")
    visitor.post("/v1/identify", json={"userId": "42", "traits": {"email": "mona@mill.example"}}, headers=SERVER)
    assert (ask(visitor, "userId=42&anonymousId=another") or {})["name"] == "timing"
    assert (ask(visitor, "userId=43&anonymousId=another") or {})["name"] == "need"


def test_a_stranger_is_asked_the_first_question(visitor: Visitor) -> None:
    for headers in (BROWSER, SERVER):
        assert (ask(visitor, "anonymousId=nobody", headers) or {})["name"] == "need"
        assert (ask(visitor, "anonymousId=%00&token=%00", headers) or {})["name"] == "need"


def test_a_trait_that_makes_no_sense_is_left_out_and_the_rest_counts(office: Office, visitor: Visitor) -> None:
    traits = {"email": "mona@mill.example", "firstName": "Mona", "employees": "a few"}
    told = {"anonymousId": "a1", "traits": traits}
    assert visitor.post("/v1/identify", json=told, headers=SERVER).status_code == 200
    lead = office.one("SELECT first_name, employees FROM lead")
    assert (lead.first_name, lead.employees) == ("Mona", None)
