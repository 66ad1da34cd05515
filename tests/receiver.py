"""Another system on a real socket, which is told by webhooks: it checks signatures and misbehaves on request."""

from __future__ import annotations

import base64
import threading
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from nurture.core.project import Webhook
from nurture.netguard import LOOPBACK, Reach
from nurture.status import status
from nurture.webhooks import enqueue_step
from tests.office import Office

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of enough bytes..").decode()


@dataclass(frozen=True)
class Got:
    """A request as it came in; `genuine` if its signature is right for the body."""

    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes
    genuine: bool
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Answer:
    """How one request is answered. `hang`: not before the receiver is closed."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang: bool = False


class Receiver:
    """POST anything; it keeps what it got, and answers as `script` and then `otherwise` say."""

    def __init__(self, secret: str = SECRET) -> None:
        self.verifier = Verifier(secret)
        self.got: list[Got] = []
        self.otherwise = Answer()
        self.closing, self.asked = threading.Event(), threading.Semaphore(0)
        self._script: deque[Answer] = deque()
        self._server = _Server(self)
        self.url = f"http://localhost:{self._server.server_address[1]}/hooks?key=in-the-address"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def script(self, *answers: Answer) -> None:
        """How the next requests are answered, one each."""
        self._script.extend(answers)

    def take(self, headers: dict[str, str], raw: bytes) -> Answer:
        self.got.append(Got(headers, orjson.loads(raw), raw, self.is_genuine(headers, raw)))
        self.asked.release()
        return self._script.popleft() if self._script else self.otherwise

    def is_genuine(self, headers: dict[str, str], raw: bytes) -> bool:
        """Whether the receiver's own check lets it in, as docs/webhooks.md has it."""
        try:
            self.verifier.verify(raw, headers)
        except WebhookVerificationError:
            return False
        return True


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: Receiver) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.owner.take({name.lower(): value for name, value in self.headers.items()}, raw)
        if answer.hang:
            self.server.owner.closing.wait(30)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *args: object) -> None:
        """Quiet: a test reads `got`, not a log."""


def connect(office: Office, secret: str = SECRET, **receivers: str) -> None:
    """nurture.yaml names these webhooks (name -> URL), and each has this secret. The clock is the receivers' own."""
    project = office.ports.project
    webhooks = {name: Webhook(url=url) for name, url in receivers.items()}
    secrets = dict.fromkeys(receivers, SecretStr(secret)) if secret else {}
    told = replace(project, config=project.config.model_copy(update={"webhooks": webhooks}))
    office.ports = replace(office.ports, project=told, webhook_secrets=secrets, reach=Reach(LOOPBACK))
    office.clock.move_to(datetime.now(UTC))


def reach(office: Office, lead_id: int, step: str = "tell", webhook: str = "crm") -> None:
    """A lead reaches a webhook step."""
    with office.database.transaction("step") as connection:
        now = office.clock.now()
        enqueue_step(
            connection, webhook=webhook, enrollment_id=7, lead_id=lead_id, sequence="welcome", step=step, now=now
        )


def states(office: Office) -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in office.rows("SELECT state, reason FROM outbox ORDER BY id")]


def todo(office: Office) -> list[tuple[str, str]]:
    return [(one.what, one.do) for one in status(office.ports, office.clock.now()).todo]
