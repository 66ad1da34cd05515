"""The agreement as a page that both departments can read, and sign."""

from nurture.contract.page import page
from nurture.contract.sections import Section, sections

__all__ = ["Section", "page", "sections"]
