"""How fast nurture is on this machine: prints the figures and says whether the promises hold (exit 1 if not).

Quick means a tenth of it all (of events a quarter); what is promised in seconds is then only shown, and ratios have
some slack.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import events, latency, rendering, rescoring, simulating, waiting

ROOT = Path(__file__).parent.parent
#: a slice is over in a second or two: a ratio in it is a promise broken only beyond this
SLACK = 1.25
_ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; how many promises were broken."""
    asked = _parser().parse_args(arguments)
    names = BENCHMARKS if _ALL in asked.names else asked.names
    return sum(BENCHMARKS[name](asked.quick) for name in names)


def _parser() -> argparse.ArgumentParser:
    told = "\n".join(f"  {name:<12}{run.__doc__}" for name, run in BENCHMARKS.items())
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, epilog=told, formatter_class=as_written
    )
    names = [_ALL, *BENCHMARKS]
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=names, default=_ALL, help="of those below; else all"
    )
    parser.add_argument("--quick", action="store_true", help="in a minute or two, on less of everything")
    return parser


def mails(quick: bool) -> int:
    """Every mail for every sample lead."""
    found = rendering.run(ROOT, 5 if quick else 50)
    print(f"{found.mails} mails filled in: {found.mean:.0f} us of CPU each, {found.dearest:.0f} us the dearest")
    print(f"  promise: {rendering.PROMISE:.0f} us; the project is read in {found.load:.2f} s")
    return int(found.dearest > rendering.PROMISE)


def ahead(quick: bool) -> int:
    """Two thousand leads simulated for 90 days."""
    done = simulating.run(ROOT, 200 if quick else 2000, 90)
    print(f"{done.leads:,} leads simulated for 90 days: {done.mails:,} mails at {done.moments:,} moments")
    print(f"  {done.wall:.1f} s, {done.cpu:.1f} s of CPU (promise for 2,000 leads: {simulating.PROMISE:.0f} s)")
    return int(not quick and done.wall > simulating.PROMISE)


def scores(quick: bool) -> int:
    """A hundred thousand scores counted anew, from a million acts."""
    done = rescoring.run(ROOT, 10_000 if quick else 100_000)
    print(
        f"{done.leads:,} leads scored anew from {done.acts:,} acts, SQLite: {done.wall:.1f} s, {done.cpu:.1f} s of CPU"
    )
    print(f"  promise for 100,000 leads: {rescoring.PROMISE:.0f} s; {done.wrong} scores differ from the engine's own")
    return int((not quick and done.wall > rescoring.PROMISE) or done.wrong > 0)


def coming_back(quick: bool) -> int:
    """Twenty thousand events of the mail provider, with 100,000 and with 2,000,000 stored."""
    scale, runs = (4, 4) if quick else (1, 3)
    few, many, told = 100_000 // scale, 2_000_000 // scale, 20_000 // scale
    timings = events.compare(ROOT, few, many, told, runs)
    print(f"{told:,} events in requests of {events.BATCH}, SQLite, the best of {runs}, for each second of CPU")
    for count, rows in zip((few, many), timings, strict=True):
        accepted, folded = max(one.accepted for one in rows), max(one.folded for one in rows)
        print(f"  {count:>9,} stored: {accepted:8,.0f} taken in, {folded:8,.0f} folded")
    cost = events.ratio(*timings)
    print(f"  promise: {events.ACCEPTED:,} and {events.FOLDED:,}; ratio {cost:.2f} (promise: at most {events.RATIO})")
    slow = any(max(one.folded for one in rows) < events.FOLDED for rows in timings)
    slow |= any(max(one.accepted for one in rows) < events.ACCEPTED for rows in timings)
    return int((not quick and slow) or cost > events.RATIO * (SLACK if quick else 1))


def among_waiting(quick: bool) -> int:
    """Ten thousand due leads among 10,000 and among 200,000 waiting."""
    scale, runs = (10 if quick else 1), 3
    few, many, due = 10_000 // scale, 200_000 // scale, 10_000 // scale
    timings = waiting.compare(ROOT, few, many, due, runs)
    print(f"{due:,} due leads to the null mailer, SQLite, median of {runs}")
    for count, rows in zip((few, many), timings, strict=True):
        wall, cpu = median(one.wall for one in rows), median(one.cpu for one in rows)
        print(f"  {count:>7,} waiting: {cpu:6.0f} us of CPU, {wall:6.0f} us in all, per due lead")
    found = waiting.ratio(*timings)
    print(f"  ratio {found:.2f} (promise: at most {waiting.PROMISE})")
    return int(found > waiting.PROMISE * (SLACK if quick else 1))


def answered(quick: bool) -> int:
    """What leads ask for, and that they ask for a person, over the running app."""
    with TemporaryDirectory() as folder:
        found = latency.run(ROOT, Path(folder), 8 if quick else 60)
    print(f"{len(found[0].seconds)} requests of each kind at once, over the running app, SQLite (p50, p95)")
    for one in found:
        print(f"  {one.what}: {one.percentile(0.5):.2f} s, {one.percentile(0.95):.2f} s")
    print(f"  promise: p95 under {latency.PROMISE:.0f} s")
    return int(any(one.percentile(0.95) >= latency.PROMISE for one in found))


#: by the module that measures; each tells how many promises were broken
BENCHMARKS: Mapping[str, Callable[[bool], int]] = {
    "rendering": mails,
    "waiting": among_waiting,
    "simulating": ahead,
    "events": coming_back,
    "latency": answered,
    "rescoring": scores,
}

if __name__ == "__main__":
    sys.exit(bool(main()))
