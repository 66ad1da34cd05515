"""From the cell of a file, or the field of a form, to the value we store. Each raises ValueError with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from email_validator import EmailNotValidError, validate_email

from models.words import LegalGround
from nurture.core.questions import QUESTIONS
from nurture.core.suggest import did_you_mean
from nurture.leads.mailboxes import is_nobodys, is_thrown_away
from nurture.timezones import country_code, is_zone, letters

#: the longest text of each field, in characters
_LONGEST = {"email": 254, "first_name": 100, "last_name": 100, "industry": 100, "phone": 50, "source": 60}
_LONGEST_TEXT = 200
_MOST_EMPLOYEES = 10_000_000

#: control characters, and marks that are not seen but change what is read
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_COUNT = r"(\d{1,3}(?:[ .,'\u2019]\d{3})+|\d+)"
_EMPLOYEES = re.compile(rf"{_COUNT}\s*(?:\+|(?:-|\u2013|to)\s*{_COUNT})?(?:\s*(?:employees|people))?", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z]{2,4})?")
_LANGUAGES = {
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "spanish": "es",
    "swedish": "sv",
}
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si"})
_NO = frozenset({"no", "n", "false", "0", "nei", "nej", "nein", "non", "none", "unknown"})
#: what a box of a form may send when it is ticked
_TICKED = _YES | {"on", "checked", "agree", "agreed", "accept", "accepted"}
#: what a source is called elsewhere
_SOURCES = {
    "e-book": "ebook",
    "trade-show": "tradeshow",
    "booth-scan": "tradeshow",
    "badge-scan": "tradeshow",
    "booth-demo": "tradeshow-demo",
}
_STAYED_AWAY = frozenset({"registered", "signedup", "noshow", "missed", "absent", "scan", "scanned", "badgescan"})
_CAME = frozenset({"attended", "joined", "present", "live", "watched"})
_DEMO = frozenset({"demo", "boothdemo", "sawademo"})


def as_text(value: object) -> str:
    """A scalar of a JSON body as text; what PostgreSQL or nobody can store is left out."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).encode(errors="ignore").decode().replace("\0", "").strip()


def cleaned(text: str) -> str:
    """One line of visible characters; a formula of a spreadsheet stays the text it is."""
    return _UNSEEN.sub("", " ".join(text.split())).strip()


def email(text: str) -> str:
    """The address as it is stored: small letters, an international domain in its ASCII form (RFC 5890)."""
    try:
        valid = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(f"is no e-mail address: {str(error).rstrip('.')}") from None
    if is_nobodys(valid.normalized):
        raise ValueError("is a mailbox nobody reads; write to a person")
    if is_thrown_away(valid.ascii_domain or valid.domain):
        raise ValueError("is of a service for throw-away addresses; write one that lasts")
    return str(valid.ascii_email).lower()


def country(text: str) -> str:
    """ISO 3166 letters."""
    code = country_code(text)
    if code is None:
        raise ValueError("is no country we know; write its name in English or two letters, such as NO")
    return code


def timezone(text: str) -> str:
    """An IANA name."""
    if not is_zone(text):
        raise ValueError("is no time zone; write it like Europe/Oslo, or leave it empty")
    return text


def language(text: str) -> str:
    """ISO 639 letters."""
    match = _LANGUAGE.fullmatch(text)
    code = match[1].lower() if match else _LANGUAGES.get(text.lower())
    if code is None:
        raise ValueError("is no language we know; write two letters, such as en")
    return code


def employees(text: str) -> int:
    """People; of a range the lower end."""
    match = _EMPLOYEES.fullmatch(text)
    count = int(re.sub(r"\D", "", match[1])) if match else _MOST_EMPLOYEES
    if count >= _MOST_EMPLOYEES:
        raise ValueError("is no number of people; write it like 120, 1,200 or 50-200")
    return count


def legal_ground(text: str) -> LegalGround | None:
    """Why we may mail; a plain yes is consent, a plain no is no ground."""
    word = text.lower()
    if word in _YES or word in _NO:
        return LegalGround.CONSENT if word in _YES else None
    known = re.sub(r"[\s-]+", "_", word)
    if known not in set(LegalGround):
        hint = did_you_mean(known, LegalGround)
        raise ValueError(f"is no legal ground{hint}; write consent, soft_opt_in or contract, or leave it empty")
    return LegalGround(known)


def agreed(text: str) -> bool:
    """Whether the box of a form was ticked."""
    word = cleaned(text).lower().removeprefix("i ")
    if word and word not in _TICKED and word not in _NO and word != "off":
        raise ValueError("is neither a yes nor a no, so it is none: let the box send yes")
    return word in _TICKED


def opted_out(text: str) -> bool | None:
    """True where the person asked for no more mail (in doubt, it did); None where nothing is said."""
    return None if text.lower() in _NO else True


def no_sales_contact(text: str) -> bool | None:
    """True where the person wants no calls from sales (in doubt, it does not); None where nothing is said."""
    return None if text.lower() in _NO else True


def took_part(text: str) -> str | None:
    """ "attended" or "demo"; None for whoever signed up and did not come, or only had a badge scanned."""
    plain = letters(text)
    if plain in _STAYED_AWAY or text.lower() in _NO:
        return None
    if plain in _DEMO:
        return "demo"
    if plain in _CAME or text.lower() in _YES:
        return "attended"
    raise ValueError("is no attendance we know; write registered, attended, scan or demo")


def moment(text: str) -> datetime:
    """UTC; a day is its beginning."""
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no date; write it like 2026-09-14 or 2026-09-14T10:30+02:00") from None


def word(text: str) -> str:
    """A source or form by its name: "Trade show" is "tradeshow", "ROI calculator" is "roi-calculator"."""
    slug = re.sub(r"[^\w]+", "-", text.lower()).strip("-")
    return _SOURCES.get(slug, slug)


#: how a field is read; the others are plain text
_READERS: dict[str, Callable[[str], object]] = {
    "email": email,
    "country": country,
    "timezone": timezone,
    "language": language,
    "employees": employees,
    "legal_ground": legal_ground,
    "opted_out": opted_out,
    "no_sales_contact": no_sales_contact,
    "created_at": moment,
    "ground_until": moment,
    "source": word,
    "took_part": took_part,
    **{name: question.read for name, question in QUESTIONS.items()},
}


def value(field: str, text: str) -> object:
    """What a cell says about a field: None where it says nothing. Raises ValueError with a reason."""
    plain = cleaned(text)
    longest = _LONGEST.get(field, _LONGEST_TEXT)
    if len(plain) > longest:
        raise ValueError(f"is longer than {longest} characters")
    return _READERS.get(field, str)(plain) if plain else None
