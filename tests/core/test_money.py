"""Amounts as people and programs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.money import CURRENCIES, amount, currency, decimal, in_words, plain


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [
        ("12500", 1_250_000), ("12 500,50", 1_250_050), ("12,500.50", 1_250_050), ("12.500,5", 1_250_050),
        ("12.500", 1_250_000), ("1.234.567", 123_456_700), ("1'234.00", 123_400), ("0", 0), ("9.99", 999),
        ("12\u00a0500,00", 1_250_000),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, hundredths: int) -> None:
    assert amount(text) == hundredths


@pytest.mark.parametrize("text", ["", "-5", "12,50,00", "1.234.5", "12.345.678.90", "twelve", "1e6", "1" * 16, "NaN"])
def test_what_is_no_amount_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|more than"):
        amount(text)


@pytest.mark.parametrize("text", ["12,500.00", "12.345", "-1", "", "1.", ".5", "1e3"])
def test_programs_write_plain_decimals(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it like 12500\.00"):
        decimal(text)


@given(st.integers(0, 10**13))
def test_what_is_written_is_read_back(hundredths: int) -> None:
    assert decimal(plain(hundredths)) == hundredths
    assert amount(plain(hundredths, separator=",")) == hundredths


def test_currencies_have_three_letters() -> None:
    assert currency(" nok ") == "NOK"
    assert all(len(code) == 3 for code in CURRENCIES)
    with pytest.raises(ValueError, match="three letters"):
        currency("euro")
    assert (in_words(1_250_050, "NOK"), in_words(None, None)) == ("12,500.50 NOK", "")
