"""Sales' pages in a real browser, on a phone and on a desk: they work without scripts, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.handoff import qualify_due
from nurture.handoff.reassign import reassign
from nurture.handoff.reps import worklist_link
from nurture.web import create_app
from tests.office import Office
from tests.web.browser import DESKTOP, NARROW, PHONE, Browser, browsing
from tests.web.conftest import serving

OWNERS = [
    {"key": "kari", "name": "Kari Lund", "address": "kari@example.com"},
    {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"},
]
TOLD = {"first_name": "Mona", "last_name": "Berg", "company": "Mill", "phone": "+47 22 33", "message": "Call me"}
SCREENS = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
#: what a thumb needs (WCAG 2.2 AAA), in pixels
THUMB = 44


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def office(here: Office, tmp_path: Path) -> Office:
    """Two leads asked for a person; Kari has the first, and the second is in the pool."""
    office = Office(here.database, tmp_path / "two", owners=OWNERS)
    for number in (1, 2):
        office.submit("demo", f"mona{number}@mill{number}.example", **TOLD)
        qualify_due(office.ports)
    reassign(office.ports, 2, "tom", "pool")
    return office


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    with serving(create_app(office.ports, webhook_keys=[], insecure_dev=True)) as client:
        yield str(client.base_url).rstrip("/")


def page_of(office: Office, number: int) -> str:
    return f"/h/{office.one('SELECT token FROM handoff WHERE id = :id', id=number).token}"


def list_of(office: Office, owner: str) -> str:
    return worklist_link(office.ports, owner).removeprefix(office.ports.public_url)


def check(browser: Browser) -> None:
    """What holds for each page: nothing is cut off, everything has a name and room, and can be read."""
    assert not browser.overflows
    assert [one for one in browser.controls() if not one["named"]] == []
    lines = ('<a href="mailto:', '<a href="https:')
    small = [one for one in browser.controls() if one["height"] < THUMB and not one["tag"].startswith(lines)]
    assert small == []
    assert browser.pale() == []
    assert browser.js("document.scripts.length") == 0


@SCREENS
def test_a_rep_finds_calls_accepts_and_judges(
    browser: Browser, office: Office, address: str, size: tuple[int, int]
) -> None:
    browser.show(address + list_of(office, "kari"), size)
    check(browser)
    browser.press('a[href^="/h/"]')
    check(browser)
    assert "Why now" in browser.text.title() or "WHY NOW" in browser.text

    browser.tick('form[action$="/touch"] input[value=no_answer]')
    browser.press('form[action$="/touch"] button')
    assert "It is in the log" in browser.text

    browser.tick("input[name=project][value=yes]")
    browser.tick("input[name=budget][value=unknown]")
    browser.press('form[action$="/accept"] button')
    check(browser)
    assert "Accepted by Kari Lund" in browser.text

    for name, value in (("right_person", "yes"), ("ready", "no"), ("helpful", "unknown")):
        browser.tick(f"input[name={name}][value={value}]")
    browser.press('form[action$="/verdict"] button')
    check(browser)
    row = office.one("SELECT project, budget, right_person, ready, helpful FROM disposition")
    assert tuple(row) == ("yes", "unknown", "yes", "no", "unknown")
    assert len(office.rows("SELECT 1 FROM touch WHERE outcome = 'no_answer'")) == 1


@pytest.mark.parametrize(("size", "scheme"), [(NARROW, "light"), (PHONE, "dark"), (DESKTOP, "dark")])
def test_every_page_can_be_read_on_the_smallest_phone_and_in_the_dark(
    browser: Browser, office: Office, address: str, size: tuple[int, int], scheme: str
) -> None:
    for path in (page_of(office, 1), page_of(office, 2), list_of(office, "kari"), list_of(office, "pool")):
        browser.show(address + path, size, scheme)
        browser.js("document.querySelectorAll('details').forEach(one => one.open = true)")
        check(browser)


def test_a_form_that_is_not_filled_in_is_not_sent(browser: Browser, office: Office, address: str) -> None:
    browser.show(address + page_of(office, 1), PHONE)
    browser.tick('form[action$="/accept"] button')
    assert browser.js("document.querySelector('form[action$=\"/accept\"]').checkValidity()") is False
    assert office.one("SELECT state FROM handoff WHERE id = 1").state == "offered"


def test_from_the_pool_to_the_lead_by_name(browser: Browser, office: Office, address: str) -> None:
    browser.show(address + page_of(office, 2), PHONE)
    browser.js("document.getElementById('by').value = 'kari'")
    browser.press('form[action$="/take"] button')
    assert browser.js("location.pathname") == page_of(office, 2)
    assert "For Kari Lund" in browser.text


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, office: Office, address: str) -> None:
    browser.show(address + page_of(office, 1), DESKTOP)
    wanted = browser.js("document.querySelectorAll('a,button,summary,select,textarea').length")
    reached = set()
    for _ in range(2 * wanted):
        browser.tab()
        at = browser.js("[document.activeElement.outerHTML, getComputedStyle(document.activeElement).outlineStyle]")
        if at[0].startswith("<body"):
            break
        assert at[1] == "solid", at
        reached.add(at[0])
    seen = "[...document.querySelectorAll('a,button,summary,select,textarea')].filter(one => one.checkVisibility())"
    assert {*browser.js(f"{seen}.map(one => one.outerHTML)")} <= reached
