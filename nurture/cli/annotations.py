"""Problems as GitHub Actions shows them, beside the line of a pull request (its workflow commands)."""

from __future__ import annotations

from nurture.errors import Problem

#: what a message cannot hold as it is, and what a place or a title cannot hold besides
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PLACE = _MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def annotation(problem: Problem, file: str) -> str:
    """The problem as one line; `file` is told from the top of the checkout."""
    place = {"file": file}
    if problem.line:
        place |= {"line": str(problem.line), "col": str(problem.column)}
    place["title"] = problem.rule
    told = ",".join(f"{key}={value.translate(_PLACE)}" for key, value in place.items())
    return f"::{problem.severity} {told}::{problem.message.translate(_MESSAGE)}"
