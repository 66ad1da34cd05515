"""What Prefect keeps (runs, tasks, parameters, logs, artifacts, events, errors) tells of nobody."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from io import BytesIO

import pytest
from prefect.settings import get_current_settings

from flows.advance import advance
from flows.sales import sales
from nurture.engage import receive
from nurture.leads import import_leads
from nurture.ports import Ports
from nurture.redaction import Failed
from nurture.runtime import new_id

PERSON = "canary.bird@mill.example,Canarina,Canarysdatter,Canary Mill AS,Canary keeper,+47 22 99 99 99,consent"
CANARIES = ("canar", "22 99 99 99", "22999999")


def everything_kept() -> Iterator[str]:
    """Prefect's whole database, line by line."""
    url = get_current_settings().server.database.connection_url
    assert url is not None
    path = url.get_secret_value().partition(":///")[2].partition("?")[0]
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        yield from database.iterdump()


def test_canaries_in_a_lead_are_not_found_in_prefects_database_even_when_flows_fail(ports: Ports) -> None:
    head = "email,first name,last name,company,title,phone,legal ground"
    stream = BytesIO(f"{head}\n{PERSON}\n".encode())
    assert import_leads(ports.database, ports.clock, stream, file="a.csv", new_token=new_id).created == 1
    assert asyncio.run(advance())["sent"] == 1
    receive(ports, "form:demo", b'{"email": "canary.bird@mill.example", "first_name": "Canarina"}')
    assert asyncio.run(sales())["promoted"] == 1

    def broken(moment: str) -> None:
        if moment == "fold: before":
            raise ValueError("Key (email)=(canary.bird@mill.example) already exists")

    ports.database.hook = broken
    with pytest.raises(Failed, match=r"ValueError: Key \(email\)=\(\[redacted\]\) already exists"):
        asyncio.run(sales())
    kept = list(everything_kept())
    assert any("already exists" in line for line in kept)  # what failed is kept, and readable
    assert [line[:300] for line in kept if any(word in line.lower() for word in CANARIES)] == []
