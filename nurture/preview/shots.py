"""Screenshots of mails by Chromium, where it is installed: one picture per mail and lead, desktop, phone and dark."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from nurture.errors import SetupError
from nurture.preview.gallery import render_page
from nurture.preview.sheet import Sheet

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: headings and room around the mails of a picture, in pixels
_MARGIN, _GAP, _HEADING = 24, 24, 36
#: width, color scheme and heading of the mails of a picture
_VIEWS = ((640, "light", "Desktop"), (390, "light", "Phone"), (390, "dark", "Phone, dark"))
_WIDTH = 2 * _MARGIN + sum(width for width, _scheme, _caption in _VIEWS) + (len(_VIEWS) - 1) * _GAP
_TALLEST = 8000
_SECONDS = 60
#: milliseconds of the page's own time; without it, frames that are not painted yet come out blank
_PATIENCE = 5000


def find_chromium() -> str:
    """The program. Raises SetupError where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise SetupError(
            "Screenshots need Chromium or Chrome, and none is installed. Leave out --shots, or install it."
        )
    return found


def shoot(sheets: Sequence[Sheet], folder: Path) -> dict[str, str]:
    """Write a .png beside the page of each sheet that could be filled in; gives the pictures' names by page."""
    chromium = find_chromium()
    shown = [sheet for sheet in sheets if sheet.mail]
    with TemporaryDirectory() as name:
        room = Path(name)
        heights = _measure(chromium, room, shown)
        return {
            sheet.page: _shot(chromium, room, sheet, height, folder)
            for sheet, height in zip(shown, heights, strict=True)
        }


def _measure(chromium: str, room: Path, sheets: Sequence[Sheet]) -> list[int]:
    """How tall each picture must be: that of its tallest mail."""
    target = room / "heights.html"
    target.write_text(render_page("shots", sheets=sheets, views=_VIEWS, height=100, measured=True), encoding="utf-8")
    page = _run(chromium, room, ["--dump-dom", target.as_uri()])
    found = re.search(r'<pre id="heights">(.*?)</pre>', page)
    if not found:
        raise SetupError(f"{chromium} did not show the mails. Leave out --shots, or look whether it starts.")
    tall = json.loads(unescape(found[1]))
    each = len(_VIEWS)
    return [min(max(tall[at : at + each]), _TALLEST) for at in range(0, len(tall), each)]


def _shot(chromium: str, room: Path, sheet: Sheet, height: int, folder: Path) -> str:
    source = room / "shot.html"
    source.write_text(
        render_page("shots", sheets=[sheet], views=_VIEWS, height=height, measured=False), encoding="utf-8"
    )
    target = folder / f"{Path(sheet.page).stem}.png"
    size = f"--window-size={_WIDTH},{height + _HEADING + 2 * _MARGIN}"
    _run(chromium, room, ["--hide-scrollbars", f"--screenshot={target}", size, source.as_uri()])
    if not target.exists():
        raise SetupError(f"{chromium} wrote no picture. Leave out --shots, or look whether it starts.")
    return target.name


def _run(chromium: str, room: Path, words: Sequence[str]) -> str:
    # its sandbox does not start for root; what is shown comes from the project's own files, without scripts of theirs
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-quic", f"--virtual-time-budget={_PATIENCE}")  # fmt: skip
    command = [chromium, "--headless", *as_root, *quiet, f"--user-data-dir={room / 'profile'}", *words]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - found by us
    except subprocess.TimeoutExpired:
        raise SetupError(f"{chromium} did not answer within {_SECONDS} seconds. Leave out --shots.") from None
    return ended.stdout.decode(errors="replace")
