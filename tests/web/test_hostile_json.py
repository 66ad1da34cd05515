"""JSON as nobody should write it, at every address that takes JSON: what is none is refused or set aside, what may or
may not be is one or the other, and none of it is an error of ours, stops the rest, or costs much memory.

The classes are those of parsing test suites: `NOT` is no JSON (RFC 8259), `JSON` is, `EITHER` is left to the parser.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.database import Database
from nurture.engage import fold
from nurture.web import create_app
from nurture.web.api import MAX_BATCH, SiteKeys
from nurture.web.guard import MAX_EVENTS
from tests.office import Office
from tests.web.conftest import Visitor
from tests.web.test_webhook_limits import memory

NOT: tuple[bytes, ...] = (
    # structure
    b"", b" ", b"[", b"{", b"]", b"}", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1,,2]", b"[1 2]", b"[1]]", b"[1]x", b"[1}",
    b'{"a":1', b'{"a":1,}', b'{"a":1,,"b":2}', b'{"a"}', b'{"a":}', b'{:1}', b'{a:1}', b"{'a':1}", b'{1:1}', b'{"a" 1}',
    b'{"a"::1}', b'{"a":1 "b":2}', b'{"a":1}{}', b'[1]/**/', b'[1]//', b'[1]#', b'{"a":/**/1}', b"<html>", b"*", b"[*]",
    b"[" * 100_000, b'{"a":' * 50_000, b'[{"":' * 30_000, b"[" * 20_000 + b"]" * 20_000 + b"]",
    # numbers
    b"[+1]", b"[01]", b"[-01]", b"[-]", b"[- 1]", b"[--1]", b"[.5]", b"[1.]", b"[1.e3]", b"[1e]", b"[1e+]", b"[1.2.3]",
    b"[0x10]", b"[1_000]", b"[Infinity]", b"[-Infinity]", b"[NaN]", b"[1/2]", "[１]".encode(),
    # words and texts
    b"[tru]", b"[True]", b"[nul]", b"[undefined]", b'["a]', b"['a']", b'["a\\"]', b'["\\x00"]', b'["\\u12"]',
    b'["\\uD8zz"]', b'["\n"]', b'["\t"]', b'["\0"]', b'["a\0b"]', b"[\0]", b'["\\a"]', b'["\\\xc3\xa9"]',
    # bytes that are no text
    b"\xff", b'["\xff"]', b'["\xc0\xaf"]', b'["\xed\xa0\x80"]', b'["\xe2\x82"]', b'["\xf4\x90\x80\x80"]',
    b"\xef\xbb\xbf[]",
    '["a"]'.encode("utf-16"), '["a"]'.encode("utf-16-be"), '["a"]'.encode("utf-32"), b"\x80\x04]q\x00.",
)  # fmt: skip
JSON: tuple[bytes, ...] = (
    b"[]", b"{}", b"null", b"true", b"0", b'""', b" [ ] ", b"\t\r\n{}\n", b"-0", b"[-0.0]", b"1E22", b"[0e+1]",
    b"[1E-2]",
    b'{"a":1,"a":2}', b'{"a":1,"a":1}', b'{"":0}', b'{"\\u0000":1}', b'{"a\\u0000b":"\\u0000"}', b'["\\ud83d\\ude00"]',
    b'["\\uFFFF"]', '["\u2028\u2029\u202e\x7f"]'.encode(), b'["\\/\\b\\f"]', b'{"__proto__":{"a":1}}', b"[[[[[]]]]]",
    b'{"type":"page","anonymousId":"\\u0000"}', b'[{"event":{"a":1},"timestamp":"1"}]',
)  # fmt: skip
EITHER: tuple[bytes, ...] = (
    b"1e400", b"[-1e400]", b"[1e-400]", b"0." + b"0" * 5_000 + b"1", b"9" * 5_000, b"-" + b"9" * 5_000,
    b"1" + b"0" * 400,
    b"[9223372036854775808]", b"[-9223372036854775809]", b"[18446744073709551616]", b"[1e999999999999]",
    b'["\\ud800"]', b'["\\udc00\\ud800"]', b'["\\ud800\\ud800"]', b'["\\ud800abc"]', b'{"\\ud800":1}',
    b'{"a":"\\udfff"}',
    b"[" * 500 + b"]" * 500, b"[" * 1_025 + b"]" * 1_025, b'{"a":' * 900 + b"1" + b"}" * 900,
)  # fmt: skip
CASES = (*NOT, *JSON, *EITHER)

MINE = b'{"anonymousId":"a1","userId":"42","email":"mona@mill.example","event":"x","traits":{"email":"b@mill.example"},'
#: address -> what a case stands in there, beside the body as a whole
ADDRESSES: dict[str, tuple[bytes, ...]] = {
    "/webhooks/sendgrid": (b"[%s]", b'[{"event":"click","timestamp":%s,"url":%s}]'),
    "/v1/identify": (MINE + b'"timestamp":%s}', b'{"anonymousId":%s,"traits":{"email":%s}}', MINE + b'"traits":%s}'),
    "/v1/track": (MINE + b'"properties":%s}', b'{"anonymousId":"a1","event":%s,"messageId":%s}'),
    "/v1/page": (MINE + b'"context":%s}', b'{"anonymousId":"a1","properties":{"path":%s,"url":%s}}'),
    "/v1/batch": (b'{"batch":%s}', b'{"sentAt":%s,"batch":[{"type":"page","anonymousId":"a1","properties":%s},%s]}'),
    "/f/ebook": (b'{"email":"mona@mill.example","company":%s,"employees":%s}', b'{"email":%s}'),
}
SERVER = {"Authorization": "Bearer sk_server", "Content-Type": "application/json"}
PAGE = {"anonymousId": "a1", "properties": {"path": "/pricing"}}


@pytest.fixture
def visitor(here: Office) -> Visitor:
    return visitor_of(here)


def visitor_of(office: Office) -> Visitor:
    keys = SiteKeys("wk_site", "sk_server")
    return Visitor(create_app(office.ports, webhook_keys=(), insecure_dev=True, site_keys=keys))


def ask(visitor: Visitor, address: str, body: bytes) -> int:
    return visitor.post(address, content=body, headers=SERVER).status_code


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_json_is_refused_or_set_aside(here: Office, visitor: Visitor, address: str) -> None:
    """The mail provider's events are never refused for what is in them: it would send them again for a day."""
    answers = {body[:40]: ask(visitor, address, body) for body in NOT}
    stores = address == "/webhooks/sendgrid"
    assert {body: status for body, status in answers.items() if status not in ((204,) if stores else (400, 413))} == {}
    fold(here.ports)
    states = {row.state for row in here.rows("SELECT DISTINCT state FROM inbox")}
    # of a list with one value that is no JSON the rest is read
    assert states == ({"quarantined", "done"} if stores else set())
    assert here.rows("SELECT 1 FROM event") == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_json_whatever_it_holds_is_an_error_of_ours_or_stops_the_rest(
    database: Database, tmp_path: Path, address: str
) -> None:
    here = Office(database, tmp_path / "project")
    visitor = visitor_of(here)
    answers = dict[bytes, int]()
    for case in (*JSON, *EITHER):
        for body in (case, *(inside.replace(b"%s", case) for inside in ADDRESSES[address])):
            answers[body[:200]] = ask(visitor, address, body)
    assert {body: status for body, status in answers.items() if status >= 500} == {}
    assert ask(visitor, "/v1/page", json.dumps(PAGE).encode()) == 200
    fold(here.ports)
    assert here.rows("SELECT 1 FROM inbox WHERE state = 'new'") == []
    assert here.one("SELECT COUNT(*) AS looks FROM event WHERE kind = 'visited' AND url = '/pricing'").looks == 1


def test_the_table_holds_each_class_and_each_case_once() -> None:
    assert len(CASES) == len(set(CASES))
    assert len(CASES) > 100


def _fill(before: bytes, one: bytes, after: bytes, size: int) -> bytes:
    """As often as it goes into a body of this size."""
    return before + one * ((size - len(before) - len(after)) // len(one)) + after


#: what is largest of what is taken: bytes of it -> body
LARGEST = {
    "/v1/batch": {
        "empty lists": _fill(b'{"batch":[', b"[],", b"1]}", MAX_BATCH),
        "deep lists": _fill(b'{"batch":', b"[", b"", MAX_BATCH),
        "numbers": _fill(b'{"batch":[1],"x":[', b"1,", b"1]}", MAX_BATCH),
        "one text": _fill(b'{"batch":[1],"x":"', rb"\u0001", b'"}', MAX_BATCH),
        "keys": b'{"batch":[1],' + b",".join(b'"%d":{}' % n for n in range(40_000)) + b"}",
    },
    "/webhooks/sendgrid": {
        "lone halves of letters": _fill(b'["', rb"\ud800", b'"]', MAX_EVENTS),
        "letters written out": _fill(b'[{"event":"open","timestamp":1,"url":"', rb"\u1234", b'"}]', MAX_EVENTS),
        "a number": _fill(b'[{"event":"open","timestamp":', b"9", b"}]", MAX_EVENTS),
    },
}
LARGE = [(address, name) for address, bodies in LARGEST.items() for name in bodies]


@pytest.mark.parametrize(("address", "name"), LARGE)
def test_the_largest_costs_little_memory(here: Office, visitor: Visitor, address: str, name: str) -> None:
    body = LARGEST[address][name]
    ask(visitor, address, b"[]")
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
    assert ask(visitor, address, body) < 500
    fold(here.ports)
    assert memory("VmHWM") - before < 50_000
    assert here.rows("SELECT 1 FROM inbox WHERE state = 'new'") == []
