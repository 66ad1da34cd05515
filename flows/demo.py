"""The demo, its flows run by Prefect on a server of its own:   python -m flows.demo [--fast]

Nothing leaves the machine. Progress goes to stderr, what it came to is told on stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nurture.clock import SystemClock, VirtualClock
from nurture.content import find_root
from nurture.demo.plain import without_scheduler
from nurture.demo.stage import opening_night, set_up
from nurture.demo.story import Flow, RunFlow, tell
from nurture.demo.summary import show
from nurture.errors import NurtureError
from nurture.settings import load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the demo in the project around the current folder. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="nurture demo", description="A few days of nurture in a minute.")
    parser.add_argument("--fast", action="store_true", help="without the Prefect server")
    fast = parser.parse_args(arguments).fast
    try:
        play(find_root(Path.cwd()), fast=fast)
    except NurtureError as error:
        say(f"Error: {error}")
        return error.exit_code
    return 0


def play(root: Path, *, fast: bool) -> None:
    """Set the stage, tell the story, sum it up."""
    settings = load_settings(root)
    clock = VirtualClock(opening_night(SystemClock().now()))
    with set_up(root, clock) as ports:
        run_flow = without_scheduler(ports) if fast else with_prefect(root, settings.state_dir / "prefect", clock)
        told = tell(ports, clock, settings.mail.outbox, run_flow, say)
        show(ports, told, settings.mail.outbox, sys.stdout)


def with_prefect(root: Path, home: Path, clock: VirtualClock) -> RunFlow:
    """Run flows on an embedded Prefect server, which the first run starts."""
    say("Prefect starts a server of its own; the first time this takes up to half a minute.")
    _configure(root / "prefect.env", home)
    # Read only now: Prefect takes its settings from the environment when it is imported, and seconds to do so.
    from prefect import tags

    from flows.advance import advance
    from flows.sales import sales

    flows = {"advance": advance, "sales": sales}

    def run(flow: Flow) -> str:
        name = f"{flow} {clock.now():%a %d %b %H:%M}"
        with tags("nurture", flow):
            counts = asyncio.run(flows[flow]())
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"Prefect run '{name}': {told or 'nothing to do'}"

    return run


def _configure(file: Path, home: Path) -> None:
    """Prefect's settings: ours, and no server but the embedded one."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        name, is_setting, value = line.partition("=")
        if is_setting and not name.startswith("#"):
            os.environ[name] = value
    home.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str(home)
    # The runs are told by the story; their own lines are kept with them.
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "WARNING"


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
