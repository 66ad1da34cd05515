"""A PostgreSQL of our own for the tests: started when the first test asks for it, gone when the last has run."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.sockets import kept_port

HOW_TO_INSTALL = "the tests need PostgreSQL 15 or newer: apt-get install postgresql"
#: what a power cut would spoil does not matter here
_QUICK = ("-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "autovacuum=off")
_START_SECONDS = 60


@contextmanager
def running() -> Iterator[str]:
    """The URL of a fresh server on a free port, without its database name: `postgresql://...:port`."""
    binaries, user = _binaries(), _server_user()
    with (
        tempfile.TemporaryDirectory(prefix="nurture-postgres-", ignore_cleanup_errors=True) as name,
        kept_port() as port,
    ):
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        _run(user, binaries / "initdb", "-D", folder / "data", "-U", "nurture", "-A", "trust", "-E", "UTF8", "-N")
        options = ["-D", folder / "data", "-p", port, "-k", folder, "-h", "127.0.0.1", *_QUICK]
        server = _start(user, folder / "log", binaries / "postgres", *options)
        try:
            url = f"postgresql://nurture@127.0.0.1:{port}"
            _wait_until_up(server, f"{url}/postgres", folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()


def _binaries() -> Path:
    """The newest installed server's folder of programs."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin/postgres") if int(path.parts[-3]) >= 15]
    if not found:
        raise RuntimeError(HOW_TO_INSTALL)
    return max(found, key=lambda path: int(path.parts[-3])).parent


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, *command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, user=user, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _start(user: str | None, log: Path, *command: object) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen([str(word) for word in command], user=user, cwd="/", stdout=file, stderr=file)


def _wait_until_up(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return
