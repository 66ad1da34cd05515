"""Confirming by the link in a mail: a page to look at, and a button that counts."""

from __future__ import annotations

import pytest

from nurture import alerts
from nurture.web import create_app
from tests.office import Office
from tests.test_consent import strict, token
from tests.web.conftest import Visitor


@pytest.fixture
def office(here: Office) -> Office:
    office = strict(here)
    office.submit("ebook", consent="yes")
    alerts.deliver(office.ports)
    return office


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=[]))


def ground(office: Office) -> str | None:
    return office.one("SELECT legal_ground FROM lead").legal_ground  # type: ignore[no-any-return]


def test_the_button_confirms(office: Office, visitor: Visitor) -> None:
    link = f"/c/{token(office)}"
    assert "Yes, that was me" in visitor.get(link).text
    answer = visitor.post(link)
    assert answer.status_code == 200 and "Thank you" in answer.text
    assert ground(office) == "consent"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_a_scanner_confirms_nothing(office: Office, visitor: Visitor, method: str) -> None:
    headers = {"Sec-Purpose": "prefetch", "User-Agent": "Mimecast"}
    assert visitor.request(method, f"/c/{token(office)}", headers=headers).status_code in (200, 405)
    assert ground(office) is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_is_not_real_gives_the_same_answers(office: Office, visitor: Visitor, method: str) -> None:
    link, made_up = f"/c/{token(office)}", "/c/" + "x" * 22
    real, unreal = visitor.request(method, link), visitor.request(method, made_up)
    assert (real.status_code, real.text.replace(link, made_up)) == (unreal.status_code, unreal.text)


@pytest.mark.parametrize("made_up", ["%00", "'%20OR%201=1", "x" * 3000, "%F0%9F%92%A9"])
def test_strange_links_are_no_error(office: Office, visitor: Visitor, made_up: str) -> None:
    assert visitor.post(f"/c/{made_up}").status_code in (200, 404)
    assert ground(office) is None
