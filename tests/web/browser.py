"""A real browser without a window: pages are opened, looked at, filled in and pictured as people do it.

Chromium's own protocol (DevTools) is spoken over its socket, so no further program is needed.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from nurture.preview.shots import find_chromium

NARROW, PHONE, DESKTOP = (320, 568), (390, 844), (1280, 900)
_SECONDS = 60
#: what a form control needs: a name that screen readers say, and room for a thumb
_CONTROLS = """
[...document.querySelectorAll('a,button,summary,select,textarea,input:not([type=hidden])')]
  .filter(one => one.checkVisibility()).map(one => {
    const box = (one.matches('[type=radio],[type=checkbox]') ? one.closest('label') : one).getBoundingClientRect();
    const named = one.labels?.length ? one.labels[0].textContent : one.ariaLabel || one.textContent;
    return {tag: one.outerHTML.slice(0, 90), named: named.trim(), width: box.width, height: box.height};
  })
"""
#: text whose color is too near to what it stands on (WCAG 2.2 AA)
_PALE = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = one => { for (let at = one; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor); if (color[3] > 250) return color; }
    return [255, 255, 255, 255]; };
  return [...document.querySelectorAll('body *')].filter(one => one.checkVisibility() &&
    [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).map(one => {
      const style = getComputedStyle(one), size = parseFloat(style.fontSize);
      const [a, b] = [light(rgba(style.color)), light(behind(one))].sort((x, y) => y - x);
      const needed = size >= 24 || (size >= 18.6 && style.fontWeight >= 700) ? 3 : 4.5;
      return {text: one.textContent.trim().slice(0, 40), ratio: (a + .05) / (b + .05), needed}; })
    .filter(one => one.ratio < one.needed);
})()
"""


class Browser:
    """One page of a browser."""

    def __init__(self, socket: Connection) -> None:
        self._socket, self._number, self._loads = socket, 0, 0
        self._call("Page.enable")
        self._call("Emulation.setFocusEmulationEnabled", enabled=True)

    def show(self, url: str, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> None:
        """Open a page on a screen of that size, and wait until it is there."""
        width, height = size
        phone = width < 600
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        loads = self._loads
        self._call("Page.navigate", url=url)
        self._loaded(loads)

    def js(self, expression: str) -> Any:
        """What an expression is on this page. The page's own policy lets no script of its own run."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, selector: str) -> None:
        """Press a button that sends a form, and wait for the page that follows."""
        assert self.js(f"!!document.querySelector({selector!r})"), selector
        loads = self._loads
        self.js(f"document.querySelector({selector!r}).click()")
        self._loaded(loads)

    def tick(self, selector: str) -> None:
        """Choose an answer."""
        self.js(f"document.querySelector({selector!r}).click()")

    def tab(self) -> None:
        """Go on to the next control, by the keyboard."""
        key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        self._call("Input.dispatchKeyEvent", type="rawKeyDown", **key)
        self._call("Input.dispatchKeyEvent", type="keyUp", **key)

    @property
    def text(self) -> str:
        """What stands on the page."""
        return str(self.js("document.body.innerText"))

    @property
    def overflows(self) -> bool:
        """Whether it must be moved sideways to be read."""
        return bool(self.js("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def controls(self) -> list[dict[str, Any]]:
        """Everything to press or fill in."""
        return list(self.js(_CONTROLS))

    def pale(self) -> list[dict[str, Any]]:
        """Text that is hard to read."""
        return list(self.js(_PALE))

    def picture(self, path: Path, most: int = 8000) -> None:
        """The page as a .png, down to so many pixels."""
        height = min(self.js("document.documentElement.scrollHeight"), most)
        width = self.js("document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self._call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            told = self._told()
            if told.get("id") == self._number:
                assert "error" not in told, told
                return dict(told["result"])

    def _loaded(self, before: int) -> None:
        """Until another page is there; a quick one is told of before the answer to what asked for it."""
        while self._loads == before:
            self._told()

    def _told(self) -> dict[str, Any]:
        told = dict(json.loads(self._socket.recv(timeout=_SECONDS)))
        self._loads += told.get("method") == "Page.loadEventFired"
        return told


@contextmanager
def browsing(room: Path) -> Iterator[Browser]:
    """A browser with nothing in it, for a while."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    words = ("--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--disable-background-networking",
             "--remote-debugging-port=0", f"--user-data-dir={room}", "--no-proxy-server", "about:blank")  # fmt: skip
    program = subprocess.Popen([find_chromium(), *as_root, *words], stderr=subprocess.DEVNULL)
    try:
        port = _port(room / "DevToolsActivePort")
        with httpx.Client(trust_env=False) as client:
            pages = client.get(f"http://127.0.0.1:{port}/json/list", timeout=_SECONDS).json()
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        with connect(address, max_size=None, open_timeout=_SECONDS, proxy=None) as socket:
            yield Browser(socket)
    finally:
        program.terminate()
        program.wait(timeout=_SECONDS)


def _port(told: Path) -> int:
    """Which port the browser has chosen; it writes it down when it is ready."""
    ends = time.monotonic() + _SECONDS
    while not told.exists() or len(told.read_text().splitlines()) < 2:
        assert time.monotonic() < ends, "the browser did not start"
        time.sleep(0.05)
    return int(told.read_text().splitlines()[0])
