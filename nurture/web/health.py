"""Is it alive, is it ready, and how is it doing: for whoever watches, a few indexed rows each time."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterator
from datetime import timedelta

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from models import migrate
from models.queries import health, ledger
from nurture import gates
from nurture.errors import StaleDatabase
from nurture.ports import Ports
from nurture.web.site import Site
from nurture.web.webhooks import refused

log = logging.getLogger(__name__)

#: what is counted is counted up to here: more is simply many
MOST = 10_000
#: events that no mail is known for are of interest for so long
LATELY = timedelta(days=1)

#: name, labels, value; None where there is nothing to tell
Figure = tuple[str, str, float | None]

_HELP = {
    "oldest_due_seconds": "For how long the first lead has been due that nobody works on; 0 when none is.",
    "mails_unknown": "Mails that nobody knows the end of.",
    "mails_held": "Mails that wait for a person's word.",
    "mails_today": "Mails handed over today (UTC).",
    "outbox": "Alerts and webhooks on their way, and given up.",
    "outbox_oldest_due_seconds": "For how long the first alert or webhook has been due.",
    "inbox_oldest_seconds": "For how long the first request waits that nobody has worked.",
    "webhook_gap_seconds": "Since when no genuine event has come from the mail provider.",
    "webhook_refused": "Event requests refused since this process began.",
    "events_orphaned": "Events of the last day that belong to no mail known.",
    "gate_closed": "What is stopped.",
}


def routes(site: Site, token: str | None) -> APIRouter:
    """GET /healthz, /readyz; and /metrics for whoever shows the token (none set: there is no such page)."""
    router = APIRouter()

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Response:
        # on no thread of the pool: it answers while all of those wait for the database
        return PlainTextResponse("ok")

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    def readyz() -> Response:
        fault = _fault(site.ports)
        return PlainTextResponse(fault or _ok(site.ports), 503 if fault else 200)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        shown = request.headers.get("authorization", "").encode("latin-1")
        if not token or not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            raise HTTPException(404)
        return PlainTextResponse(write(site.ports), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def write(ports: Ports) -> str:
    """The figures as Prometheus reads them. Ids and counts; nothing of anybody."""
    with ports.database.reading() as connection:
        figures = list(_figures(connection, ports))
    lines, last = list[str](), ""
    for name, labels, value in figures:
        if value is None:
            continue
        if name != last:
            lines += [f"# HELP nurture_{name} {_HELP[name]}", f"# TYPE nurture_{name} gauge"]
        lines.append(f"nurture_{name}{labels} {value:g}")
        last = name
    return "\n".join(lines) + "\n"


def _figures(connection: Connection, ports: Ports) -> Iterator[Figure]:
    now = ports.clock.now()

    def since(query: object, empty: float | None = 0.0) -> float | None:
        moment = connection.execute(query, {"now": now}).scalar()  # type: ignore[call-overload]
        return max((now - moment).total_seconds(), 0.0) if moment else empty

    def count(query: object, **values: object) -> float:
        return float(connection.execute(query, {"limit": MOST, **values}).scalar_one())  # type: ignore[call-overload]

    yield "oldest_due_seconds", "", since(health.OLDEST_DUE)
    yield "mails_unknown", "", count(health.UNKNOWN)
    yield "mails_held", "", count(health.HELD)
    today = {"sender": ports.mailer.name, "day": now.date().isoformat()}
    yield "mails_today", "", float(connection.execute(ledger.QUOTA_USED, today).scalar() or 0)
    yield "outbox", '{state="pending"}', count(health.PENDING)
    yield "outbox", '{state="dead"}', count(health.DEAD)
    yield "outbox_oldest_due_seconds", "", since(health.OLDEST_PENDING)
    yield "inbox_oldest_seconds", "", since(health.OLDEST_REQUEST)
    # never heard, or so long ago that the request is tidied away: at most since the first mail
    yield "webhook_gap_seconds", "", since(health.LAST_HEARD, since(health.FIRST_MAILED, None))
    for why, number in sorted(refused.items()):
        yield "webhook_refused", f'{{why="{why}"}}', float(number)
    yield "events_orphaned", "", count(health.ORPHANS, after_at=now - LATELY)
    for name in sorted(gates.closed(connection, now)):
        yield "gate_closed", f'{{gate="{name}"}}', 1.0


def _ok(ports: Ports) -> str:
    """Ready; with mail stopped, too, because opt-outs and events must be taken in all the same."""
    with ports.database.reading() as connection:
        row = connection.execute(ledger.STOPS_MAIL, {"mailer": gates.mailer_gate(ports.mailer.name)}).first()
    return "ok, but no mail leaves until a person opens the gate" if row else "ok"


def _fault(ports: Ports) -> str:
    """Why this installation cannot do its work; empty if it can. Only in words that anybody may read."""
    try:
        if not migrate.is_current(ports.database):
            return "the database has other tables than this version needs"
        ports.watermark.check(ports.database)
        with ports.database.transaction("be ready"):
            pass  # opt-outs and events can be stored: nobody holds the database
    except StaleDatabase:
        return "the database is older than the mail already sent"
    # Only the type: what a driver says may hold the password.
    except Exception as error:  # noqa: BLE001
        log.warning("not ready: %s", type(error).__name__)
        return "the database does not answer"
    return ""
