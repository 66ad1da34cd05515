"""What has to be done once a day: let the quiet go, learn whose mail is scanned, find out who works for whom, fill in
what an earlier version left open, let leads that make no progress change track, ask reps for verdicts that are overdue,
remove what is old."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from nurture import accounts
from nurture.engage.domains import learn
from nurture.handoff.reminders import remind_verdicts
from nurture.leads import left_open
from nurture.ports import Ports
from nurture.quiet import let_go
from nurture.rights.retention import tidy
from nurture.stall import change_track

log = logging.getLogger(__name__)

_CHORES: Mapping[str, Callable[[Ports], int]] = {
    "let go": let_go,
    "domains judged anew": learn,
    "companies found": accounts.fill_in,
    "left open by an earlier version": left_open.fill_in,
    "changed track": change_track,
    "asked for verdicts": remind_verdicts,
}


def daily(ports: Ports) -> dict[str, int]:
    """Do every chore; by chore, how much there was to do.

    At any time, twice, and from several places: what is not finished today is done the next day. One that fails keeps
    no other from being done; the first such error is raised when all have had their turn.
    """
    counts: dict[str, int] = {}
    failed: list[Exception] = []
    for name, chore in _CHORES.items():
        try:
            counts[name] = chore(ports)
        except Exception as error:  # noqa: BLE001 - it is raised below, when the others are done
            log.warning("the chore '%s' failed: %s", name, type(error).__name__)
            failed.append(error)
    counts |= tidy(ports).counts
    if failed:
        raise failed[0]
    return counts
