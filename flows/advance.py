"""The flow `advance`: enroll what was triggered, and take every lead whose time has come one step further.

Prefect sees ids and counts. What must not happen twice is decided by the database, so a run that is killed,
doubled or shown wrong loses nothing; only what comes before a hand-over is retried.
"""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger, task
from prefect.artifacts import acreate_progress_artifact, acreate_table_artifact, aupdate_progress_artifact
from prefect.cache_policies import NO_CACHE

from flows.events import tell_promotions
from nurture import advance as engine
from nurture.advance.batches import Batch, batches
from nurture.advance.table import rows, summary
from nurture.enroll import enroll
from nurture.library import edits_in_words
from nurture.redaction import discreet
from nurture.runtime import current, reread, use
from nurture.signed import pending

#: tasks at work at the same time in one run
AT_ONCE = 4


@task(retries=2, retry_delay_seconds=5, cache_policy=NO_CACHE, persist_result=False)
@discreet
async def enroll_triggered() -> int:
    """Begin the sequences that were triggered, with the project's files as they are now."""
    use(await asyncio.to_thread(reread, current()))
    enrolled = await asyncio.to_thread(enroll, current())
    return sum(enrolled.begun.values())


@task(cache_policy=NO_CACHE, persist_result=False)
@discreet
async def advance_some(ids: list[int]) -> engine.Report:
    """Claim these enrollments and no others; never retried, because a mail may have left."""
    return await asyncio.to_thread(engine.advance, current(), ids)


@flow(flow_run_name=lambda: f"advance {current().clock.now():%a %d %b %H:%M}", persist_result=False)
@discreet
async def advance() -> dict[str, int]:
    """Enroll and mail until nothing is due. Returns counts by what happened, and keeps them as an artifact."""
    begun = await enroll_triggered()
    if waiting := edits_in_words(current().library.edits):
        get_run_logger().warning("%s: `nurture plan` shows what that does", waiting)
    if differs := pending(current().project, current().clock.now()):
        get_run_logger().warning("%s: %s", differs, differs.do)
    report, failures = engine.Report(), list[BaseException]()
    for _ in range(engine.MAX_ROUNDS):
        tasks = batches(await asyncio.to_thread(engine.due, current()))
        if not tasks or failures:
            break
        failures = await _work(tasks, report)
    await tell_promotions(current())
    description = f"{begun} enrolled, {summary(report)}"
    await acreate_table_artifact(rows(report), key="advance", description=description)
    get_run_logger().info(description)
    if failures:
        raise failures[0]
    return {"enrolled": begun, **{str(kind): count for kind, count in report.counts.items()}}


async def _work(tasks: list[Batch], report: engine.Report) -> list[BaseException]:
    """All tasks, a few at a time; one that fails does not hold up the rest."""
    progress = await acreate_progress_artifact(0, key="advance-progress", description=f"{len(tasks)} tasks")
    turn, done = asyncio.Semaphore(AT_ONCE), 0

    async def work(batch: Batch) -> None:
        nonlocal done
        async with turn:
            named = advance_some.with_options(task_run_name=batch.name, tags=["nurture", batch.sequence])
            report.merge(await named(list(batch.ids)))
        done += 1
        if done * 10 // len(tasks) > (done - 1) * 10 // len(tasks):
            await aupdate_progress_artifact(progress, 100 * done / len(tasks))

    ended = await asyncio.gather(*map(work, tasks), return_exceptions=True)
    await aupdate_progress_artifact(progress, 100)
    return [one for one in ended if isinstance(one, BaseException)]
