"""The real flows on a real Prefect server."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import text

from flows.advance import advance
from flows.daily import daily
from flows.sales import sales
from nurture import rights
from nurture.clock import Budget, VirtualClock
from nurture.engage import receive
from nurture.leads import import_leads
from nurture.mail import Email, Receipt
from nurture.mail.outbox import OutboxMailer
from nurture.ports import Ports
from nurture.redaction import Failed
from nurture.runtime import new_id, use
from tests.office import START

FLOWS = {"advance": advance, "daily": daily, "sales": sales}
COUNT = 6


def run(flow: str) -> dict[str, int]:
    counts: dict[str, int] = asyncio.run(FLOWS[flow]())
    return counts


def add_leads(ports: Ports, count: int = COUNT) -> None:
    rows = "".join(f"mona.{n}@mill{n}.example,Mona,Mill{n},consent\n" for n in range(1, count + 1))
    stream = BytesIO(f"email,first name,company,legal ground\n{rows}".encode())
    assert import_leads(ports.database, ports.clock, stream, file="a.csv", new_token=new_id).created == count


def mails(ports: Ports) -> list[str]:
    assert isinstance(ports.mailer, OutboxMailer)
    return sorted(path.name for path in ports.mailer.directory.glob("*.eml"))


def ask(path: str, **wanted: object) -> Any:
    """What Prefect's API tells."""

    async def post() -> Any:
        async with get_client() as client:
            answer = await client._client.post(path, json={"limit": 50, **wanted})
            return answer.raise_for_status().json()

    return asyncio.run(post())


def artifact(key: str) -> dict[str, Any]:
    """The newest artifact of this key, its table read."""
    (newest,) = ask("/artifacts/latest/filter", artifacts={"key": {"any_": [key]}})
    return newest | {"data": json.loads(newest["data"])}


def test_every_lead_is_mailed_once_however_often_the_flow_runs(ports: Ports):
    add_leads(ports)
    assert run("advance") == {"enrolled": COUNT, "sent": COUNT}
    assert run("advance") == {"enrolled": 0}
    assert len(mails(ports)) == COUNT


def test_the_next_step_is_taken_when_its_time_has_come(ports: Ports):
    add_leads(ports)
    run("advance")
    assert isinstance(ports.clock, VirtualClock)
    ports.clock.advance(timedelta(days=5))
    assert run("advance") == {"enrolled": 0, "sent": COUNT, "finished": COUNT}
    assert len(mails(ports)) == 2 * COUNT


def test_a_run_leaves_one_table_of_what_became_of_whom(ports: Ports):
    add_leads(ports)
    run("advance")
    table = artifact("advance")
    assert table["description"] == f"{COUNT} enrolled, {COUNT} sent"
    (row,) = table["data"]
    assert (row["what"], row["leads"], row["sequence"], row["step"]) == ("sent", COUNT, "welcome", "tofu/one")
    (progress,) = ask("/artifacts/latest/filter", artifacts={"key": {"any_": ["advance-progress"]}})
    assert float(progress["data"]) == 100


def test_at_small_volume_each_lead_is_a_task_named_and_tagged(ports: Ports):
    add_leads(ports)
    run("advance")
    done = {"state": {"type": {"any_": ["COMPLETED"]}}}
    (newest,) = ask("/flow_runs/filter", sort="END_TIME_DESC", limit=1, flow_runs=done)
    assert newest["name"] == f"advance {START:%a %d %b %H:%M}"
    tasks = eventually(lambda: ask("/task_runs/filter", task_runs={"flow_run_id": {"any_": [newest["id"]]}}), COUNT + 1)
    named = {task["name"]: task for task in tasks if task["name"].startswith("lead ")}
    assert sorted(named) == [f"lead {n}" for n in range(1, COUNT + 1)]
    assert set(named["lead 1"]["tags"]) >= {"nurture", "welcome"}


def eventually(look: Any, count: int) -> Sequence[dict[str, Any]]:
    """Task runs reach the server's tables a moment after the run: ask until they are there."""

    async def wait() -> Sequence[dict[str, Any]]:
        for _ in range(1200):
            seen: Sequence[dict[str, Any]] = await asyncio.to_thread(look)
            if len(seen) >= count:
                return seen
            await asyncio.sleep(0.1)
        raise AssertionError(f"Prefect never showed {count} of them")

    return asyncio.run(wait())


def test_a_task_that_breaks_holds_up_nobody_else_and_fails_the_run(ports: Ports):
    class Moody(OutboxMailer):
        def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
            if any("mona.3@" in email.to.address for email in emails):
                raise OSError("the disk is gone")
            return super().send(emails, budget)

    assert isinstance(ports.mailer, OutboxMailer)
    use(replace(ports, mailer=Moody(ports.mailer.directory, ports.clock)))
    add_leads(ports)
    with pytest.raises(Failed, match=r"^OSError: the disk is gone$"):
        run("advance")
    assert len(mails(ports)) == COUNT - 1
    assert artifact("advance")["description"] == f"{COUNT} enrolled, {COUNT - 1} sent"


def test_a_call_for_a_person_reaches_sales_by_the_flow_alone(ports: Ports):
    add_leads(ports)
    told = {"email": "mona.2@mill2.example", "message": "Please call me"}
    receive(ports, "form:call-me", json.dumps(told).encode())
    counts = run("sales")
    assert counts | {"promoted": 1, "handoffs waiting": 1} == counts
    assert [name for name in mails(ports) if name.startswith("alert-")]
    (row,) = artifact("sales")["data"]
    assert (row["lead"], row["asked for a person"], row["late"]) == (2, "yes", "no")


def test_a_handoff_past_its_time_is_called_late(ports: Ports):
    add_leads(ports)
    receive(ports, "form:call-me", b'{"email": "mona.1@mill1.example"}')
    run("sales")
    assert isinstance(ports.clock, VirtualClock)
    ports.clock.advance(timedelta(hours=1))
    assert run("sales")["past their SLA"] == 1
    assert artifact("sales")["data"][0]["late"] == "yes"


def test_prefect_is_told_ids_and_counts_never_names_or_addresses(ports: Ports):
    add_leads(ports)
    receive(ports, "form:call-me", b'{"email": "mona.5@mill5.example", "message": "secret words"}')
    run("advance")
    run("sales")
    everything = [ask(f"/{what}/filter") for what in ("flow_runs", "task_runs", "artifacts", "logs", "events")]
    assert all(everything)
    # with the number: a run that Prefect names itself may be a brave-millipede
    assert not re.search(r"mona|mill\d|secret words|@[a-z]", json.dumps(everything), re.IGNORECASE)


def test_the_database_has_the_last_word_on_who_was_mailed(ports: Ports):
    """Two runs at once find the same leads due; each mail still leaves once."""
    add_leads(ports)

    async def both() -> None:
        await asyncio.gather(advance(), advance())

    asyncio.run(both())
    assert len(mails(ports)) == COUNT
    with ports.database.reading() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM attempt")).scalar_one() == COUNT


def test_once_a_day_what_is_old_goes_and_who_waits_to_be_erased_is_counted(ports: Ports):
    add_leads(ports)
    receive(ports, "form:ebook", b'{"email": "mona.1@mill1.example"}')
    run("sales")
    with ports.database.transaction("wish") as connection:
        rights.request(connection, 1, ports.clock.now())
    assert isinstance(ports.clock, VirtualClock)
    ports.clock.advance(timedelta(days=31))
    done = run("daily")
    assert (done["requests"], done["asked to be erased"]) == (1, 1)
    assert run("daily")["requests"] == 0
