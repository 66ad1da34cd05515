"""What every answer says to browsers: no scripts, no frames, no copies kept, nothing told to other sites."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

#: for so long browsers come by https only (seconds)
ONE_YEAR = 31_536_000


def security_headers(styles: Iterable[str], public_url: str) -> dict[str, str]:
    """The headers of every answer, for pages that hold these style sheets and no other. No cookies, ever."""
    known = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in styles)
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src {known}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    return headers
