"""What is told about a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: what an example is: some keys of a sequence, of its tests or of nurture.yaml, the MJML, HTML or text file of a mail
#: as a whole, or words for what cannot be shown
Kind = Literal["sequence", "test", "project", "mjml", "html", "text", "words"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule asks for in one line, why that matters, an example that breaks it, and the same mended."""

    meaning: str
    why: str
    bad: str
    good: str
    kind: Kind = "sequence"
