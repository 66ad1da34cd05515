"""Whatever a test here makes go wrong, the rule is one that people can look up."""

from __future__ import annotations

from typing import Any

import pytest

from nurture.content.rules import RULES
from nurture.errors import Problem

_make = Problem.__init__


@pytest.fixture(autouse=True)
def every_problem_carries_a_rule_from_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(problem: Problem, *values: Any, **named: Any) -> None:
        _make(problem, *values, **named)
        assert problem.rule in RULES, f"nurture/content/rules/ knows no '{problem.rule}'"

    monkeypatch.setattr(Problem, "__init__", make)
