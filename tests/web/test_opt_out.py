"""Opting out: RFC 8058 to the letter, and nobody learns anything from it."""

from __future__ import annotations

import pytest

from tests.office import Office
from tests.web.conftest import Visitor


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {},  # the button of our own page
        {"content": b"\xff" * 100_000},
    ],
    ids=["urlencoded", "multipart", "the button", "rubbish"],
)
def test_one_post_is_enough(office: Office, visitor: Visitor, link: str, sent: dict[str, object]) -> None:
    answer = visitor.post(link, **sent)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert office.suppressed == "opt_out"
    office.pass_time(days=10)
    office.mail()
    assert len(office.mailer.emails) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_nothing_but_a_post_changes_anything(office: Office, visitor: Visitor, link: str, method: str) -> None:
    assert visitor.request(method, link).status_code in (200, 405)
    assert office.suppressed is None


def test_the_page_has_a_button_and_names_nobody(office: Office, visitor: Visitor, link: str) -> None:
    page = visitor.get(link).text
    assert f'method="post" action="{link}"' in page
    assert "mona" not in page.lower()


def test_a_link_that_is_not_real_gives_the_same_answers(office: Office, visitor: Visitor, link: str) -> None:
    for method in ("GET", "POST"):
        real, made_up = visitor.request(method, link), visitor.request(method, "/u/no-such-token")
        assert real.status_code == made_up.status_code
        assert real.text.replace(link, "/u/no-such-token") == made_up.text
        assert {**real.headers, "content-length": ""} == {**made_up.headers, "content-length": ""}


def test_twice_is_once(office: Office, visitor: Visitor, link: str) -> None:
    first, second = visitor.post(link), visitor.post(link)
    assert first.text == second.text
    assert office.one("SELECT version FROM address").version == 1


@pytest.mark.parametrize("token", ["%00", "'%20OR%201=1", "x" * 3000, "%F0%9F%92%A9", "..", "a/b"])
def test_strange_tokens_are_no_error(office: Office, visitor: Visitor, link: str, token: str) -> None:
    assert visitor.post(f"/u/{token}").status_code in (200, 404, 405)
    assert office.suppressed is None
