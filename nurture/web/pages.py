"""The pages: plain HTML with one style sheet inside, no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from starlette.responses import HTMLResponse

from nurture.content import Project
from nurture.views import render

#: status -> title and what to do
_PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("That could not be read", "Please go back and try again."),
    403: ("That is not allowed", "The request is not signed by whom it should be."),
    404: ("There is nothing here", "The link may be cut off. Please copy it whole."),
    405: ("That is not possible here", "Please use the buttons of the page."),
    413: ("That is too much", "Please send less."),
    503: ("Not set up yet", "This address does not take anything in yet."),
}
_BROKEN = ("Something went wrong", "It is our fault. Please try again in a minute.")


class Pages:
    """The pages of a project, in the colors of its brand."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._brand = project.config.brand
        self._style = render(self._root, "pages/style.css", colors=self._brand.colors)
        self.headers = _headers(self._style)

    def page(
        self, name: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Fill in `templates/pages/<name>.html`."""
        html = render(self._root, f"pages/{name}.html", brand=self._brand, style=self._style, **values)
        return HTMLResponse(html, status, headers)

    def problem(self, status: int, text: str = "", headers: Mapping[str, str] | None = None) -> HTMLResponse:
        """A page that says what went wrong, and what to do."""
        title, advice = _PROBLEMS.get(status, _BROKEN)
        return self.page("message", status, headers, title=title, text=text or advice)


def _headers(style: str) -> dict[str, str]:
    """What every answer says to browsers: no scripts, no frames, no copies kept, nothing told to other sites."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
    }
