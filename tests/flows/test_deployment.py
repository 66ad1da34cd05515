"""What is deployed: prefect.yaml, automations.yaml, prefect.env, and the set of libraries they run on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.flows import load_flow_from_entrypoint
from prefect.settings import Settings, get_current_settings
from ruamel.yaml import YAML

from flows.advance import advance
from tests.support import REPOSITORY


def load(name: str) -> Any:
    return YAML(typ="safe").load(REPOSITORY / name)


def environment() -> dict[str, str]:
    lines = (REPOSITORY / "prefect.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


MINUTELY = {"interval": 60, "active": True}
NIGHTLY = {"cron": "20 3 * * *", "timezone": "UTC", "active": True}


@pytest.mark.parametrize("deployment", load("prefect.yaml")["deployments"], ids=lambda one: one["name"])
def test_a_deployment_names_a_flow_when_it_runs_and_one_run_at_a_time(deployment: dict[str, Any]):
    flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    assert flow.name == deployment["name"]
    assert flow.isasync, "a sync flow waits a second for its heartbeat"
    assert deployment["concurrency_limit"]["limit"] == 1
    if flow.name == "handoff":
        (trigger,) = deployment["triggers"]
        assert (deployment["schedules"], trigger["expect"]) == ([], ["nurture.lead.promoted"])
        return
    (schedule,) = deployment["schedules"]
    assert schedule.items() >= {"advance": MINUTELY, "sales": MINUTELY, "daily": NIGHTLY}[flow.name].items()
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


def test_every_setting_of_ours_is_one_that_prefect_knows(monkeypatch: pytest.MonkeyPatch):
    ours = environment()
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    known = Settings().to_environment_variables(exclude_unset=True)
    assert set(ours) - {"DO_NOT_TRACK"} <= set(known)


def test_a_silent_run_is_ended_after_three_heartbeats_not_before():
    (automation,) = load("automations.yaml")["automations"]
    assert automation["trigger"]["within"] >= 3 * int(environment()["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])


def test_the_scheduler_creates_runs(prefect_server: None):
    """With SQLAlchemy 2.1 the scheduler of Prefect 3.8 fails at its bulk insert: nothing would ever run."""
    assert get_current_settings().api.url

    async def schedule() -> int:
        async with get_client() as client:
            flow_id = await client.create_flow(advance)
            deployment_id = await client.create_deployment(
                flow_id, "scheduled", schedules=[{"schedule": IntervalSchedule(interval=60), "active": True}]
            )
            answer = await client._client.post(f"/deployments/{deployment_id}/schedule", json={})
            answer.raise_for_status()
            wanted = {"deployments": {"id": {"any_": [str(deployment_id)]}}}
            return len((await client._client.post("/flow_runs/filter", json=wanted)).json())

    assert asyncio.run(schedule()) > 0
