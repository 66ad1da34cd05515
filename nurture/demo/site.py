"""The web app of the demo, in a thread on a free port of this machine, and the outside world that calls it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import uvicorn
from fastapi import FastAPI

from nurture.errors import EngineError
from nurture.ports import Ports
from nurture.web import Drain, create_app

PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Site:
    """Everybody who talks to the web app over HTTP: the mail provider, visitors, mail programs, sales.

    The app answers first and works afterwards, as in earnest; who tells the story waits for that.
    """

    http: httpx.Client
    worked: threading.Semaphore

    def webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The provider reports back."""
        _check(self.http.post("/webhooks/sendgrid", content=body, headers=dict(headers)))
        self._wait()

    def submit(self, form: str, fields: Mapping[str, str]) -> None:
        """A visitor sends a form."""
        _check(self.http.post(f"/f/{form}", data=dict(fields)))
        self._wait()

    def look(self, link: str) -> None:
        """Somebody, or a scanner, opens a page of ours."""
        _check(self.http.get(urlsplit(link).path))

    def one_click(self, link: str) -> None:
        """A mail program opts its user out (RFC 8058)."""
        _check(self.http.post(urlsplit(link).path, data={"List-Unsubscribe": "One-Click"}))

    def accept(self, link: str) -> None:
        """Sales presses "accept" on the page that its alert links to."""
        _check(self.http.post(f"{urlsplit(link).path}/accept", data={"project": "yes", "budget": "unknown"}))

    def reject(self, link: str, reason: str, note: str) -> None:
        """Sales presses "reject"."""
        _check(self.http.post(f"{urlsplit(link).path}/reject", data={"reason": reason, "note": note}))

    def won(self, link: str, amount: str, currency: str) -> None:
        """Sales says on the same page that the deal was won."""
        _check(self.http.post(f"{urlsplit(link).path}/won", data={"amount": amount, "currency": currency}))

    def _wait(self) -> None:
        if not self.worked.acquire(timeout=PATIENCE):
            raise EngineError("The web app did not work what it was sent.")


@contextmanager
def serving(ports: Ports, webhook_key: str) -> Iterator[Site]:
    """The web app over `ports`, served until the end of the `with`."""
    worked, drain = threading.Semaphore(0), Drain(ports.in_force, mails=False)

    def work() -> None:
        drain()
        worked.release()

    app = create_app(ports, webhook_keys=[webhook_key], drain=work)
    # Not by a proxy of the environment: this never leaves the machine.
    with _listening(app) as url, httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as http:
        yield Site(http, worked)


@contextmanager
def _listening(app: FastAPI) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # It listens already: who calls before the app is up is answered when it is.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), name="demo web app", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _check(response: httpx.Response) -> None:
    """Fail where the web app refused."""
    if response.is_error:
        response.raise_for_status()
