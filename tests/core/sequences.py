"""Sequences in a few words, for tests: `sequence(["email: tofu/a", "wait: 3 days", ...])`."""

from __future__ import annotations

from datetime import time
from typing import Any

from ruamel.yaml import YAML

from nurture.core.build import build
from nurture.core.sequence import SequenceFile
from nurture.core.steps import SendWindow, Sequence

_HEAD = {
    "sequence": "test",
    "title": "A test",
    "owner": "marketing",
    "stage": "tofu",
    "enter": {"trigger": "lead_created"},
}

#: open all week but for the last minute of the day
ALWAYS = SendWindow(days=frozenset(range(7)), start=time(0), end=time(23, 59))


def sequence(steps: str, **head: Any) -> Sequence:
    """A sequence from the YAML of its steps and whatever of its head matters."""
    send = head.pop("window", ALWAYS)
    read = YAML(typ="safe", pure=True)
    file = SequenceFile.model_validate(_HEAD | head | {"steps": read.load(steps)})
    return build(file, steps + repr(sorted(head.items())), send)
