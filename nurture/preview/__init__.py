"""Looking at mails before anybody gets them: a gallery of pages, live while one writes, and a test mail to oneself.

Nothing here writes to a database or mails a lead. For the built-in sample leads no database is even loaded.
"""

from nurture.preview.choice import Item, choose
from nurture.preview.gallery import Gallery, draw, write
from nurture.preview.people import SAMPLES, Person
from nurture.preview.sheet import Sheet, look

__all__ = ["SAMPLES", "Gallery", "Item", "Person", "Sheet", "choose", "draw", "look", "write"]
