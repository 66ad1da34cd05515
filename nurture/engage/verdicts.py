"""Verdicts on clicks: all of a mail are judged anew whenever one more is heard of, and the score is asked again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import engagement
from models.statement import write
from nurture.core.agreement import Agreement
from nurture.core.verdict import Hit, Verdict, judge

HUMAN = "human"

_JUDGE = write("UPDATE event SET verdict = :verdict, because = :because, counts_at = :counts_at WHERE id = :id")
_ASK = write(
    """
    INSERT INTO score (lead_id, due_at, fit, engagement, grade, intent) VALUES (:lead_id, :due_at, 0, 0, 'D4', FALSE)
    ON CONFLICT (lead_id) DO UPDATE
    SET due_at = CASE WHEN score.due_at < :due_at THEN score.due_at ELSE :due_at END
    """
)


def judge_again(connection: Connection, agreement: Agreement, message_ids: Collection[int], now: datetime) -> None:
    """Judge every click of these mails by all that is known now.

    A click taken for a human's counts when it has settled; one that is taken back stops counting at once. Either
    way the lead is asked again then.
    """
    if not message_ids:
        return
    clicks = connection.execute(engagement.CLICKS, {"ids": sorted(message_ids)}).all()
    verdicts = _verdicts(connection, clicks, message_ids)
    settling = timedelta(minutes=agreement.settle_minutes)
    changes = list(_changes(clicks, verdicts, settling))
    if changes:
        connection.execute(_JUDGE, [row for _, row in changes])
    ask_again(connection, _due(changes, now))


def ask_again(connection: Connection, due: Mapping[int, datetime]) -> None:
    """Have the readiness of leads asked at the latest at these moments (lead -> UTC)."""
    rows = [{"lead_id": lead_id, "due_at": due_at} for lead_id, due_at in sorted(due.items())]
    if rows:
        connection.execute(_ASK, rows)


def _verdicts(connection: Connection, clicks: Sequence[Row[Any]], message_ids: Collection[int]) -> dict[int, Verdict]:
    """By event, three queries for all."""
    by_message: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in clicks:
        by_message[row.message_id].append(row)
    ids = {"ids": sorted(message_ids)}
    delivered = {row.message_id: row.delivered_at for row in connection.execute(engagement.DELIVERED, ids)}
    leads = {"ids": sorted({row.lead_id for row in clicks})}
    proved = {row.lead_id: row.proved_at for row in connection.execute(engagement.PROVED_HUMAN, leads)}
    verdicts = {}
    for message_id, rows in by_message.items():
        hits = [Hit(row.key, row.occurred_at, row.url or "", row.user_agent, bool(row.machine)) for row in rows]
        answers = judge(hits, delivered.get(message_id), proved.get(rows[0].lead_id))
        verdicts.update({row.id: answers[row.key] for row in rows})
    return verdicts


def _changes(
    clicks: Sequence[Row[Any]], verdicts: Mapping[int, Verdict], settling: timedelta
) -> Iterator[tuple[Row[Any], dict[str, object]]]:
    for row in clicks:
        verdict = verdicts[row.id]
        counts_at = row.occurred_at + settling if verdict.kind == HUMAN else None
        because = "; ".join(verdict.reasons) or None
        if (row.verdict, row.because, row.counts_at) != (verdict.kind, because, counts_at):
            yield row, {"id": row.id, "verdict": verdict.kind, "because": because, "counts_at": counts_at}


def _due(changes: Sequence[tuple[Row[Any], Mapping[str, Any]]], now: datetime) -> dict[int, datetime]:
    due: dict[int, datetime] = {}
    for row, change in changes:
        if change["counts_at"] or row.verdict == HUMAN:
            moment = change["counts_at"] or now
            due[row.lead_id] = min(moment, due.get(row.lead_id, moment))
    return due
