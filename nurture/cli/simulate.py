"""`nurture simulate`: what the sequences would do to leads, and what would come of it. Nobody is mailed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from nurture.cli.project import existing_database_of, root_of
from nurture.cli.screen import Json, answer, note, progress, say, table, write_file
from nurture.errors import ContentError, UsageError

if TYPE_CHECKING:
    from nurture.content import Project
    from nurture.simulate import ByChance, Result, Script, Timeline, World

SAMPLES = Path("samples/leads.csv")
MOST_DAYS = 1000
#: when a simulated day begins (UTC)
MORNING = time(6, tzinfo=UTC)


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Examples: nurture simulate --html simulation.html; nurture simulate --lead 12 --days 30 --seed 2"
    )(simulate)


def simulate(
    context: typer.Context,
    leads: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A CSV file of leads; left out: samples/leads.csv.", exists=True, dir_okay=False
        ),
    ] = None,
    from_database: Annotated[
        bool, typer.Option("--from-database", help="The real leads as they stand: copied, never mailed, never written.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How long.")] = 60,
    start: Annotated[
        datetime | None, typer.Option(metavar="DAY", formats=["%Y-%m-%d"], help="The first day; left out: today.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Readers by chance; the same seed, the same readers.")] = 1,
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What leads do, in YAML, instead of chance.", exists=True, dir_okay=False),
    ] = None,
    lead: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Show the way of this lead instead, by number or address.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the result as a page, with charts.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Play the next weeks through the real engine, in seconds, and show what would come of them.

    The exit code is 1 if a mail could not be made.
    """
    from nurture import simulate as sim
    from nurture.clock import SystemClock

    if leads and from_database:
        raise UsageError("say --leads or --from-database, not both")
    project = _project(root_of(context))
    audience = _audience(project, script, seed)
    begin = _begin(start, SystemClock().now(), from_database=from_database)
    end = _midnight(begin, days, project.config.window.zone)
    with _world(context, project, begin, seed, leads, from_database) as world:
        with progress("playing", days) as tick:
            played = sim.play(world, audience, end, lambda now: tick((now - begin).days))
        result = sim.collect(world, end, getattr(audience, "never", ()))
        ways = [_way(sim.timeline(world, played, word), word) for word in lead or ()]
    readers = f"Readers as {script.name} says." if script else f"Readers by chance, seed {seed}."
    whose = "the real leads, copied" if from_database else f"the leads of {(leads or SAMPLES).name}"
    if html:
        write_file(html, sim.page(project, result, f"{days} days with {whose}. {readers}", ways))
    if as_json:
        answer(days=days, seed=None if script else seed, **values(result), timelines=ways)
    else:
        _show(result, ways, f"{days} days from {begin:%a %d %b %Y}, with {whose}. {readers} Nobody was mailed.")
    raise typer.Exit(1 if result.failed else 0)


def _begin(start: datetime | None, now: datetime, *, from_database: bool) -> datetime:
    """The morning of the first day. Real leads stand where they stand now, so theirs begins no sooner."""
    begin = datetime.combine(start or now, MORNING)
    if not from_database or begin >= now:
        return begin
    if start is not None:
        raise UsageError(
            f"--start {start:%Y-%m-%d}: the real leads stand as they are today; begin later, or leave it out"
        )
    return now.replace(microsecond=0) + timedelta(seconds=1)


def _midnight(begin: datetime, days: int, zone: str) -> datetime:
    """The end of the last of so many days, by the clocks of `zone`."""
    place = ZoneInfo(zone)
    last = begin.astimezone(place).date() + timedelta(days=days)
    return datetime.combine(last, time(), place).astimezone(UTC)


def _project(root: Path) -> Project:
    """The project, if there is something to simulate."""
    from nurture.content import load_project

    project = load_project(root)
    errors = [problem for problem in project.problems if problem.severity == "error"]
    if errors:
        note(f"{len(errors)} of its faults keep files out of this; `nurture validate` shows them.")
    if not project.sequences:
        raise ContentError(errors) if errors else UsageError("The project has no sequence to simulate.")
    return project


def _audience(project: Project, script: Path | None, seed: int) -> ByChance | Script:
    from nurture.simulate import ByChance, read_script

    return read_script(script, project.config) if script else ByChance(seed, project.config.agreement)


@contextmanager
def _world(
    context: typer.Context, project: Project, begin: datetime, seed: int, leads: Path | None, from_database: bool
) -> Iterator[World]:
    from nurture import simulate as sim

    world = sim.new_world(project, begin, seed)
    try:
        if from_database:
            _copy(context, world)
        else:
            _import(world, leads or project.root / SAMPLES)
        yield world
    finally:
        sim.close(world)


def _copy(context: typer.Context, world: World) -> None:
    from nurture import gates
    from nurture.simulate import copy_into

    with existing_database_of(context) as database:
        copy_into(world, database)
    with world.ports.database.reading() as connection:
        for name, why in gates.closed(connection, world.start).items():
            note(f"{name} is stopped, and so it is here: {why}")


def _import(world: World, path: Path) -> None:
    from nurture.simulate import import_into

    if not path.exists():
        raise UsageError(f"There is no {path.name} in samples/. Name a file: --leads FILE.")
    with path.open("rb") as stream:
        report = import_into(world, stream, path.name)
    if report.left_out:
        note(f"{report.left_out} rows of {path.name} have faults and are left out; `nurture leads import` lists them.")


def _way(found: Timeline | None, word: str) -> Timeline:
    if found is None:
        raise UsageError(f"there is no lead '{word}' in this simulation")
    return found


def values(result: Result) -> dict[str, Any]:
    """The result for scripts: what the tables show, and mails by day."""
    return {
        "start": result.start,
        "until": result.until,
        "leads": result.leads,
        "mails": len(result.sent),
        "alerts": result.alerts,
        "failed": result.failed,
        "funnel": dict(result.funnel()),
        "stages": result.stages,
        "stages_by_week": result.stages_by_week(),
        "weeks": [day.isoformat() for day in result.week_starts()],
        "mails_per_week": _rows(result.mails_per_week(), ("sequence", "mail")),
        "mails_per_day": [
            {"sequence": name, "step": step, "days": {day.isoformat(): count for day, count in by_day.items()}}
            for (name, step), by_day in result.steps_per_day().items()
        ],
        "promotions": _rows(result.promotions(), ("to", "because")),
        "exits": [
            {"sequence": name, "state": state, "because": why, "leads": count}
            for (name, state, why), count in result.exits().items()
        ],
        "acts": [
            {"kind": kind, "verdict": verdict or None, "count": count} for (kind, verdict), count in result.acts.items()
        ],
        "never": result.never,
    }


def _rows(counted: dict[tuple[str, str], list[int]], names: tuple[str, str]) -> list[dict[str, Any]]:
    return [dict(zip(names, place, strict=True)) | {"per_week": numbers} for place, numbers in counted.items()]


def _show(result: Result, ways: Sequence[Timeline], headline: str) -> None:
    say(headline, style="bold")
    for way in ways:
        _show_way(way)
    if ways:
        return
    weeks = [f"{day.day} {day:%b}" for day in result.week_starts()]
    _show_weekly("Mails per week", ("sequence", "mail"), weeks, result.mails_per_week())
    promotions = {(result.name(to), why): numbers for (to, why), numbers in result.promotions().items()}
    _show_weekly("Promotions per week", ("to", "because"), weeks, promotions)
    exits = [(name, state, why, count) for (name, state, why), count in result.exits().items()]
    table("How sequences ended", ("sequence", "how", "because", "leads"), exits)
    table("Stages", ("stage", "leads", "at the beginning"), _stages(result))
    table("How far leads came", ("", "leads"), result.funnel())
    for line in result.never:
        say(f"Never came to pass: {line}")
    if result.failed:
        say(f"{result.failed} mails could not be made.", style="bold red")


def _show_weekly(title: str, names: tuple[str, str], weeks: list[str], rows: dict[tuple[str, str], list[int]]) -> None:
    table(
        title, (*names, *weeks, "all"), [(*place, *(n or "" for n in some), sum(some)) for place, some in rows.items()]
    )


def _stages(result: Result) -> list[tuple[str, int, int]]:
    return [(result.name(stage), numbers[-1], numbers[0]) for stage, numbers in result.stages_by_week().items()]


def _show_way(way: Timeline) -> None:
    say()
    say(f"Lead {way.lead_id}: {way.address}", style="bold")
    for entry in way.entries:
        say(f"  {entry}")
    if way.barred:
        say(f"  Must not be mailed: {way.barred}.")
    if way.ahead:
        say("  What would come next")
        for entry in way.ahead:
            say(f"    {entry}")
