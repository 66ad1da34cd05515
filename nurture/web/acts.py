"""What a rep can do with a lead on its page, form by form. Each does it once, however often the button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models.queries import deals
from models.words import OpportunityState
from nurture.core import money
from nurture.deals import lose, win
from nurture.errors import UsageError
from nurture.gather import barred, read_leads
from nurture.handoff.answer import Answered, Given, accept, judge, reject
from nurture.handoff.comeback import comes_back
from nurture.handoff.keep_warm import keep_warm
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from nurture.leads.values import cleaned
from nurture.ports import Ports
from nurture.web.desk import VERDICT
from nurture.web.site import number_in

LONGEST_NOTE = 1000
_CLOSED = "This deal was closed before, and that stands."
STANDS = "This was answered before, and that answer stands."

#: what a form says, by the names of its fields
Said = Mapping[str, str]
#: does it, and says so in a sentence. Raises UsageError for what is missing or cannot be
Act = Callable[[Ports, Row[Any], Said], str]


def require(said: object, fault: str) -> None:
    """Raise UsageError, in the words of the page, where something was left out."""
    if not said:
        raise UsageError(fault)


def _accept(ports: Ports, handoff: Row[Any], said: Said) -> str:
    project, budget = said.get("project", ""), said.get("budget", "")
    require(project and budget, "Please answer both; “not known yet” is an answer.")
    return _notice(accept(ports, handoff.id, handoff.owner, Given(project, budget, _note(said))))


def _reject(ports: Ports, handoff: Row[Any], said: Said) -> str:
    reason, back = said.get("reason", ""), said.get("back", "")
    require(reason, "Please choose a reason.")
    until = _day(ports, handoff, back) if back else None
    return _notice(reject(ports, handoff.id, handoff.owner, reason, _note(said), until))


def _snooze(ports: Ports, handoff: Row[Any], said: Said) -> str:
    day = said.get("day", "date")
    day = said.get("date", "") if day == "date" else day
    require(day, "Please choose a day.")
    snooze(ports, handoff.id, handoff.owner, _day(ports, handoff, day))
    return "It is off your list until then."


def _reassign(ports: Ports, handoff: Row[Any], said: Said) -> str:
    require(said.get("to"), "Please choose who takes it.")
    reassign(ports, handoff.id, handoff.owner, said["to"])
    return ""


def _touch(ports: Ports, handoff: Row[Any], said: Said) -> str:
    kind, outcome = said.get("kind", ""), said.get("outcome", "")
    require(kind and outcome, "Please say how you reached out, and what came of it.")
    log_touch(ports, handoff.id, handoff.owner, kind, outcome, _note(said), number_in(said.get("seen", "")))
    return "It is in the log, and the clock has stopped."


def _warm(ports: Ports, handoff: Row[Any], said: Said) -> str:
    on = said.get("on") == "yes"
    keep_warm(ports, handoff.id, handoff.owner, on)
    if not on:
        return "Marketing stays silent."
    why_not = _not_mailed(ports, handoff.lead_id)
    return f"That is noted, but nothing is sent: {why_not}." if why_not else "Marketing keeps it warm, lightly."


def _not_mailed(ports: Ports, lead_id: int) -> str | None:
    """Why marketing may not write to a lead, apart from its being with sales."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        lead = read_leads(connection, [lead_id], ports.project, now).leads.get(lead_id)
    return barred(lead, now, with_sales=False) if lead else None


def _verdict(ports: Ports, handoff: Row[Any], said: Said) -> str:
    answers = [said.get(question, "") for question in VERDICT]
    require(all(answers), "Please answer all three; “not sure” is an answer.")
    right_person, ready, helpful = answers
    judge(ports, handoff.id, handoff.owner, right_person, ready, helpful, _note(said))
    return "Thank you. Marketing learns from it."


def _won(ports: Ports, handoff: Row[Any], said: Said) -> str:
    try:
        worth = money.amount(said["amount"]) if said.get("amount") else None
        code = money.currency(said["currency"]) if said.get("currency") else None
    except ValueError as error:
        raise UsageError(str(error)) from None
    deal = _deal(ports, handoff, said)
    if deal.state != OpportunityState.OPEN:
        return _CLOSED
    closed = win(ports, deal.id, handoff.owner, worth, code)
    return "Congratulations! They are a customer now." if closed.fresh else _CLOSED


def _lost(ports: Ports, handoff: Row[Any], said: Said) -> str:
    require(said.get("reason"), "Please choose a reason.")
    deal = _deal(ports, handoff, said)
    if deal.state != OpportunityState.OPEN:
        return _CLOSED
    closed = lose(ports, deal.id, handoff.owner, said["reason"], _note(said))
    return "Noted. The reason says what comes next." if closed.fresh else _CLOSED


#: the end of a form's path -> what it does
ACTS: Mapping[str, Act] = {
    "accept": _accept,
    "reject": _reject,
    "snooze": _snooze,
    "reassign": _reassign,
    "touch": _touch,
    "warm": _warm,
    "verdict": _verdict,
    "won": _won,
    "lost": _lost,
}


def _notice(answered: Answered) -> str:
    return "Thank you, that is noted." if answered.fresh else STANDS


def _deal(ports: Ports, handoff: Row[Any], said: Said) -> Row[Any]:
    """The deal that the page was about. There, one that is closed stays closed: another tab may not know it."""
    with ports.database.reading() as connection:
        shown = connection.execute(deals.SHOWN, {"handoff_id": handoff.id}).first()
        if shown is None:
            raise UsageError("accept the lead first: that opens the deal")
        meant = number_in(said.get("deal", ""))
        if meant in (None, shown.id):
            return shown
        deal = connection.execute(deals.DEAL, {"id": meant}).first()
    if deal is None or deal.lead_id != handoff.lead_id or deal.state == OpportunityState.OPEN:
        raise UsageError("this page is about another deal by now: look at it again")
    return deal


def _day(ports: Ports, handoff: Row[Any], word: str) -> datetime:
    return comes_back(ports.project.config, handoff.owner, word, ports.clock.now())


def _note(said: Said) -> str:
    return cleaned(said.get("note", ""))[:LONGEST_NOTE]
