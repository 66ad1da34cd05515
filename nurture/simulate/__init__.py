"""Simulation: the real engine on a clock that jumps, over leads that nobody mails.

world      a database in memory, filled from a file or copied from the real one; the clock; a post that keeps mails in
play       from one moment at which something is due to the next
habits     an audience that behaves by chance, out of a seed
script     an audience that does what is written
result     what it came to; timeline: one lead's way; page: the same for a browser
"""

from nurture.simulate.habits import ByChance, Rates
from nurture.simulate.page import page
from nurture.simulate.play import Played, play
from nurture.simulate.result import Result, collect
from nurture.simulate.script import Script, read_script
from nurture.simulate.timeline import Entry, Timeline, timeline
from nurture.simulate.world import World, close, copy_into, import_into, new_world

__all__ = [
    "ByChance",
    "Entry",
    "Played",
    "Rates",
    "Result",
    "Script",
    "Timeline",
    "World",
    "close",
    "collect",
    "copy_into",
    "import_into",
    "new_world",
    "page",
    "play",
    "read_script",
    "timeline",
]
