from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from nurture.web import create_app
from tests.mail.fake_sendgrid import FakeSendGrid
from tests.office import Office

#: seconds to wait for what comes at once on an idle machine
_PATIENCE = 60


class Visitor:
    """Somebody outside, who waits until the work after an answer is done too. Redirects and errors come as they are."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **sent))

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self.request("POST", path, **sent)

    async def _request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://nurture.acme.example") as client:
            return await client.request(method, path, **sent)


@pytest.fixture
def sendgrid() -> Iterator[FakeSendGrid]:
    with FakeSendGrid() as fake:
        yield fake


@pytest.fixture
def office(here: Office) -> Office:
    return here


@pytest.fixture
def visitor(office: Office, sendgrid: FakeSendGrid) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=[sendgrid.public_key]))


@pytest.fixture
def link(office: Office) -> str:
    """The link in List-Unsubscribe of a lead's first mail."""
    office.add_lead()
    header = office.mail().headers["List-Unsubscribe"]
    return header.strip("<>").removeprefix(office.ports.public_url)


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """The app on a real socket."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_PATIENCE) as client:
        yield client
    server.should_exit = True
    thread.join()


def wait_for(condition: Any) -> None:
    """Until `condition()` holds; work after an answer goes on in another thread."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
