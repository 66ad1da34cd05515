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


@dataclass(frozen=True, slots=True)
class Site:
    """Everybody who talks to the web app over HTTP: the mail provider, visitors, mail programs, sales."""

    http: httpx.Client

    def webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The provider reports back."""
        self.http.post("/webhooks/sendgrid", content=body, headers=dict(headers)).raise_for_status()

    def submit(self, form: str, fields: Mapping[str, str]) -> None:
        """A visitor sends a form."""
        _check(self.http.post(f"/f/{form}", data=dict(fields)))

    def one_click(self, link: str) -> None:
        """A mail program opts its user out (RFC 8058)."""
        _check(self.http.post(urlsplit(link).path, data={"List-Unsubscribe": "One-Click"}))

    def look(self, link: str) -> None:
        """Somebody, or a scanner, opens a page of ours."""
        _check(self.http.get(urlsplit(link).path))

    def accept(self, link: str) -> None:
        """Sales presses "accept" on the page that its alert links to."""
        _check(self.http.post(f"{urlsplit(link).path}/accept"))

    def reject(self, link: str, reason: str, note: str) -> None:
        """Sales presses "reject"."""
        _check(self.http.post(f"{urlsplit(link).path}/reject", data={"reason": reason, "note": note}))


@contextmanager
def serving(app: FastAPI) -> Iterator[Site]:
    """Serve `app` until the end of the `with`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # It listens already: who calls before the app is up is answered when it is.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), name="demo web app", daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            # Not by a proxy of the environment: this never leaves the machine.
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
                yield Site(http)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _check(response: httpx.Response) -> None:
    if response.is_error:
        response.raise_for_status()
