"""The mailbox of an address: what is the same person, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.mailbox import as_stored, as_typed, mailbox_of


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("mona@mill.example", "mona@mill.example"),
        ("mona+fair@mill.example", "mona@mill.example"),
        # a tag may hold another
        ("mona+fair+2026@mill.example", "mona@mill.example"),
        # an empty one
        ("mona+@mill.example", "mona@mill.example"),
        # dots and hyphens mean something
        ("mo.na-berg+fair@mill.example", "mo.na-berg@mill.example"),
        ("mona-fair@mill.example", "mona-fair@mill.example"),
        # nothing would be left of the name
        ("+fair@mill.example", "+fair@mill.example"),
        ("+@mill.example", "+@mill.example"),
        # a quoted name is what it says
        ('"mona+fair"@mill.example', '"mona+fair"@mill.example'),
        # no addresses
        ("mona+fair", "mona+fair"),
        ("", ""),
    ],
)
def test_the_mailbox_is_the_address_without_its_tag(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox


@given(st.text('ab.-+"@', max_size=12), st.text("ab.-+", max_size=8))
def test_a_mailbox_is_its_own_and_the_domain_never_changes(local: str, domain: str) -> None:
    found = mailbox_of(f"{local}@{domain}")
    assert mailbox_of(found) == found
    assert found.endswith(f"@{domain}")
    assert len(found) > len(f"@{domain}") or not local


@given(st.emails())
def test_it_holds_for_any_address(address: str) -> None:
    found = mailbox_of(address)
    assert mailbox_of(found) == found
    assert found.rpartition("@")[2] == address.rpartition("@")[2]
    assert address.startswith(found.rpartition("@")[0])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("mona@m\u00f8lle.no", "mona@xn--mlle-gra.no"),
        ("Mona@Post.M\u00d8LLE.no", "mona@post.xn--mlle-gra.no"),
        ("mona@mu\u0308ller.example", "mona@xn--mller-kva.example"),
        ("mona@mill.example", "mona@mill.example"),
        ("", ""),
    ],
)
def test_a_domain_has_one_form_for_people_and_one_for_us(typed: str, stored: str) -> None:
    assert as_stored(typed) == stored
    assert as_stored(as_typed(stored)) == stored


def test_what_only_looks_like_a_domain_with_letters_stays() -> None:
    assert as_typed("mona@xn--\u00e9.example") == "mona@xn--\u00e9.example"
