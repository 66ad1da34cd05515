"""One-click polls: a lead answers a question from a mail, by the token of its address."""

from __future__ import annotations

from models.queries import site
from nurture.announce import announce_all
from nurture.answers import Answered, happened, keep_answers
from nurture.core.questions import POLLS
from nurture.handoff import reconsider
from nurture.ports import Ports
from nurture.suppress import hold_leads

#: how we know
SOURCE = "poll"


def answer(ports: Ports, token: str, question: str, said: str) -> None:
    """Keep what was said, unless it was answered before. A token that names nobody is no error.

    Raises ValueError, with what there is to choose from, for an answer that is none.
    """
    value = POLLS[question].read(said)
    if not value:
        raise ValueError("is empty")
    now = ports.clock.now()
    with ports.database.transaction("poll") as connection:
        lead = connection.execute(site.LEAD_BY_TOKEN, {"token": token}).first()
        if lead is None:
            return
        hold_leads(connection, [lead.lead_id])
        fresh = keep_answers(connection, [Answered(lead.lead_id, question, value, now, SOURCE)])
        if fresh:
            reconsider(connection, [lead.lead_id], now)
            announce_all(connection, ports.project.config, "lead.answered", map(happened, fresh), now)
