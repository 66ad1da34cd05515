"""The report on the web: for whoever has the operator's link, and nobody else; nothing of anybody on it."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import pytest

from nurture.handoff import qualify_due
from nurture.web import create_app
from tests.office import Office
from tests.web.conftest import Visitor

TOKEN = "the-link-of-the-operator"


@pytest.fixture
def visitor(office: Office) -> Visitor:
    office.add_lead()
    office.tell(office.click(office.mail(), 4000))
    office.submit("demo", message="Call me")
    qualify_due(office.ports)
    return Visitor(create_app(office.ports, webhook_keys=(), report_token=TOKEN))


def test_without_a_token_there_is_no_such_page(office: Office) -> None:
    nobody = Visitor(create_app(office.ports, webhook_keys=()))
    for path in ("/report/", "/report/x", f"/report/{TOKEN}", f"/report/{TOKEN}/lead/1", "/report/None"):
        assert nobody.get(path).status_code == 404


def test_whoever_has_the_link_sees_the_figures_and_leads_by_number(visitor: Visitor) -> None:
    shown = visitor.get(f"/report/{TOKEN}")
    assert shown.status_code == 200 and "How nurturing goes" in shown.text
    assert f'href="/report/{TOKEN}/lead/1"' in shown.text
    lead = visitor.get(f"/report/{TOKEN}/lead/1")
    assert lead.status_code == 200 and "sent a form demo" in lead.text
    for page in (shown.text, lead.text):
        assert not re.search("Mona|mill.example|Call me", page)


def test_any_other_token_opens_nothing(visitor: Visitor) -> None:
    for token in ("x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é", "%00"):
        assert visitor.get(f"/report/{token}").status_code == 404
        assert visitor.get(f"/report/{token}/lead/1").status_code == 404


def test_a_lead_that_is_not_there(visitor: Visitor) -> None:
    for number in ("2", "0", "x", "-1", "9" * 30, "1%20", "٣"):
        assert visitor.get(f"/report/{TOKEN}/lead/{number}").status_code == 404


def test_one_may_look_back_as_far_as_one_likes(visitor: Visitor) -> None:
    assert visitor.get(f"/report/{TOKEN}?days=365").status_code == 200
    assert visitor.get(f"/report/{TOKEN}?days=0").status_code == 400


def test_browsers_show_its_styles_and_drawings_and_would_show_no_others(visitor: Visitor) -> None:
    for path in (f"/report/{TOKEN}", f"/report/{TOKEN}/lead/1", "/thanks"):
        answer = visitor.get(path)
        styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert styles
        for each in styles:
            digest = base64.b64encode(hashlib.sha256(html.unescape(each).encode()).digest()).decode()
            assert f"'sha256-{digest}'" in answer.headers["content-security-policy"], path
        assert "unsafe" not in answer.headers["content-security-policy"]


def test_looking_changes_nothing(office: Office, visitor: Visitor) -> None:
    before = [office.rows(f"SELECT COUNT(*) FROM {table}") for table in ("event", "transition", "handoff", "decision")]
    visitor.request("HEAD", f"/report/{TOKEN}")
    visitor.get(f"/report/{TOKEN}")
    assert visitor.post(f"/report/{TOKEN}").status_code == 405
    after = [office.rows(f"SELECT COUNT(*) FROM {table}") for table in ("event", "transition", "handoff", "decision")]
    assert before == after
