"""`pytest -p tests.deep [--deep N]`: the properties alone, each tried with N times as many examples (20 if not told).

The gate tries the same examples each time, these are others each time. What fails here becomes an `@example`.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

_SETTINGS = "_hypothesis_internal_use_settings"  # where Hypothesis keeps the settings of a test; it tells nowhere else


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", type=int, default=20, metavar="N", help="times as many examples of each property")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    properties = [item for item in items if item.get_closest_marker("hypothesis")]
    config.hook.pytest_deselected(items=[item for item in items if item not in properties])
    items[:] = properties
    # cases of one test share its function
    for test in {item.obj for item in properties if isinstance(item, pytest.Function)}:
        own: settings = getattr(test, _SETTINGS)
        setattr(
            test, _SETTINGS, settings(own, derandomize=False, max_examples=own.max_examples * config.getoption("deep"))
        )
