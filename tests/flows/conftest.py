"""One Prefect server for all tests of flows: it takes half a minute to start."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from nurture.clock import VirtualClock
from nurture.ports import Ports
from nurture.runtime import close_ports, open_ports, use
from tests.office import START, WELCOME
from tests.support import write_project


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(autouse=True)
def prefects_litter() -> Iterator[None]:
    """Prefect's client forgets sockets it no longer needs: they are swept up here, not in somebody else's test."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture
def ports(tmp_path: Path, prefect_server: None) -> Iterator[Ports]:
    """A small project of its own on a SQLite file, in which this process works."""
    root = write_project(tmp_path, sequences={"welcome": WELCOME}, templates=("tofu/one", "tofu/two"), caps=[])
    ports = open_ports(root, clock=VirtualClock(START))
    use(ports)
    yield ports
    use(None)
    close_ports(ports)
