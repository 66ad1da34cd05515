"""What SendGrid's webhooks say, in nurture's words."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.events import BadEvent, DeliveryEvent, DeliveryKind, content_key
from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER, SendGridMailer, read_events, verify
from nurture.mail.sendgrid.events import MAX_DEPTH, MAX_EVENTS
from tests.mail.fake_sendgrid import FakeSendGrid, disorder, wire
from tests.mail.samples import mails, plenty


def _read(*events: Any) -> list[DeliveryEvent | BadEvent]:
    return read_events(json.dumps(events).encode())


def _one(**fields: Any) -> DeliveryEvent:
    (event,) = _read({"event": "delivered", "timestamp": 1513299569, "email": "example@test.com", **fields})
    assert isinstance(event, DeliveryEvent)
    return event


_COMMON = {
    "email": "example@test.com",
    "timestamp": 1513299569,
    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    "category": "cat facts",
    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
}
_AGENT = {"useragent": "Mozilla/4.0 (compatible; MSIE 6.1; Windows XP)", "ip": "255.255.255.255"}

#: the eleven samples of the Event Webhook Reference, which "Test Your Integration" sends, and what they mean
DOCUMENTED: list[tuple[dict[str, Any], DeliveryKind]] = [
    ({"event": "processed", "pool": {"name": "new_MY_test", "id": 210}}, DeliveryKind.PROCESSED),
    ({"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"}, DeliveryKind.DROPPED),
    ({"event": "delivered", "response": "250 OK"}, DeliveryKind.DELIVERED),
    ({"event": "deferred", "response": "400 try again later", "attempt": "5"}, DeliveryKind.DEFERRED),
    ({"event": "bounce", "reason": "500 unknown recipient", "status": "5.0.0"}, DeliveryKind.BOUNCED),
    ({"event": "open", **_AGENT}, DeliveryKind.OPENED),
    ({"event": "click", **_AGENT, "url": "http://www.sendgrid.com/"}, DeliveryKind.CLICKED),
    ({"event": "spamreport"}, DeliveryKind.COMPLAINED),
    ({"event": "unsubscribe"}, DeliveryKind.OPTED_OUT),
    ({"event": "group_unsubscribe", **_AGENT, "asm_group_id": 10}, DeliveryKind.OPTED_OUT),
    ({"event": "group_resubscribe", **_AGENT, "asm_group_id": 10}, DeliveryKind.RESUBSCRIBED),
]


def test_the_documented_samples_are_read_and_belong_to_nobody() -> None:
    events = _read(*(_COMMON | sample for sample, _ in DOCUMENTED))
    for event, (_, kind) in zip(events, DOCUMENTED, strict=True):
        assert isinstance(event, DeliveryEvent)
        assert event.kind is kind
        assert event.occurred_at == datetime(2017, 12, 15, 0, 59, 29, tzinfo=UTC)
        assert (event.environment, event.message_id, event.attempt_id) == ("", "", "")
        assert (event.address, event.smtp_id) == ("example@test.com", "<14c5d75ce93.dfd.64b469@ismtpd-555>")
    assert len({event.key for event in events if isinstance(event, DeliveryEvent)}) == len(DOCUMENTED)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"event": "bounce", "type": "bounce"}, DeliveryKind.BOUNCED),
        ({"event": "bounce", "type": "blocked"}, DeliveryKind.BLOCKED),
        ({"event": "bounce", "type": "expired"}, DeliveryKind.BLOCKED),  # given up after 72 h of deferrals
        ({"event": "bounce"}, DeliveryKind.BOUNCED),  # older form
        ({"event": "account_status_change", "type": "compliance_suspend"}, DeliveryKind.ACCOUNT_CHANGED),
        ({"event": "telepathy"}, DeliveryKind.OTHER),
    ],
)
def test_kinds_that_hang_on_more_than_the_name(fields: dict[str, Any], kind: DeliveryKind) -> None:
    assert _one(**fields).kind is kind


def test_every_field_finds_its_place() -> None:
    event = _one(
        event="click",
        env="production",
        msg="m1",
        att="a1",
        sg_message_id="abc.filter.0",
        **{"smtp-id": "<x@y>"},
        url="https://acme.example/?a=1",
        url_offset={"index": 2, "type": "html"},
        ip="203.0.113.7",
        useragent="Mozilla",
    )
    assert (event.environment, event.message_id, event.attempt_id) == ("production", "m1", "a1")
    assert (event.provider_id, event.smtp_id) == ("abc.filter.0", "<x@y>")
    assert (event.url, event.url_offset) == ("https://acme.example/?a=1", 2)
    assert (event.ip, event.user_agent, event.machine) == ("203.0.113.7", "Mozilla", False)


def test_a_bounce_says_why_and_of_what_class() -> None:
    event = _one(event="bounce", reason="500 unknown", response="ignored", bounce_classification="Invalid Address")
    assert (event.reason, event.classification) == ("500 unknown", "Invalid Address")
    assert _one(event="deferred", response="400 later").reason == "400 later"


def test_a_change_of_our_account_says_which() -> None:
    assert _one(event="account_status_change", type="compliance_suspend").subtype == "compliance_suspend"


@pytest.mark.parametrize(
    ("value", "read"), [("a\0b ", "ab"), (7, "7"), (True, "True"), (None, ""), ([1], ""), ({}, "")]
)
def test_whatever_a_field_holds_it_is_read_as_text(value: object, read: str) -> None:
    assert _one(ip=value).ip == read


@pytest.mark.parametrize(("value", "machine"), [(True, True), ("true", True), (False, False), (None, False)])
def test_apples_proxy_is_named_a_machine(value: object, machine: bool) -> None:
    assert _one(event="open", sg_machine_open=value).machine is machine


def test_sendgrids_count_of_deferrals_is_not_taken_for_our_attempt() -> None:
    """`attempt` of a deferral is SendGrid's own field; custom args are merged into the same object."""
    assert _one(event="deferred", attempt="5", att="a1").attempt_id == "a1"


@pytest.mark.parametrize(
    "timestamp", [1513299569, "1513299569", 1513299569000, "1513299569123", 1513299569.9, " 1513299569 "]
)
def test_a_timestamp_may_come_in_many_forms(timestamp: object) -> None:
    event = _one(timestamp=timestamp)
    assert event.occurred_at == datetime(2017, 12, 15, 0, 59, 29, tzinfo=UTC)
    assert event.key == _one().key


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "text",
        [],
        {},
        {"event": "open"},
        {"event": 7, "timestamp": 1513299569},
        {"event": "open", "timestamp": None},
        {"event": "open", "timestamp": True},
        {"event": "open", "timestamp": "yesterday"},
        {"event": "open", "timestamp": -1},
        {"event": "open", "timestamp": 0},
        {"event": "open", "timestamp": 99999999999},
        {"event": "open", "timestamp": 1e300},
        {"event": "open", "timestamp": 10**30},
        {"event": "open", "timestamp": {"at": 1}},
    ],
)
def test_one_bad_event_does_not_cost_its_neighbours(bad: object) -> None:
    good = {"event": "open", "timestamp": 1513299569}
    first, middle, last = _read(good, bad, good)
    assert isinstance(first, DeliveryEvent) and isinstance(last, DeliveryEvent)
    assert isinstance(middle, BadEvent)
    assert middle.reason


def _nested(levels: int) -> DeliveryEvent | BadEvent:
    deep: Any = "x"
    for _ in range(levels - 1):
        deep = [deep]
    return _read({"event": "open", "timestamp": 1513299569, "deep": deep})[0]


def test_an_event_nested_too_deep_is_set_aside() -> None:
    assert isinstance(_nested(MAX_DEPTH), DeliveryEvent)
    assert _nested(MAX_DEPTH + 1) == BadEvent(f"nested more than {MAX_DEPTH} deep")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b'"x"',
        b"[",
        b"\xff",
        b"[{]",
        b"[" * 100_000,
        b"[" * 5000 + b"]" * 5000,
        b"[" + b"1," * MAX_EVENTS + b"1]",
    ],
    ids=lambda body: repr(body[:9]),
)
def test_a_body_that_is_no_array_of_events_is_refused_whole(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_events(body)


def test_a_full_body_is_read() -> None:
    assert len(read_events(b"[" + b"1," * (MAX_EVENTS - 1) + b"1]")) == MAX_EVENTS


def test_text_that_a_database_cannot_store_is_cleaned() -> None:
    assert _one(event="click", url="https://x.example/\0a").url == "https://x.example/a"


# --- the key for dedupe


def test_the_key_is_time_then_content() -> None:
    key = _one().key
    assert (len(key), int.from_bytes(key[:4], "big")) == (16, 1513299569)
    assert _one(timestamp=1513299570).key > key


@pytest.mark.parametrize(("seconds", "prefix"), [(-5, b"\0\0\0\0"), (2**40, b"\xff\xff\xff\xff")])
def test_a_time_outside_the_keys_range_takes_its_end(seconds: int, prefix: bytes) -> None:
    assert content_key(seconds, "x")[:4] == prefix
    assert content_key(seconds, "x") != content_key(seconds + 1, "x")


@pytest.mark.parametrize("fields", [{"sg_event_id": "new each time"}, {"category": ["a"]}, {"tls": 1}])
def test_the_key_does_not_hang_on_what_changes_when_sent_again(fields: dict[str, Any]) -> None:
    assert _one(**fields).key == _one().key


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "processed"},
        {"ip": "1.2.3.4"},  # a scanner in the same second as its reader
        {"useragent": "x"},
        {"timestamp": 1513299570},
        {"email": "other@test.com"},
        {"att": "a2"},
        {"sg_message_id": "other"},
        {"smtp-id": "<other>"},  # an asynchronous bounce has nothing else
        {"url": "https://x.example/"},
        {"url_offset": {"index": 1}},
        {"attempt": "6"},
        {"type": "blocked"},
        {"reason": "other"},
        {"asm_group_id": 11},  # two groups left by one press of a button
    ],
)
def test_the_key_tells_different_events_apart(fields: dict[str, Any]) -> None:
    assert _one(**fields).key != _one().key


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_NAMES = """
    event timestamp email att msg env sg_message_id smtp-id url url_offset type reason attempt ip useragent
    sg_machine_open asm_group_id sg_event_id category
"""
_FIELD = st.sampled_from(_NAMES.split())
_EVENTS = st.dictionaries(_FIELD, _JSON, max_size=12).flatmap(
    lambda fields: st.sampled_from([fields, {"event": "click", "timestamp": 1513299569} | fields])
)


@given(st.lists(_EVENTS | _JSON, max_size=6))
def test_whatever_the_array_holds_each_entry_is_read_or_set_aside(entries: list[Any]) -> None:
    try:
        body = json.dumps(entries, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # not a body that can be sent
        return
    assert len(read_events(body)) == len(entries)


@given(st.binary() | st.text().map(str.encode))
def test_whatever_the_bytes_it_is_a_list_or_a_value_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(read_events(body), list)


@given(_EVENTS, st.randoms(), st.text(max_size=30))
def test_the_key_is_the_same_in_any_order_of_fields_and_under_any_event_id(
    fields: dict[str, Any], rng: random.Random, event_id: str
) -> None:
    names = list(fields)
    rng.shuffle(names)
    shuffled = {name: fields[name] for name in names} | {"sg_event_id": event_id}
    one, other = read_events(json.dumps([fields, shuffled]).encode())
    assert type(one) is type(other)
    if isinstance(one, DeliveryEvent) and isinstance(other, DeliveryEvent):
        assert one.key == other.key


# --- the whole way round


def test_a_mail_comes_back_as_signed_events_however_jumbled(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    receipts = mailer.send(mails(3), plenty())
    kinds = ("processed", "deferred", "delivered", "open", "click", "bounce", "blocked", "group_unsubscribe")
    events = sendgrid.events_for(sendgrid.accepted, *kinds)
    body, headers = sendgrid.webhook(disorder(events, random.Random(7), copies=3))
    assert verify([sendgrid.public_key], headers[SIGNATURE_HEADER], headers[TIMESTAMP_HEADER], body)
    read = [event for event in read_events(body) if isinstance(event, DeliveryEvent)]
    assert len(read) == 3 * len(events)
    assert len({event.key for event in read}) == len(events)
    assert {event.attempt_id for event in read} == {"attempt-1", "attempt-2", "attempt-3"}
    assert {event.environment for event in read} == {"test"}
    for receipt in receipts:
        own = [event for event in read if event.attempt_id == receipt.attempt_id]
        assert all(event.provider_id.startswith(receipt.provider_id) for event in own)


def test_our_fake_writes_bodies_as_sendgrid_does() -> None:
    assert wire([{"a": "<"}, {"b": 1}]) == b'[{"a":"\\u003c"},\r\n{"b":1}]\r\n'
