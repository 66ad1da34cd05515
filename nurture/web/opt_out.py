"""Opting out, by one click in a mail program (RFC 8058) or by a button, and what one may wish for instead.

Nothing is asked, nothing is logged in, nothing is redirected; and nobody learns here which links are real. The token in
the path is the proof that a request comes from whoever has the mail, so there is nothing for another site to forge.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from models.queries import engagement
from models.words import Suppression
from nurture import rights
from nurture.announce import announce_suppressed
from nurture.core.cadence import local
from nurture.ports import Ports
from nurture.preferences import Often, keep, look_up, subscribe_again
from nurture.suppress import suppress
from nurture.web.site import Site

_SAVED = "Saved. That is what you get from now on."
_NOT_SAVED = "Nothing was changed: please say how often, and save again."
_BACK = "You are on the list again."
_TO_BE_ERASED = "Noted. You get no more mail, and what we know of you is erased within a month."
_NOT_SURE = "Nothing was erased: please tick the box first."


def routes(site: Site) -> APIRouter:
    """GET /u/{token} shows buttons; POST /u/{token} opts out, whatever its body says and however it is encoded.

    POST .../keep, .../again and .../erase are the other buttons of the page.
    """
    router = APIRouter()

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> Response:
        return _page(site, token)

    @router.post("/u/{token}")
    def opt_out(token: str) -> Response:
        opt_out_address(site.ports, token)
        return _page(site, token, done=True)

    @router.post("/u/{token}/keep")
    def keep_preferences(
        token: str, topic: Annotated[tuple[str, ...], Form()] = (), often: Annotated[str, Form()] = ""
    ) -> Response:
        # the page always says how often: without it, no topic does not mean none
        if often not in set(Often):
            return _page(site, token, notice=_NOT_SAVED)
        keep(site.ports, token, topic, Often(often))
        return _page(site, token, notice=_SAVED)

    @router.post("/u/{token}/again")
    def again(token: str) -> Response:
        come_back(site.ports, token)
        return _page(site, token, notice=_BACK)

    @router.post("/u/{token}/erase")
    def erase(token: str, sure: Annotated[str, Form()] = "") -> Response:
        if not sure:
            return _page(site, token, notice=_NOT_SURE)
        ask_to_erase(site.ports, token)
        return _page(site, token, done=True, notice=_TO_BE_ERASED)

    return router


def opt_out_address(ports: Ports, token: str) -> None:
    """No mail to this address from the commit on. A token that names none is no error; twice is once."""
    now = ports.clock.now()
    with ports.database.transaction("opt out") as connection:
        address = connection.execute(engagement.ADDRESS_BY_TOKEN, {"token": token}).first()
        if address:
            suppress(connection, [address.id], Suppression.OPT_OUT, "one-click", now)
            announce_suppressed(connection, ports.project.config, [address.id], now)


def come_back(ports: Ports, token: str) -> None:
    """Mail again, by the newest word of the person itself: an earlier wish to be forgotten is taken back."""
    with ports.database.transaction("stay") as connection:
        address = connection.execute(engagement.ADDRESS_BY_TOKEN, {"token": token}).first()
        if address:
            rights.take_back(connection, address.id)
    subscribe_again(ports, token)


def ask_to_erase(ports: Ports, token: str) -> None:
    """No mail from the commit on, and the wish to be forgotten is on the list (`nurture leads forget --requested`)."""
    now = ports.clock.now()
    with ports.database.transaction("ask to erase") as connection:
        address = connection.execute(engagement.ADDRESS_BY_TOKEN, {"token": token}).first()
        if address:
            suppress(connection, [address.id], Suppression.OPT_OUT, "asked to be erased", now)
            announce_suppressed(connection, ports.project.config, [address.id], now)
            rights.request(connection, address.id, now)


def _page(site: Site, token: str, *, done: bool = False, notice: str = "") -> Response:
    wishes = look_up(site.ports, token)
    config = site.in_force().ports.project.config
    until = wishes.paused_until
    return site.pages.page(
        "opt_out",
        token=token,
        left=done or wishes.left,
        notice=notice,
        topics=[(name, words, name not in wishes.declined) for name, words in config.topics.items()],
        often=str(wishes.often),
        paused_until=local(until, config.window.zone) if until else "",
    )
