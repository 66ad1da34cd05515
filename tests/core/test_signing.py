"""A change of the agreement, told in words, and whether both departments have signed it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.agreement import NOBODY, Agreement
from nurture.core.signing import changes, unsigned, without_hand
from tests.core.agreements import TERMS

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def terms(marketing: object = "2026-11-01", sales: object = "2026-11-01", **changed: Any) -> Agreement:
    """The agreement of the tests with these signatures and these parts changed."""
    data = deepcopy(TERMS) | changed
    sides = {"marketing": marketing, "sales": sales}
    data["agreed_by"] = {
        side: {"name": "Somebody", **(when if isinstance(when, dict) else {"date": when})}
        for side, when in sides.items()
    }
    return Agreement.model_validate(data)


OLD = terms()
MORE = {"settle_minutes": 20}


def test_changes_are_told_as_paths_with_what_was_and_is() -> None:
    mql = deepcopy(TERMS["mql"])
    mql[0]["fit_at_least"] = 40
    found = changes(OLD, terms(mql=mql, **MORE))
    assert sorted(map(str, found)) == [
        "mql.Could be our customer.fit_at_least: 30 -> 40",
        f"settle_minutes: {OLD.settle_minutes} -> 20",
    ]


def test_what_comes_and_goes_is_told_once_and_a_new_order_too() -> None:
    gone = changes(OLD, terms(mql=TERMS["mql"][1:]))
    assert {str(one) for one in gone} == {
        "mql.Could be our customer.text: gone, was Could be our customer",
        "mql.Could be our customer.fit_at_least: gone, was 30",
    }
    turned = changes(OLD, terms(mql=TERMS["mql"][::-1]))
    assert [one.path for one in turned] == ["mql (order)"]


def test_whoever_signs_first_signs_later_than_nobody() -> None:
    nobody = {"name": NOBODY, "date": "2026-12-31"}
    new = terms(nobody, nobody)
    assert without_hand(new) == ("marketing", "sales")
    assert unsigned(new, new, NOW) == ()
    assert unsigned(new, terms(), NOW) == unsigned(new, terms(**MORE), NOW) == ()
    assert without_hand(terms()) == ()


def test_nobody_signs_no_change_and_takes_no_signature_back() -> None:
    nobody = {"name": NOBODY, "date": "2026-11-30"}
    for old in (OLD, terms(nobody)):
        [one] = unsigned(old, terms(nobody, "2026-11-02", **MORE), NOW)
        assert str(one) == "nobody has signed for marketing: write name and date at agreed_by.marketing"
    assert [one.department for one in unsigned(OLD, terms(nobody), NOW)] == ["marketing"]


def test_a_signature_alone_is_no_change_of_the_terms() -> None:
    assert changes(OLD, terms("2026-11-20", "2026-11-20")) == ()
    assert unsigned(OLD, terms("2026-11-20"), NOW) == ()


@pytest.mark.parametrize(
    ("marketing", "sales", "missing"),
    [
        ("2026-11-01", "2026-11-01", ["marketing", "sales"]),
        ("2026-11-20", "2026-11-01", ["sales"]),
        ("2026-11-01", "2026-11-20", ["marketing"]),
        ("2026-11-20", "2026-10-31", ["sales"]),  # an older one is none
        ("2026-11-20", "2026-12-24", ["sales"]),  # nor is one of a day to come
        ("2026-11-20", "2026-12-02", []),  # tomorrow is today east of here
        ("2026-11-20", "2026-11-21", []),
        ({"date": "2026-11-01", "time": "15:30"}, {"date": "2026-11-01", "time": "16:00"}, []),
    ],
)
def test_statement_50_a_change_without_both_signatures_is_not_signed(
    marketing: object, sales: object, missing: list[str]
) -> None:
    found = unsigned(OLD, terms(marketing, sales, **MORE), NOW)
    assert [one.department for one in found] == missing
    for one in found:
        assert str(one).startswith(one.department)


def test_what_is_missing_says_what_to_do() -> None:
    (told,) = unsigned(OLD, terms("2026-11-20", **MORE), NOW)
    assert "sales has not signed the change: set agreed_by.sales.date" in str(told)


@given(marketing=st.dates(date(2026, 10, 1), date(2026, 12, 31)), sales=st.dates(date(2026, 10, 1), date(2026, 12, 31)))
def test_no_change_passes_unless_both_signatures_are_later_and_have_been_given(marketing: date, sales: date) -> None:
    passes = not unsigned(OLD, terms(marketing, sales, **MORE), NOW)
    assert passes == all(date(2026, 11, 1) < day <= date(2026, 12, 2) for day in (marketing, sales))
