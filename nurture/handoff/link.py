"""The link to a handoff's page: it ends after a while, and a new one can be made."""

from __future__ import annotations

from models.statement import write
from nurture.handoff.former import retire
from nurture.handoff.open import hold
from nurture.handoff.reassign import LINK_LASTS
from nurture.ports import Ports

_RENEW = write("UPDATE handoff SET token = :token, token_until = :until WHERE id = :id")


def renew_link(ports: Ports, handoff_id: int) -> str:
    """A new link to the page, good for 30 days; links that were mailed before open nothing any more."""
    token, until = ports.new_id(), ports.clock.now() + LINK_LASTS
    with ports.database.transaction("renew link") as connection:
        retire(connection, hold(connection, handoff_id))
        connection.execute(_RENEW, {"id": handoff_id, "token": token, "until": until})
    return f"{ports.public_url}/h/{token}"
