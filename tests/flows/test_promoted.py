"""Prefect hears of each promotion, with ids only, and an automation of ours runs what is to happen then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.events import DeploymentEventTrigger
from sqlalchemy import text

from flows import events
from flows.events import tell_promotions
from flows.handoff import handoff
from nurture.clock import Budget, VirtualClock
from nurture.engage import receive
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.outbox import OutboxMailer
from nurture.ports import Ports
from nurture.runtime import use
from tests.flows.test_deployment import load
from tests.flows.test_flows import add_leads, ask, mails, run


@pytest.fixture
def told(ports: Ports) -> Ports:
    """The same ports, where Prefect is told; what is older than this test is another lead's."""
    ports = replace(ports, prefect_events=True, public_url=f"https://{ports.project.root.name}.example")
    use(ports)
    return ports


def call_me(ports: Ports) -> None:
    add_leads(ports)
    receive(ports, "form:call-me", b'{"email": "mona.4@mill4.example", "message": "secret words"}')


def eventually(look: Callable[[], Any]) -> Any:
    async def wait() -> Any:
        for _ in range(1200):
            if seen := await asyncio.to_thread(look):
                return seen
            await asyncio.sleep(0.1)
        raise AssertionError("Prefect never showed it")

    return asyncio.run(wait())


def promoted() -> list[dict[str, Any]]:
    wanted = {"event": {"name": ["nurture.lead.promoted"]}, "occurred": {"since": "2020-01-01T00:00:00Z"}}
    found: list[dict[str, Any]] = ask("/events/filter", filter=wanted)["events"]
    return found


def deploy() -> str:
    """The deployment `handoff` of prefect.yaml with its automation, as `prefect deploy` makes them; its number."""
    wanted = next(one for one in load("prefect.yaml")["deployments"] if one["name"] == "handoff")
    schema = handoff.to_deployment("handoff")._parameter_openapi_schema.model_dump()

    async def make() -> str:
        async with get_client() as client:
            flow_id = await client.create_flow(handoff)
            number = await client.create_deployment(
                flow_id, "handoff", parameter_openapi_schema=schema, enforce_parameter_schema=True
            )
            for trigger in wanted["triggers"]:
                made = DeploymentEventTrigger.model_validate({"name": "lead promoted", **trigger})
                made.set_deployment_id(number)
                await client.create_automation(made.as_automation())
            return str(number)

    return asyncio.run(make())


def test_a_promotion_runs_the_deployment_with_ids_only_and_the_alert_leaves(told: Ports):
    number = deploy()
    call_me(told)
    assert run("sales")["Prefect events"] == 1
    wanted = {"deployments": {"id": {"any_": [number]}}}
    (started,) = eventually(lambda: ask("/flow_runs/filter", **wanted))
    (event,) = [one for one in eventually(promoted) if one["payload"] == started["parameters"]]
    assert event["resource"]["prefect.resource.id"] == "nurture.lead.4"
    assert started["parameters"] == {"lead_id": 4, "handoff_id": 1}
    assert "mona" not in json.dumps([event, started]).lower()
    assert asyncio.run(handoff(**started["parameters"])) == {"delivered": 1}
    assert asyncio.run(handoff(**started["parameters"])) == {"delivered": 1}
    assert len([name for name in mails(told) if name.startswith("alert-")]) == 1
    assert run("sales")["Prefect events"] == 0


def test_an_alert_that_waits_for_its_next_turn_is_pushed(told: Ports):
    class Away(OutboxMailer):
        def send(self, emails: list[Email], budget: Budget) -> list[Receipt]:  # type: ignore[override]
            return [Receipt(email.attempt_id, Outcome.NOT_ACCEPTED, reason="away") for email in emails]

    assert isinstance(told.mailer, OutboxMailer)
    use(replace(told, mailer=Away(told.mailer.directory, told.clock)))
    call_me(told)
    run("sales")
    assert mails(told) == []
    use(told)
    assert asyncio.run(handoff(lead_id=4, handoff_id=1)) == {"delivered": 1}
    assert len(mails(told)) == 1


def test_what_prefect_did_not_take_or_a_kill_cut_short_is_told_again_under_one_id(
    told: Ports, monkeypatch: pytest.MonkeyPatch
):
    call_me(told)
    seen: list[str] = []

    async def away(wanted: list[Any]) -> tuple[Outcome, str]:
        seen.extend(str(one.id) for one in wanted)
        return Outcome.NOT_ACCEPTED, "away"

    async def killed(wanted: list[Any]) -> tuple[Outcome, str]:
        seen.extend(str(one.id) for one in wanted)
        raise SystemExit

    post = events._post
    monkeypatch.setattr(events, "_post", away)
    assert run("sales")["Prefect events"] == 0
    assert isinstance(told.clock, VirtualClock)
    told.clock.advance(timedelta(minutes=1))
    monkeypatch.setattr(events, "_post", killed)
    with pytest.raises(SystemExit):
        asyncio.run(tell_promotions(told))
    told.clock.advance(timedelta(minutes=2))
    monkeypatch.setattr(events, "_post", post)
    assert asyncio.run(tell_promotions(told)) == 1
    (row,) = eventually(lambda: [one for one in promoted() if one["id"] in seen])
    assert len(seen) == 2
    assert set(seen) == {row["id"]}


def test_without_prefect_nothing_is_written(ports: Ports):
    call_me(ports)
    assert run("sales")["Prefect events"] == 0
    with ports.database.reading() as connection:
        kinds = connection.execute(text("SELECT DISTINCT kind FROM outbox")).scalars().all()
    assert kinds == ["sales_alert"]
