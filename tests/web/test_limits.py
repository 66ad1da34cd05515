"""How often one visitor may ask: floods are turned away, opting out never is, and nobody pays for somebody else."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nurture.settings import Settings
from nurture.web import create_app
from nurture.web.guard import MAX_FORM, MOST_HELD, MOST_OF_ONE, Guard
from nurture.web.limits import API_BY_KEY, BY_ADDRESS, MOST_BUCKETS, Limits
from tests.office import Office
from tests.web.conftest import Visitor


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def scope(path: str, host: str = "203.0.113.7", **headers: str) -> dict[str, Any]:
    listed = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "client": (host, 1), "headers": listed}


def test_who_asks_too_often_is_told_when_to_come_back_and_then_let_in_again() -> None:
    clock = Seconds()
    limits = Limits(clock)
    burst = dict(BY_ADDRESS)["/f/"].burst
    assert [limits.wait(scope("/f/demo")) for _ in range(burst)] == [0] * burst
    wait = limits.wait(scope("/f/demo"))
    assert wait == 1
    assert limits.wait(scope("/f/demo", "203.0.113.8")) == 0  # somebody else
    assert limits.wait(scope("/thanks")) == 0  # something else
    clock.now += wait
    assert limits.wait(scope("/f/demo")) == 0


@pytest.mark.parametrize("path", ["/u/token", "/u/token/keep", "/c/token", "/webhooks/sendgrid", "/healthz"])
def test_opt_outs_and_what_is_signed_are_never_limited(path: str) -> None:
    limits = Limits(Seconds())
    assert {limits.wait(scope(path)) for _ in range(5000)} == {0}


def test_a_key_has_a_limit_of_its_own_and_made_up_keys_do_not_raise_that_of_the_address() -> None:
    limits = Limits(Seconds())
    hosts = [f"198.51.100.{n}" for n in range(200)]
    taken = sum(
        limits.wait(scope("/v1/track", host, authorization="Bearer k")) == 0 for host in hosts for _ in range(20)
    )
    assert taken == API_BY_KEY.burst
    limits = Limits(Seconds())
    taken = sum(limits.wait(scope("/v1/track", authorization=f"Bearer {n}")) == 0 for n in range(2000))
    assert taken == dict(BY_ADDRESS)["/v1/"].burst


def test_a_key_is_the_same_key_however_it_is_shown() -> None:
    limits = Limits(Seconds())
    shown = ["Bearer k", *("Basic " + b64encode(f"k:{n}".encode()).decode() for n in range(200))]
    taken = sum(
        limits.wait(scope("/v1/track", f"198.51.100.{n}", authorization=one)) == 0
        for n, one in enumerate(shown)
        for _ in range(20)
    )
    assert taken == API_BY_KEY.burst


def test_a_flood_from_one_address_keeps_nobody_else_with_the_same_key_out() -> None:
    limits = Limits(Seconds())
    for _ in range(5 * API_BY_KEY.burst):
        limits.wait(scope("/v1/page", authorization="Bearer the-key-in-every-page"))
    assert limits.wait(scope("/v1/page", "203.0.113.8", authorization="Bearer the-key-in-every-page")) == 0


def test_a_request_for_no_path_at_all_counts_like_any_other() -> None:
    limits = Limits(Seconds())
    assert [limits.wait(scope("*")) > 0 for _ in range(BY_ADDRESS[-1][1].burst + 1)][-2:] == [False, True]


def test_all_addresses_of_one_ipv6_network_are_one_visitor() -> None:
    limits = Limits(Seconds())
    taken = sum(limits.wait(scope("/f/demo", f"2001:db8:1:2::{n:x}")) == 0 for n in range(500))
    assert taken == dict(BY_ADDRESS)["/f/"].burst
    assert limits.wait(scope("/f/demo", "2001:db8:1:3::1")) == 0


def test_ipv4_addresses_that_a_proxy_writes_as_ipv6_are_each_their_own_visitor() -> None:
    limits = Limits(Seconds())
    assert {limits.wait(scope("/f/demo", f"::ffff:203.0.113.{n}")) for n in range(200)} == {0}
    burst = dict(BY_ADDRESS)["/f/"].burst
    assert [limits.wait(scope("/f/demo", host)) > 0 for host in ["203.0.113.7"] * burst][-2:] == [False, True]


def test_a_flood_from_everywhere_takes_no_more_memory_than_so_many_buckets() -> None:
    limits = Limits(Seconds())
    for n in range(MOST_BUCKETS + 5000):
        limits.wait(scope("/f/demo", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"))
    assert len(limits._buckets) == MOST_BUCKETS


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80))
def test_never_more_than_the_burst_and_what_has_come_back_since(gaps: list[float]) -> None:
    clock, rate = Seconds(), dict(BY_ADDRESS)["/f/"]
    limits = Limits(clock)
    for _ in range(rate.burst):
        limits.wait(scope("/f/demo"))
    taken = 0
    for gap in gaps:
        clock.now += gap
        taken += limits.wait(scope("/f/demo")) == 0
    assert taken <= sum(gaps) * rate.per_second + 1e-6


def test_over_the_limit_forms_are_429_and_ten_times_as_many_opt_outs_all_count(office: Office) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=(), drain=lambda: None, limits=Limits(Seconds())))
    ids = [office.add_lead(f"kim{n}@mill.example") for n in range(20)]
    answers = [visitor.post("/f/demo", data={"email": "mona@mill.example"}) for _ in range(70)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 70 - dict(BY_ADDRESS)["/f/"].burst
    assert refused[0].headers["Retry-After"] == "1" and "Content-Security-Policy" in refused[0].headers
    for row in office.rows("SELECT token FROM address"):
        for _ in range(3):
            assert visitor.post(f"/u/{row.token}", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert len(office.rows("SELECT 1 FROM address WHERE suppressed = 'opt_out'")) == len(ids)


def test_behind_a_proxy_we_trust_each_visitor_counts_alone_and_nobody_else_can_claim_to_be_many(
    office: Office,
) -> None:
    def answers(proxy: str) -> list[int]:
        limited = create_app(office.ports, webhook_keys=(), drain=lambda: None, limits=Limits(Seconds()))
        app = ProxyHeadersMiddleware(limited, Settings().trusted_proxies)  # as uvicorn does it for `nurture serve`

        async def ask() -> list[int]:
            transport = httpx.ASGITransport(app, client=(proxy, 1))
            async with httpx.AsyncClient(transport=transport, base_url="https://nurture.acme.example") as client:
                return [
                    (await client.post("/f/demo", headers={"X-Forwarded-For": f"198.51.100.{n}"})).status_code
                    for n in range(70)
                ]

        return asyncio.run(ask())

    assert 429 not in answers("127.0.0.1")
    assert answers("203.0.113.7").count(429) == 70 - dict(BY_ADDRESS)["/f/"].burst


class Flood:
    """Bodies that begin and do not end before the gate is opened."""

    CHUNK = b"x" * 2_000_000

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self._guard = Guard(self._reads, {})

    def begin(self, host: str, path: str = "/webhooks/sendgrid", body: bytes = CHUNK) -> asyncio.Task[int]:
        return asyncio.create_task(self._visit(scope(path, host), body))

    async def _visit(self, asked: Scope, body: bytes) -> int:
        parts = iter([{"type": "http.request", "body": body, "more_body": True}])

        async def receive() -> Message:
            for part in parts:
                return part
            await self.gate.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        try:
            await self._guard(asked, receive, _nowhere)
        except HTTPException as error:
            return error.status_code
        return 200

    async def _reads(self, asked: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        if asked["path"] == "/slow-to-finish":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await asyncio.Event().wait()


def test_unfinished_bodies_of_many_take_no_more_than_so_much_room() -> None:
    async def flood() -> list[int]:
        flood = Flood()
        many = [flood.begin(f"203.0.113.{n}") for n in range(30)]
        small = flood.begin("198.51.100.1", "/u/token", b"List-Unsubscribe=One-Click")
        await asyncio.sleep(0)
        flood.gate.set()
        found = [await one for one in many]
        assert await small == 200  # who opts out is let in all the same
        assert await flood.begin("198.51.100.1") == 200  # and so is everybody once there is room again
        return found

    found, most = asyncio.run(flood()), MOST_HELD // len(Flood.CHUNK)
    assert (found.count(200), found.count(503)) == (most, 30 - most)


def test_one_address_cannot_take_the_room_of_all_others() -> None:
    async def flood() -> list[int]:
        flood = Flood()
        many = [flood.begin(f"2001:db8:1:2::{n:x}") for n in range(30)]
        opt_out = flood.begin("2001:db8:1:2::ffff", "/u/token", b"List-Unsubscribe=One-Click")
        mail = flood.begin("198.51.100.1", "/webhooks/inbound/secret", b"x" * 25_000_000)
        await asyncio.sleep(0)
        flood.gate.set()
        assert (await opt_out, await mail) == (200, 200)
        return [await one for one in many]

    found, most = asyncio.run(flood()), MOST_OF_ONE // len(Flood.CHUNK) + 1
    assert (found.count(200), found.count(503)) == (most, 30 - most)


def test_two_large_mails_of_one_sender_at_once_do_not_turn_each_other_away() -> None:
    async def both() -> list[int]:
        flood = Flood()
        large = b"x" * (MOST_HELD // 2 - 1)
        mails = [flood.begin("198.51.100.1", "/webhooks/inbound/secret", large) for _ in range(2)]
        await asyncio.sleep(0)
        flood.gate.set()
        return [await one for one in mails]

    assert asyncio.run(both()) == [200, 503]


def test_what_is_answered_takes_no_room_while_it_is_worked_on() -> None:
    async def mail() -> None:
        flood = Flood()
        flood.gate.set()
        worked = [flood.begin("198.51.100.1", "/slow-to-finish", b"x" * MAX_FORM) for _ in range(MOST_HELD // MAX_FORM)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await flood.begin("198.51.100.1") == 200
        for one in worked:
            one.cancel()

    asyncio.run(mail())


def test_who_is_sent_away_for_want_of_room_is_told_when_to_come_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nurture.web.guard.MOST_HELD", 100_000)
    visitor = Visitor(create_app(office.ports, webhook_keys=()))
    answer = visitor.post("/f/demo", data={"email": "mona@mill.example", "message": "x" * 200_000})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "try again in a minute" in answer.text


async def _nowhere(_: Message) -> None: ...
