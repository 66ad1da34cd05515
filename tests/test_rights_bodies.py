"""A person in raw requests: found behind every disguise, never taken for somebody else, never more than its own."""

from __future__ import annotations

import base64
import json
import quopri
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.rights.bodies import addresses_in, mentions_any, remaining, split

IDA = "ida.o'neil+x@sub.mill.example"
is_ida = mentions_any(IDA)


def mail(body: bytes, encoding: str) -> bytes:
    return b"Subject: x\r\nContent-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"email": IDA}).encode(),
        json.dumps({"email": IDA.upper()}).encode(),
        json.dumps({"deep": [[{"x": f"I am {IDA}."}]]}).encode(),
        json.dumps({IDA: 1}).encode(),
        json.dumps({"url": f"https://x.example/?e={quote(IDA)}"}).encode(),
        json.dumps(IDA).encode(),
        json.dumps({"email": IDA}).replace("@", "\\u0040").encode(),
        b'{"broken": "' + IDA.replace("@", "\\u0040").encode() + b'"',
        f"email={quote(IDA)}&x=1".encode(),
        f'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\nIda <{IDA}>\r\n--b--'.encode("latin-1"),
        mail(quopri.encodestring(f"so writes {IDA} today".encode()).replace(b"@", b"=40"), "quoted-printable"),
        mail("so writes ida.o'neil+x@su=\r\nb.mill.example to you\xe9".encode("latin-1"), "quoted-printable"),
        mail(base64.encodebytes(f"{'long ago ' * 20}{IDA} wrote to us".encode()), "base64"),
    ],
)
def test_a_body_that_mentions_a_person_goes_however_it_does(body: bytes) -> None:
    assert remaining(body, is_ida) == b""


@pytest.mark.parametrize(
    "text",
    [
        f"fr{IDA}",
        f"{IDA}.au",
        f"{IDA}s",
        f"x.{IDA}",
        f"a-{IDA}",
        "ida@mill.example",
        "ida.o'neils@sub.mill.example",
        "ida.o'neil-x@sub.mill.example",
        "tom+ida.o'neil@sub.mill.example",
        "",
    ],
)
def test_somebody_else_is_not_taken_for_the_person(text: str) -> None:
    body = json.dumps([{"email": text}]).encode()
    assert remaining(body, is_ida) == body


@pytest.mark.parametrize("tag", ["", "+", "+fair", "+fair+2026", "%2Bfair"])
def test_the_person_is_found_under_every_tag(tag: str) -> None:
    for text in (
        f"ida.o'neil{tag}@sub.mill.example",
        f"/thanks?e=ida.o%27neil{tag}%40sub.mill.example",
        f"/x?q=a+b+ida.o'neil{tag.replace('+', '%2B')}%40sub.mill.example",
    ):
        found = split(json.dumps([{"url": text}, {"url": "/other"}]).encode(), is_ida)
        assert found is not None
        assert found.left == b'[{"url":"/other"}]'


@pytest.mark.parametrize(
    "text", [f"{IDA}.", f"<{IDA}>", f"({IDA})", f"{IDA},b@x.example", f"mailto:{IDA}?x", f'"{IDA}"']
)
def test_what_stands_around_an_address_does_not_hide_it(text: str) -> None:
    assert is_ida(text)
    assert IDA in addresses_in(text) or "o'neil" in text


ENTRY = st.fixed_dictionaries(
    {"email": st.sampled_from([IDA, "tom@x.example", f"fr{IDA}", ""]), "n": st.integers(-9, 9)},
    optional={
        "more": st.recursive(
            st.text() | st.none() | st.floats(allow_nan=False, allow_infinity=False), st.lists, max_leaves=5
        )
    },
)


@given(st.lists(ENTRY))
def test_of_a_list_exactly_the_persons_entries_go_and_the_order_stays(entries: list[dict[str, Any]]) -> None:
    theirs = [entry for entry in entries if entry["email"] == IDA]
    others = [entry for entry in entries if entry["email"] != IDA]
    for body, read in (
        (orjson.dumps(entries), orjson.loads),
        (orjson.dumps({"batch": entries, "key": "k"}), lambda data: orjson.loads(data)["batch"]),
    ):
        found = split(body, is_ida)
        if not theirs:
            assert found is None
            continue
        assert found is not None
        assert found.theirs == theirs
        assert (read(found.left) if found.left else []) == others


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(body: bytes) -> None:
    assert remaining(body, is_ida) in (body, b"")


def test_depth_is_no_trouble() -> None:
    deep = b"[" * 900 + json.dumps(IDA).encode() + b"]" * 900
    assert remaining(deep, is_ida) == b""


def test_a_flood_of_letters_is_read_in_the_time_that_it_is_long() -> None:
    """A pattern that tried every beginning to every end would take minutes."""
    assert list(addresses_in("a" * 1_000_000)) == []
    assert list(addresses_in("x" * 100_000 + " " + IDA.replace("'", "") + " ")) == [IDA.replace("'", "")]
