"""What every answer says to browsers: no scripts, no frames, no copies kept, nothing told to other sites."""

from __future__ import annotations

import base64
import hashlib

#: for so long browsers come by https only (seconds)
ONE_YEAR = 31_536_000


def security_headers(style: str, public_url: str) -> dict[str, str]:
    """The headers of every answer, for pages that hold this one style sheet. No cookies, ever."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
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
