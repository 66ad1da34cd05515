"""What the site tells and asks, in Segment's shape: stored as it came, answered at once, worked afterwards.

The write key stands in the site's pages, where everybody can read it; the server key is known to the site's own server
alone, and only with it do strangers become leads.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from models.queries import site as site_queries
from nurture.answers import answers_of
from nurture.core.questions import QUESTIONS, next_question
from nurture.engage import receive
from nurture.engage.calls import IGNORED, KINDS, calls_itself_a_robot, read_calls
from nurture.engage.site import BROWSER, SERVER
from nurture.web.authorization import shown_key
from nurture.web.site import Site

#: bytes of a body
MAX_CALL, MAX_BATCH = 32_000, 500_000
#: seconds for which a browser remembers that it may
_REMEMBER = "600"
#: what some libraries call the calls
_SHORT = {"i": "identify", "t": "track", "p": "page", "g": "group", "a": "alias", "s": "screen"}


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """Who may tell us: `write` for browsers of these `origins`, `server` for the site's server. Empty: nobody."""

    write: str = field(default="", repr=False)
    server: str = field(default="", repr=False)
    origins: frozenset[str] = frozenset()

    def source(self, authorization: str) -> str | None:
        """Who shows this header (Basic with the key as user name, or Bearer); None for nobody we know."""
        shown = shown_key(authorization).encode()
        for key, source in ((self.server, SERVER), (self.write, BROWSER)):
            if key and secrets.compare_digest(shown, key.encode()):
                return source
        return None


def routes(site: Site, keys: SiteKeys) -> APIRouter:
    """POST /v1/identify, /v1/track, /v1/page, /v1/batch; GET /v1/questions; and what browsers ask beforehand."""
    router = APIRouter()

    @router.post("/v1/{call}")
    async def tell(call: str, request: Request) -> Response:
        return await _take(site, keys, _SHORT.get(call, call), request)

    @router.get("/v1/questions")
    def ask(
        request: Request,
        anonymousId: str = "",  # noqa: N803 (Segment's own spelling)
        userId: str = "",  # noqa: N803
        token: str = "",
        answered: str = "",
    ) -> Response:
        source = keys.source(request.headers.get("authorization", ""))
        if source is None:
            return _refused(request, keys)
        names = _visitor_keys(anonymousId, userId) if source == SERVER else []
        return _answer(request, keys, 200, question=_next_question(site, names, token, answered))

    @router.options("/v1/{call}")
    def may(call: str, request: Request) -> Response:
        return _allowed(Response(status_code=204), request, keys)

    return router


async def _take(site: Site, keys: SiteKeys, call: str, request: Request) -> Response:
    if call not in {*KINDS, *IGNORED, "batch"}:
        return _answer(request, keys, 404, detail="there are identify, track, page and batch")
    body = await request.body()
    told = _parsed(body)
    header = request.headers.get("authorization", "")
    source = keys.source(header or _key_within(told))
    if source is None or (source == SERVER and not header):  # a server can set a header; bodies are stored
        return _refused(request, keys)
    if len(body) > (MAX_BATCH if call == "batch" else MAX_CALL):
        return _answer(request, keys, 413, detail="that is too much at once")
    now = await run_in_threadpool(site.ports.clock.now)
    try:
        calls, faults = read_calls(told, call, now, trusted=source == SERVER)
    except ValueError as error:
        return _answer(request, keys, 400, detail=str(error))
    # a trait that makes no sense is left out; the call counts all the same
    if faults and not calls and call != "batch":
        return _answer(request, keys, 400, detail="; ".join(reason for _, reason in faults))
    if source == BROWSER and calls_itself_a_robot(agent := request.headers.get("user-agent", ""), now):
        body = _with_agent(told, agent)
    await run_in_threadpool(receive, site.ports, f"{source}:{call}", body)
    answer = _answer(request, keys, 200, success=True)
    answer.background = BackgroundTask(site.drain)
    return answer


def _parsed(body: bytes) -> Any:
    """What the body says; None where it is not JSON."""
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _key_within(told: Any) -> str:
    """The key as browsers show it that send a page's last words: in the body, because they can set no header."""
    key = told.get("writeKey") if isinstance(told, dict) else None
    return f"Bearer {key}" if isinstance(key, str) else ""


def _with_agent(told: dict[str, Any], agent: str) -> bytes:
    """The call with what the request says of itself, where it says nothing: a robot gives itself away."""
    about = told["context"] if isinstance(told.get("context"), dict) else {}
    return orjson.dumps(told | {"context": {"userAgent": agent[:500]} | about})


def _visitor_keys(anonymous_id: str, user_id: str) -> list[str]:
    """The surest first: who is logged in, then whose browser it is."""
    shown = {"u": user_id.replace("\0", ""), "a": anonymous_id.replace("\0", "")}
    return [f"{prefix}:{one}" for prefix, one in shown.items() if one]


def _next_question(site: Site, visitors: Sequence[str], token: str, told: str) -> dict[str, object] | None:
    """What the site's form may ask next: what neither the page says was answered, nor the lead has answered.

    A browser may have said that it is anybody, so of a lead nothing is told but to the site's server, which names
    its visitor, and to whoever has a `token` from a mail to the lead.
    """
    answered = set(told.split(","))
    with site.ports.database.reading() as connection:
        if lead_id := _lead(connection, visitors, token.replace("\0", "")):
            answered |= answers_of(connection, lead_id).keys()
    name = next_question(answered)
    if name is None:
        return None
    question = QUESTIONS[name]
    choices = [{"value": code, "label": words} for code, words in question.choices.items()]
    return {"name": name, "text": question.text, "choices": choices}


def _lead(connection: Connection, visitors: Sequence[str], token: str) -> int | None:
    if row := connection.execute(site_queries.LEAD_BY_TOKEN, {"token": token}).first():
        return int(row.lead_id)
    if not visitors:
        return None
    known = {row.key: row.lead_id for row in connection.execute(site_queries.VISITORS, {"names": visitors})}
    return next((known[key] for key in visitors if known.get(key)), None)


def _refused(request: Request, keys: SiteKeys) -> Response:
    if not (keys.write or keys.server):
        return _answer(request, keys, 503, detail="not set up yet: set NURTURE_SITE__WRITE_KEY")
    return _answer(request, keys, 401, detail="show the write key, as Bearer or as the user name of Basic")


def _answer(request: Request, keys: SiteKeys, status: int, **told: object) -> Response:
    return _allowed(JSONResponse(told, status), request, keys)


def _allowed(response: Response, request: Request, keys: SiteKeys) -> Response:
    """What a browser must read before it lets a page of one of our origins talk to us (CORS)."""
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("origin", "")
    if origin in keys.origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "anonymousid, authorization, content-type"
        response.headers["Access-Control-Max-Age"] = _REMEMBER
    return response


def why(error: ValueError) -> str:
    return "the body is not JSON" if isinstance(error, orjson.JSONDecodeError | UnicodeDecodeError) else str(error)
