"""What marketing writes, read with care: every fault has its file, line and column, and says how to mend it."""

from nurture.content.load import (
    Project,
    agreement_version,
    find_root,
    load_project,
    parse_sequence,
    validate,
    version_of,
)
from nurture.content.templates import Rendered, Templates

__all__ = [
    "Project",
    "Rendered",
    "Templates",
    "agreement_version",
    "find_root",
    "load_project",
    "parse_sequence",
    "validate",
    "version_of",
]
