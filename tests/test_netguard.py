"""Webhooks go to the public internet and nowhere inside, however the address is written and whatever a name says."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.netguard import LOOPBACK, Reach, is_public, read_networks
from nurture.settings import Settings
from nurture.webhooks.transport import Guarded, Refused, look_up
from tests.receiver import Receiver

INTERNET = Reach()
PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

INSIDE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.5", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.170.2",  # metadata of clouds
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.0.1",
    "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "192.88.99.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:93.184.215.14", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::7f00:1", "2001:db8::1", "3fff::1", "100::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_one_machine_on_the_public_internet_is_refused(address: str) -> None:
    assert Reach().refusal("https", 443, ip_address(address)) == "its address is not on the public internet"


@pytest.mark.parametrize("address", [PUBLIC, OTHER_PUBLIC, "1.1.1.1", "8.8.8.8", "2001:4860:4860::8888"])
def test_a_machine_on_the_public_internet_is_posted_to(address: str) -> None:
    assert Reach().refusal("https", 443, ip_address(address)) == ""
    assert Reach().refusal("https", 8443, ip_address(address)) == ""


@pytest.mark.parametrize(("scheme", "port"), [("http", 443), ("http", 80), ("https", 22), ("https", 6379)])
def test_the_public_internet_is_reached_by_https_at_its_two_ports_only(scheme: str, port: int) -> None:
    assert Reach().refusal(scheme, port, ip_address(PUBLIC))


def test_an_operator_may_name_networks_that_webhooks_reach_too() -> None:
    reach = Reach(read_networks("10.1.0.0/16, 192.168.7.7"))
    assert reach.refusal("http", 5000, ip_address("10.1.2.3")) == ""
    assert reach.refusal("https", 443, ip_address("192.168.7.7")) == ""
    assert reach.refusal("https", 443, ip_address("10.2.0.1"))
    assert reach.refusal("https", 443, ip_address("::ffff:10.1.2.3"))


def test_this_machine_is_within_reach_only_while_the_public_url_is_this_machine() -> None:
    at_home, live = Settings(), Settings(public_url="https://n.example", webhook_networks="10.1.0.0/16")
    assert at_home.reach.networks == LOOPBACK
    assert live.reach.networks == read_networks("10.1.0.0/16")
    with pytest.raises(ValueError, match=r"10\.1\.0\.1/16"):
        Settings(webhook_networks="10.1.0.1/16")


@given(st.ip_addresses())
def test_what_passes_is_global_and_never_one_of_the_special_ranges(address: object) -> None:
    found = ip_address(str(address))
    if is_public(found):
        assert found.is_global and not found.is_multicast and not found.is_loopback and not found.is_link_local


# --- the way out


class Wire(httpx.AsyncBaseTransport):
    """Where requests would have gone; addresses in `dead` do not answer."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.seen: list[tuple[str, str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        where = request.url.host
        self.seen.append((where, request.headers["Host"], request.extensions["sni_hostname"]))
        if where in self.dead:
            raise httpx.ConnectError("no route")
        return httpx.Response(200)


def post(url: str, wire: Wire, *answers: list[str], reach: Reach = INTERNET) -> int:
    """The status, when the name has these addresses at its first look-up, the second one, ..."""
    said = iter(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return next(said)

    async def go() -> int:
        async with httpx.AsyncClient(transport=Guarded(wire, reach, resolve if answers else look_up)) as client:
            return (await client.post(url, content=b"{}")).status_code

    return asyncio.run(go())


def test_the_connection_goes_to_the_checked_address_and_host_and_tls_stay_the_names() -> None:
    wire = Wire()
    assert post("https://crm.example/hooks", wire, [PUBLIC]) == 200
    assert wire.seen == [(PUBLIC, "crm.example", "crm.example")]


def test_one_inner_address_among_good_ones_is_enough_to_refuse() -> None:
    wire = Wire()
    with pytest.raises(Refused):
        post("https://crm.example/", wire, [PUBLIC, "10.0.0.5"])
    assert wire.seen == []


def test_a_name_that_changes_after_the_check_leads_nowhere_new() -> None:
    """A rebinding resolver: public when asked first, the metadata service from then on."""
    wire = Wire()
    assert post("https://crm.example/", wire, [PUBLIC], ["169.254.169.254"]) == 200
    assert [where for where, *_ in wire.seen] == [PUBLIC]


def test_where_one_address_is_dead_the_next_is_tried() -> None:
    wire = Wire(OTHER_PUBLIC)
    assert post("https://crm.example/", wire, [OTHER_PUBLIC, PUBLIC]) == 200
    assert [where for where, *_ in wire.seen] == [OTHER_PUBLIC, PUBLIC]
    with pytest.raises(httpx.ConnectError, match="no route"):
        post("https://crm.example/", Wire(PUBLIC), [PUBLIC])


def test_a_name_without_addresses_or_that_cannot_be_looked_up_is_a_failed_connection() -> None:
    with pytest.raises(httpx.ConnectError):
        post("https://crm.example/", Wire(), [])

    async def fail(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async def go() -> None:
        async with httpx.AsyncClient(transport=Guarded(Wire(), Reach(), fail)) as client:
            await client.post("https://crm.example/")

    with pytest.raises(httpx.ConnectError, match="no such name"):
        asyncio.run(go())


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
        "https://0177.0.0.1/", "https://017700000001/", "https://localhost/", "https://[::1]/", "https://[::]/",
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest/meta-data/",
        "https://0xa9fea9fe/", "https://2852039166/", "https://0251.0376.0251.0376/", "https://[fd00:ec2::254]/",
        "https://crm.example@169.254.169.254/", "https://crm.example:443@10.0.0.1/", "https://0/", "https://10.0.0.1:22/",
        "http://localhost/", "https://127.0.0.1:8443/", "https://①②⑦.⓪.⓪.①/",
    ],
)  # fmt: skip
def test_numbers_in_every_spelling_are_seen_for_what_they_are(url: str) -> None:
    """By the system's own reading of them, without a network."""
    wire = Wire()
    with pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
        post(url, wire)
    assert wire.seen == []


def test_a_receiver_at_home_is_reached_over_a_real_socket(crm: Receiver) -> None:
    async def go() -> int:
        inner = httpx.AsyncHTTPTransport()
        async with httpx.AsyncClient(transport=Guarded(inner, Reach(LOOPBACK))) as client:
            return (await client.post(crm.url, content=b"{}")).status_code

    assert asyncio.run(go()) == 204
    assert crm.got[0].headers["host"] == crm.url.split("/")[2]
