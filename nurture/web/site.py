"""What every route is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nurture.ports import Ports
from nurture.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Site:
    """The engine, its pages, and what is done after a request that brought something in."""

    ports: Ports
    pages: Pages
    drain: Callable[[], None]
    current: Callable[[], Ports]

    def in_force(self) -> Site:
        """The same by nurture.yaml as it is saved, and by the agreement that is in force by now."""
        return replace(self, ports=self.current())


def number_in(text: str) -> int | None:
    """The number that a page or an address tells; None for what is none that a database knows."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
