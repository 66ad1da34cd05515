"""What does it cost to fill in a mail? Every mail of this project for every sample lead: head, text and HTML.

Layouts and snippets are put together and made into HTML when the files are read, so that a lead pays for values only.
The promise is 150 microseconds of CPU a mail.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from nurture.content import load_project
from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL

PROMISE = 150.0


@dataclass(frozen=True, slots=True)
class Rendering:
    """Microseconds of CPU per mail, on the average and for the dearest one, and seconds to read the project."""

    mails: int
    mean: float
    dearest: float
    load: float


def run(root: Path, rounds: int) -> Rendering:
    """The best of a few rounds for each mail, because the machine does other things as well."""
    started = time.process_time()
    templates = load_project(root).templates
    load = time.process_time() - started
    contexts = [templates.context(lead, UNSUBSCRIBE_URL) for lead in SAMPLE_LEADS.values()]
    best = {name: float("inf") for name in templates.names()}
    for _round in range(rounds):
        for name in best:
            started = time.process_time_ns()
            for context in contexts:
                templates.render(name, context)
            best[name] = min(best[name], (time.process_time_ns() - started) / 1000 / len(contexts))
    return Rendering(len(best), sum(best.values()) / len(best), max(best.values()), load)
