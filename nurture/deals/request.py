"""Reading what a CRM posts about deals: one, or a batch. Pure, and no entry can fail the others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from nurture.core.project import ProjectConfig
from nurture.deals.fact import FIELDS, Fact, read_fact
from nurture.leads.values import as_text

MOST_DEALS = 500
#: entry (from 1) and what is wrong with it
RequestFaults = tuple[tuple[int, str], ...]


def read_request(body: bytes, config: ProjectConfig, received_at: datetime) -> tuple[list[Fact], RequestFaults]:
    """The deals of a request, and of each that cannot be read its number and why.

    Raises ValueError for a body that is no deal and no batch of them.
    """
    told = orjson.loads(body)
    if not isinstance(told, dict):
        raise ValueError("the body is not a JSON object")
    entries = told.get("batch", [told])
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_DEALS:
        raise ValueError(f"`batch` is not a list of 1 to {MOST_DEALS} deals")
    facts: list[Fact] = []
    faults: list[tuple[int, str]] = []
    for number, entry in enumerate(entries, 1):
        read = _read(number, entry, config, received_at)
        if isinstance(read, Fact):
            facts.append(read)
        else:
            faults += [(number, reason) for reason in read]
    return facts, tuple(faults)


def _read(number: int, entry: Any, config: ProjectConfig, received_at: datetime) -> Fact | list[str]:
    if not isinstance(entry, dict):
        return ["the deal is not a JSON object"]
    if isinstance(entry.get("amount"), float):
        return ['amount: write it as a text, such as "12500.00"']
    told = {field: as_text(entry.get(field)) for field in FIELDS}
    fact = read_fact(number, told, config, received_at)
    return fact if isinstance(fact, Fact) else [f"{field}: {reason}" for field, reason in fact]
