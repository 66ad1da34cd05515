"""The gallery served on this machine alone; watched, it is drawn again whenever a file of the project is saved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

from nurture.errors import NurtureError, SetupError, UsageError
from nurture.preview.gallery import INDEX, Gallery, trouble

HOST = "127.0.0.1"
#: names by which a browser on this machine may call us; another site's name that leads here is no reader of ours
_OWN_NAMES = frozenset(("127.0.0.1", "localhost"))
_SOURCES = ("nurture.yaml", "sequences/*.y*ml", "templates/**/*")


class Live:
    """The pages as the files are now. `look()` draws them again if a file was saved; while that fails, every page
    says why."""

    def __init__(self, root: Path, draw: Callable[[], Gallery], *, watch: bool) -> None:
        self.version = ""
        self.gallery: Gallery | None = None
        self.pages: dict[str, str] = {}
        self.trouble = ""
        self.missing = ""
        self._root = root
        self._draw = draw
        self._watch = watch

    def look(self) -> bool:
        """Draw again if a file changed since the last look; says whether it did.

        Raises UsageError at the first look, when what was asked for means nothing; later, its page may come back.
        """
        version = stamp(self._root)
        if version == self.version:
            return False
        shown = version if self._watch else ""
        try:
            self.gallery = self._draw()
            self.pages, self.trouble = self.gallery.pages(shown), ""
        except NurtureError as error:
            if isinstance(error, UsageError) and self.gallery is None:
                raise
            self.trouble = trouble(str(error), shown)
        except FileNotFoundError:
            # it is being replaced this very moment: the next look finds the new one
            return False
        self.missing = trouble("There is no such page any more. Go back to the index.", shown)
        self.version = version
        return True

    def page(self, path: str) -> str | None:
        """What to show at a path; None where there is nothing."""
        return self.trouble or self.pages.get(path.removeprefix("/") or INDEX)


def stamp(root: Path) -> str:
    """A name for the state of the project's files: another one after each save."""
    found = sorted({path for pattern in _SOURCES for path in root.glob(pattern) if path.is_file()})
    return hashlib.sha256("".join(f"{path}\0{_saved_at(path)}\n" for path in found).encode()).hexdigest()[:16]


def _saved_at(path: Path) -> int:
    # editors save by putting a new file in the old one's place: for a moment there may be none
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@contextmanager
def served(live: Live, port: int) -> Iterator[str]:
    """Serve the pages on the loopback interface for the length of a `with`; gives the address. Port 0 is any."""
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(live))
    except OSError as error:
        raise SetupError(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from error
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _handler(live: Live) -> type[BaseHTTPRequestHandler]:
    """How requests for these pages are answered."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in _OWN_NAMES:
                self._answer(403, "This is for browsers on this machine.")
                return
            path = unquote(urlsplit(self.path).path)
            if path == "/version":
                self._answer(200, live.version, "text/plain")
            elif page := live.page(path):
                self._answer(200, page)
            else:
                self._answer(404, live.missing)

        def _answer(self, status: int, text: str, kind: str = "text/html") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Pages say nothing on the terminal."""

    return Handler
