"""Polls in mails: a link shows the question with its answer, only the button behind it answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nurture.core.questions import LONGEST_ANSWER, POLLS, Question
from nurture.polls import answer
from nurture.web.site import Site


def routes(site: Site) -> APIRouter:
    """GET /a/{token}/{question} and .../{answer} ask, POST /a/{token}/{question} answers. Nobody learns here which
    links are real."""
    router = APIRouter()

    @router.api_route("/a/{token}/{name}", methods=["GET", "HEAD"])
    def ask(token: str, name: str) -> Response:
        return _page(site, token, name)

    @router.api_route("/a/{token}/{name}/{chosen}", methods=["GET", "HEAD"])
    def confirm(token: str, name: str, chosen: str) -> Response:
        return _page(site, token, name, chosen if chosen in _question(name).choices else "")

    @router.post("/a/{token}/{name}")
    def take(token: str, name: str, said: Annotated[str, Form(alias="answer")] = "") -> Response:
        _question(name)
        try:
            answer(site.ports, token, name, said.replace("\0", ""))
        except ValueError:
            return _page(site, token, name, fault="Please choose an answer, or write one in a few words.", status=422)
        page = _page(site, token, name, done=True)
        page.background = BackgroundTask(site.drain)
        return page

    return router


def _question(name: str) -> Question:
    if name not in POLLS:
        raise HTTPException(404)
    return POLLS[name]


def _page(
    site: Site, token: str, name: str, chosen: str = "", *, done: bool = False, fault: str = "", status: int = 200
) -> Response:
    return site.pages.page(
        "poll",
        status,
        token=token,
        asked=name,
        question=_question(name),
        chosen=chosen,
        longest=LONGEST_ANSWER,
        done=done,
        fault=fault,
    )
