"""Sums of money: whole hundredths of a currency, so that nothing is ever rounded."""

from __future__ import annotations

import re

_IN_USE = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
    VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
#: ISO 4217
CURRENCIES = frozenset(_IN_USE.split())
#: more than any database column of ours and any deal holds
_MOST = 10**15
_PLAIN = re.compile(r"\d{1,13}(?:\.\d{1,2})?")
_SPACES = re.compile("[\\s'\u2019\u00a0\u202f]")
_GROUPED = re.compile(r"(\d{1,3}(?:([.,])\d{3})+|\d+)(?:([.,])(\d{1,2}))?")


def decimal(text: str) -> int:
    """ "12500.50" in hundredths, as programs write it. Raises ValueError."""
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"'{text}' is no amount; write it like 12500.00")
    whole, _, cents = text.partition(".")
    return _hundredths(whole, cents)


def amount(text: str) -> int:
    """The same as people write it: "12 500,50", "12,500.50", "12.500", "12500". Raises ValueError."""
    match = _GROUPED.fullmatch(_SPACES.sub("", text))
    if not match or (match[2] and match[2] == match[3]):
        raise ValueError(f"'{text.strip()}' is no amount; write it like 12500 or 12500.50")
    return _hundredths(re.sub("[.,]", "", match[1]), match[4] or "")


def currency(text: str) -> str:
    """A currency by its three letters. Raises ValueError."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise ValueError(f"'{text.strip()}' is no currency; write its three letters, such as EUR")
    return code


def in_words(hundredths: int | None, code: str | None) -> str:
    """ "12,500.50 NOK"; nothing where nobody knows."""
    return "" if hundredths is None else f"{plain(hundredths, separator=',')} {code or ''}".strip()


def plain(hundredths: int, separator: str = "") -> str:
    """ "12500.50", as programs read it."""
    return f"{hundredths // 100:{separator}d}.{hundredths % 100:02d}"


def _hundredths(whole: str, cents: str) -> int:
    found = int(whole) * 100 + int(cents.ljust(2, "0"))
    if found >= _MOST:
        raise ValueError("is more than any deal")
    return found
