"""The pages: plain HTML with one style sheet inside, no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse

from nurture.content import Project
from nurture.diagram.style import style as drawing_style
from nurture.report.page import style as report_style
from nurture.views import render
from nurture.web.headers import security_headers

#: status -> title and what to do
_PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("That could not be read", "Please go back and try again."),
    403: ("That is not allowed", "The request is not signed by whom it should be."),
    404: ("There is nothing here", "The link may be cut off. Please copy it whole."),
    405: ("That is not possible here", "Please use the buttons of the page."),
    408: ("That took too long", "Please try again."),
    413: ("That is too much", "Please send less."),
    503: ("Not set up yet", "This address does not take anything in yet."),
}
_BROKEN = ("Something went wrong", "It is our fault. Please try again in a minute.")


class Pages:
    """The pages of a project, in the colors of its brand."""

    def __init__(self, project: Project, public_url: str = "") -> None:
        self._root = project.root
        self._brand = project.config.brand
        self._style = render(self._root, "pages/style.css", colors=self._brand.colors)
        of_report = report_style(self._brand.colors), drawing_style(self._brand.colors.primary)
        self.headers = security_headers((self._style, *of_report), public_url)

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
