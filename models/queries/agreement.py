"""Every SELECT about the agreement: which version is in force, and all that were."""

from __future__ import annotations

from models.statement import read

LIVE = read(
    """
    SELECT v.version, v.source, l.applied_at FROM live_agreement l JOIN agreement_version v ON v.version = l.version
    """
)

#: every version that was ever in force, the oldest first
LOG = read(
    """
    SELECT v.version, v.source, v.applied_at FROM agreement_version v WHERE v.applied_at IS NOT NULL
    ORDER BY v.applied_at, v.version
    """
)
