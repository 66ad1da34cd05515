"""`nurture serve`: the web app, from its first request to its end."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from urllib.request import Request, urlopen

from tests.cli.conftest import Nurture, mails, started
from tests.sockets import kept_port


def wait_until_alive(url: str, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        try:
            with urlopen(f"{url}/healthz", timeout=60) as answer:
                assert answer.read() == b"ok"
                return
        except OSError:  # refused, or not answered
            time.sleep(0.02)


def test_a_hand_raise_over_http_reaches_sales_at_once(nurture: Nurture, project: Path) -> None:
    with kept_port() as port, started("serve", "--port", port) as serving:
        url = f"http://127.0.0.1:{port}"
        wait_until_alive(url, serving)
        form = json.dumps({"email": "ida@mill.example.com", "first_name": "Ida"}).encode()
        with urlopen(Request(f"{url}/f/call-me", form, {"content-type": "application/json"}), timeout=60):
            pass
        serving.send_signal(signal.SIGINT)
        told, _ = serving.communicate(timeout=60)
    assert serving.returncode == 0
    assert told.startswith(f"Listening at {url}")
    # the round after a request is finished before the app ends
    assert "alert-1.eml" in mails(project)
    assert "Ida" in nurture("handoffs", "show", 1).out
