"""Reading what the site tells (Segment's shape: identify, track, page): pure, and nothing in it can fail the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from nurture.core.matching import event_name
from nurture.core.questions import QUESTIONS
from nurture.core.verdict import Hit, judge
from nurture.leads import values
from nurture.leads.draft import Draft
from nurture.mail.events import content_key
from nurture.timezones import zone_of

#: the calls that say something to us
KINDS: Mapping[str, str] = {"identify": "identify", "track": "tracked", "page": "visited"}
#: those that are taken and left alone
IGNORED = frozenset({"group", "alias", "screen"})
MOST_CALLS = 100
#: a browser may have been offline so long; what it dates further back happened when we heard of it, so that nobody can
#: make up several days of interest at once
OFFLINE = timedelta(hours=1)
#: what the key of an account begins with; others are browsers
ACCOUNT = "u:"
LONGEST_ID, LONGEST_PATH, LONGEST_NAME = 200, 300, 60

#: field of a lead -> how traits call it; of several the first that tells holds
_TRAITS: Mapping[str, tuple[str, ...]] = {
    "first_name": ("firstName", "first_name", "firstname"),
    "last_name": ("lastName", "last_name", "lastname"),
    "company": ("company", "companyName", "organization"),
    "title": ("title", "jobTitle"),
    "industry": ("industry",),
    "employees": ("employees",),
    "country": ("country",),
    "language": ("language",),
    "phone": ("phone",),
    **{question: (question,) for question in QUESTIONS},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who (`visitors` are keys, the surest first; `email` where it is told) and what.

    `draft` is what an identify says of the person. `name` is the event, `path` the page.
    """

    number: int
    kind: str
    visitors: tuple[str, ...]
    at: datetime
    key: bytes
    email: str = ""
    draft: Draft | None = None
    name: str = ""
    path: str = ""
    machine: bool = False

    @property
    def is_act(self) -> bool:
        """Whether something was done, rather than said who it is."""
        return self.kind != "identify"


def read_calls(
    told: object, what: str, received_at: datetime, *, trusted: bool
) -> tuple[list[Call], tuple[tuple[int, str], ...]]:
    """The calls of a request that was parsed, and of each that cannot be read its number (from 1) and why.

    `what` is the call that was made: identify, track, page or batch. Only who is `trusted` may tell of long ago.
    Raises ValueError for a body that is no call at all.
    """
    if not isinstance(told, dict):
        raise ValueError("the body is not a JSON object")
    entries = told.get("batch") if what == "batch" else [told | {"type": what}]
    if not isinstance(entries, list) or len(entries) > MOST_CALLS:
        raise ValueError(f"`batch` is not a list of at most {MOST_CALLS} calls")
    calls: list[Call] = []
    faults: list[tuple[int, str]] = []
    for number, entry in enumerate(entries, 1):
        try:
            calls += _calls(number, entry, told, received_at, trusted, faults)
        except ValueError as error:
            faults.append((number, str(error)))
    return calls, tuple(faults)


def _calls(
    number: int,
    entry: Any,
    request: Mapping[str, Any],
    received_at: datetime,
    trusted: bool,
    faults: list[tuple[int, str]],
) -> Iterator[Call]:
    if not isinstance(entry, dict):
        raise ValueError("the call is not a JSON object")
    kind = KINDS.get(values.as_text(entry.get("type")))
    if kind is None:
        return
    visitors = _visitors(entry)
    email = _email(entry, number, faults)
    at = _when(entry, request.get("sentAt"), received_at, trusted)
    agent = next(
        (text for one in (entry, request) if (text := values.as_text(_under(one, "context").get("userAgent")))), ""
    )
    yield Call(
        number,
        kind,
        visitors,
        at,
        _key(number, kind, entry, visitors, received_at),
        email=email,
        # anybody can say anything of a person to a browser's key: it links the visitor, and tells nothing of the person
        draft=_draft(email, _traits(entry), number, faults) if kind == "identify" and email and trusted else None,
        name=_name(entry) if kind == "tracked" else "",
        path=_path(entry) if kind == "visited" else "",
        machine=calls_itself_a_robot(agent, at),
    )


def calls_itself_a_robot(agent: str, at: datetime) -> bool:
    """Whether a user agent says that nobody looked at a page."""
    return bool(agent) and judge([Hit(b"", at, "", agent)], None)[b""].kind == "machine"


def _visitors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The visitor's keys, a person's before a browser's."""
    ids = {"u": values.as_text(entry.get("userId")), "a": values.as_text(entry.get("anonymousId"))}
    visitors = tuple(f"{prefix}:{one}" for prefix, one in ids.items() if one)
    if not visitors:
        raise ValueError("the call has neither `userId` nor `anonymousId`")
    if max(map(len, visitors)) > LONGEST_ID:
        raise ValueError(f"an id is longer than {LONGEST_ID} characters")
    return visitors


def _email(entry: Mapping[str, Any], number: int, faults: list[tuple[int, str]]) -> str:
    """The address, if it is told; a `userId` may be one. One that cannot be used is a fault; the call counts."""
    told, account = values.as_text(_traits(entry).get("email")), values.as_text(entry.get("userId"))
    try:
        return str(values.value("email", told or (account if "@" in account else "")) or "")
    except ValueError as error:
        if told:
            faults.append((number, f"the address {error}"))
        return ""


def _traits(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is said of the person; some libraries say it in the context."""
    return _under(entry, "traits") or _under(_under(entry, "context"), "traits")


def _when(entry: Mapping[str, Any], sent_at: object, received_at: datetime, trusted: bool) -> datetime:
    """When it happened: by our clock where the site's own goes wrong, never ahead of us."""
    told = entry.get("timestamp") or entry.get("originalTimestamp")
    happened, sent = _moment(told), _moment(entry.get("sentAt") or sent_at)
    if happened is None:
        return received_at
    try:
        at = received_at - (sent - happened) if sent and sent >= happened else happened
    except OverflowError:
        return received_at
    if not trusted and received_at - at > OFFLINE:
        return received_at
    return min(at, received_at)


def _moment(told: object) -> datetime | None:
    try:
        return values.moment(told) if isinstance(told, str) else None
    except ValueError:
        return None


def _key(number: int, kind: str, entry: Mapping[str, Any], visitors: tuple[str, ...], received_at: datetime) -> bytes:
    """The same `messageId` is the same call. Without one, the same content at the same time is."""
    if message := values.as_text(entry.get("messageId")):
        return content_key(0, "site", message[:LONGEST_ID])
    when = values.as_text(entry.get("timestamp")) or f"{received_at.isoformat()} {number}"
    return content_key(0, "site", kind, *visitors, when, values.as_text(entry.get("event")), _path(entry))


def _name(entry: Mapping[str, Any]) -> str:
    name = event_name(values.as_text(entry.get("event")))[:LONGEST_NAME].strip("_")
    if not name:
        raise ValueError("`event` names nothing that was done")
    return name


def _path(entry: Mapping[str, Any]) -> str:
    """The page's path, without what stands behind '?'."""
    for told in (_under(entry, "properties"), _under(_under(entry, "context"), "page")):
        for address in (values.as_text(told.get("path")), values.as_text(told.get("url"))):
            if address:
                return "/" + _split(address).strip("/")[: LONGEST_PATH - 1]
    return "/"


def _split(address: str) -> str:
    try:
        return values.cleaned(urlsplit(address).path)
    except ValueError:
        return ""


def _draft(email: str, traits: Mapping[str, Any], number: int, faults: list[tuple[int, str]]) -> Draft:
    """What is said of the person; a trait that makes no sense is left out."""
    company, home = traits.get("company"), _under(traits, "address")
    about = _under(traits, "company")
    told = dict(traits) | {"country": traits.get("country") or home.get("country")}
    if isinstance(company, dict):
        told |= {"company": about.get("name"), "industry": traits.get("industry") or about.get("industry")}
        told["employees"] = traits.get("employees") or about.get("employee_count") or about.get("employees")
    known: dict[str, Any] = {}
    for field, names in _TRAITS.items():
        text = next((text for name in names if (text := values.as_text(told.get(name)))), "")
        try:
            known[field] = values.value(field, text)
        except ValueError as error:
            faults.append((number, f"{field} {error}"))
    if known.get("country"):
        known["timezone"] = zone_of(known["country"])
    return Draft(email=email, source="site", **known)


def _under(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = told.get(name)
    return inner if isinstance(inner, dict) else {}
