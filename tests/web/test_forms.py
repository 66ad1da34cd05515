"""Forms over HTTP: any encoding, only the forms the agreement names, and sales hears at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nurture.content import load_project
from nurture.web import create_app
from tests.office import Office
from tests.support import make_ports, write_project
from tests.web.conftest import Visitor

HEADERS = {"Accept": "text/html"}


def test_a_form_that_asks_for_a_person_reaches_sales_before_the_visitor_has_read_the_thanks(
    office: Office, visitor: Visitor
) -> None:
    fields = {"email": "mona@mill.example", "first_name": "Mona", "message": "Call me", "consent": "on", "utm": "x"}
    answer = visitor.post("/f/demo", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/thanks")
    (alert,) = office.alerts
    assert "Call me" in alert.text
    assert b"utm" not in bytes(office.one("SELECT body FROM inbox_body").body)


def test_multipart_and_json_do_as_well(office: Office, visitor: Visitor) -> None:
    assert visitor.post("/f/ebook", files={"email": (None, "ann@mill.example")}).status_code == 303
    assert visitor.post("/f/ebook", json={"email": "bob@mill.example", "consent": True}).status_code == 204
    grounds = office.rows("SELECT a.email, l.legal_ground FROM lead l JOIN address a ON a.id = l.address_id ORDER BY 1")
    assert [tuple(row) for row in grounds] == [("ann@mill.example", None), ("bob@mill.example", "consent")]


def test_a_visitor_cannot_date_a_form_back(office: Office, visitor: Visitor) -> None:
    visitor.post("/f/ebook", json={"email": "bob@mill.example", "occurred_at": "2020-01-01"})
    assert str(office.one("SELECT occurred_at FROM event").occurred_at)[:4] == "2026"


@pytest.mark.parametrize("form", ["newsletter", "..%2F", "DEMO", "demo%00", "sendgrid"])
def test_a_form_that_nobody_agreed_on_does_not_exist(office: Office, visitor: Visitor, form: str) -> None:
    assert visitor.post(f"/f/{form}", data={"email": "mona@mill.example"}).status_code == 404
    assert office.rows("SELECT 1 FROM inbox") == []


def test_a_mistyped_address_is_told_to_the_visitor(office: Office, visitor: Visitor) -> None:
    answer = visitor.post("/f/demo", data={"email": "mona@mill"})
    assert answer.status_code == 400
    assert "mail address" in answer.text
    answer = visitor.post("/f/demo", json={"email": "mona@mill"})
    assert answer.status_code == 422
    assert "is no e-mail address" in answer.json()["detail"]
    assert office.rows("SELECT 1 FROM inbox") == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"email": {"$gt": ""}}', "application/json", 422),
        (b"\xff\xfe=%zz", "application/x-www-form-urlencoded", 400),
        (b"", "multipart/form-data", 400),
        (b"rubbish", "multipart/form-data; boundary=x", 400),
        (b"email=mona@mill.example", "text/plain", 400),
        (b"&".join(b"a%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
        (b"email=mona@mill.example&message=" + b"x" * 5_000_000, "application/x-www-form-urlencoded", 413),
        # what would fill the memory, once it is read
        (b"email=mona@mill.example&message=" + b"%41" * 200_000, "application/x-www-form-urlencoded", 413),
        (b'{"email": "mona@mill.example", "x": [' + b"{}," * 200_000 + b"{}]}", "application/json", 413),
    ],
    ids=[
        "cut off",
        "a list",
        "nested",
        "no text",
        "no boundary",
        "no parts",
        "plain text",
        "many fields",
        "too long",
        "all escaped",
        "all nested",
    ],
)
def test_rubbish_is_refused_and_never_an_error_of_ours(
    office: Office, visitor: Visitor, content: bytes, kind: str, status: int
) -> None:
    assert visitor.post("/f/demo", content=content, headers={"Content-Type": kind}).status_code == status
    assert office.rows("SELECT 1 FROM inbox") == []


@pytest.mark.parametrize(
    "content",
    [
        "email=mona@m%C3%B8lle.no&first_name=Zo%C3%AB",  # a browser
        "email=mona@m\u00f8lle.no&first_name=Zo\u00eb".encode(),  # a script that escapes nothing
        "email=mona@m%F8lle.no&first_name=Zo%EB",  # a page in Windows-1252
        "first_name=x&email=a@mill.example&email=mona@m%C3%B8lle.no&first_name=Zo%C3%AB",  # the last one holds
    ],
)
def test_letters_come_in_however_they_are_escaped(office: Office, visitor: Visitor, content: str | bytes) -> None:
    plain = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-16"}
    assert visitor.post("/f/ebook", content=content, headers=plain).status_code == 303
    lead = office.one("SELECT a.email, l.first_name FROM lead l JOIN address a ON a.id = l.address_id")
    assert tuple(lead) == ("mona@xn--mlle-gra.no", "Zo\u00eb")


@pytest.mark.parametrize("path", ["/f/demo", "/h/nobody/reject", "/u/nobody/keep", "/a/nobody/budget"])
@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "unicode_escape", "hex", "bogus", "utf-16"])
def test_a_charset_that_is_none_is_no_error_of_ours(office: Office, visitor: Visitor, path: str, charset: str) -> None:
    for said in (b"mona@mill.example", b"-\xff", b"\\ud800\\"):
        part = b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + said + b"\r\n--b--\r\n"
        kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        assert visitor.post(path, content=part, headers=kind).status_code < 500


def test_a_double_click_is_one_handoff(office: Office, visitor: Visitor) -> None:
    for _ in range(2):
        assert visitor.post("/f/demo", data={"email": "mona@mill.example", "submission": "7"}).status_code == 303
    assert len(office.alerts) == 1


def test_the_page_that_says_thank_you(visitor: Visitor) -> None:
    assert "Thank you" in visitor.get("/thanks").text


GUIDE = """
sequence: guide
title: The guide that was asked for
owner: marketing
stage: tofu
enter: {trigger: form_submitted, when: "submitted('ebook')"}
steps:
  - email: tofu/one
    transactional: true
"""


def test_what_a_form_asks_for_leaves_before_the_next_tick_of_the_clock(office: Office, tmp_path: Path) -> None:
    """At 03:00 on a Sunday, outside of every send window, without consent to anything else."""
    root = write_project(tmp_path / "guide", sequences={"guide": GUIDE}, templates=["tofu/one"])
    config = json.loads((root / "nurture.yaml").read_text())
    config["forms"] = {"ebook": {"fields": {"E-Mail": "email", "Firma": "company"}, "asset": "night-load"}}
    (root / "nurture.yaml").write_text(json.dumps(config))
    office.ports = make_ports(office.database, office.clock, office.mailer, load_project(root))
    office.clock.move_to(datetime(2026, 3, 8, 3, 0, tzinfo=UTC))
    visitor = Visitor(create_app(office.ports, webhook_keys=()))
    assert visitor.post("/f/ebook", data={"E-Mail": "mona@mill.example", "Firma": "Mill"}).status_code == 303
    lead = office.one("SELECT company, source, asset FROM lead")
    assert tuple(lead) == ("Mill", "ebook", "night-load")
    assert [email.to.address for email in office.mailer.emails] == ["mona@mill.example"]


@pytest.mark.parametrize("file", [("", b""), ("plan.pdf", b"%PDF" + b"x" * 200_000)], ids=["no file chosen", "a file"])
def test_a_form_with_a_file_and_many_fields_is_no_less_a_form(
    office: Office, visitor: Visitor, file: tuple[str, bytes]
) -> None:
    """Browsers send an empty part for a file that was not chosen; what nobody asked for is dropped."""
    fields = {"email": "mona@mill.example", "message": "Call me", **{f"utm_{n}": "x" for n in range(80)}}
    assert visitor.post("/f/demo", data=fields, files={"plan": file}).status_code == 303
    assert office.one("SELECT COUNT(*) AS n FROM handoff").n == 1
