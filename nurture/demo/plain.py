"""The two flows without a scheduler, for a demo in a hurry and for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nurture.advance import tick
from nurture.advance.table import summary
from nurture.alerts import deliver
from nurture.demo.story import Flow, RunFlow
from nurture.engage import fold
from nurture.enroll import enroll
from nurture.handoff import qualify_due
from nurture.ledger.recover import recover
from nurture.ports import Ports


def without_scheduler(ports: Ports) -> RunFlow:
    """Run flows in this thread."""
    return lambda flow: f"{flow}: {_FLOWS[flow](ports)}"


def _advance(ports: Ports) -> str:
    enroll(ports)
    return summary(tick(ports))


def _sales(ports: Ports) -> str:
    recover(ports)
    fold(ports)
    return f"{qualify_due(ports)} promoted, {deliver(ports).sent} alerts"


_FLOWS: Mapping[Flow, Callable[[Ports], str]] = {"advance": _advance, "sales": _sales}
