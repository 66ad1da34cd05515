"""Verdicts on clicks: all of a mail are judged anew whenever one more is heard of, and the score is asked again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from models.bulk import Insert, Lookup, Update, moment, stored
from nurture.core.links import asks
from nurture.core.project import ProjectConfig
from nurture.core.scanners import Scanners
from nurture.core.verdict import Hit, Verdict, judge
from nurture.engage.domains import History, is_scanned, scanned

HUMAN = "human"

#: every click in these mails, with the verdict it has
_CLICKS = Lookup(
    """
    SELECT id, key, lead_id, message_id, occurred_at, url, ip, user_agent, machine, verdict, because,
        counts_at, crowd
    FROM event WHERE message_id IN :values* AND kind = 'clicked'
    """
)
#: how many links these mails have, and when the receiving server took them
_MAILS = Lookup(
    """
    SELECT m.id, m.links,
        (SELECT MIN(e.occurred_at) FROM event e WHERE e.message_id = m.id AND e.kind = 'delivered') AS delivered_at
    FROM message m WHERE m.id IN :values*
    """
)
_PROVED = Lookup(
    """
    SELECT lead_id, MAX(occurred_at) FROM event
    WHERE lead_id IN :values* AND kind IN ('submitted', 'replied') AND verdict = 'human' GROUP BY lead_id
    """
)
_JUDGE = Update("UPDATE event SET verdict = ?, because = ?, counts_at = ? WHERE id = ?")
_ASK = Insert(
    "score",
    ("lead_id", "due_at", "fit", "engagement", "grade", "intent"),
    """
    ON CONFLICT (lead_id) DO UPDATE
    SET due_at = CASE WHEN score.due_at < excluded.due_at THEN score.due_at ELSE excluded.due_at END
    """,
)


class Click(NamedTuple):
    """A click as it is stored, with the verdict it has so far."""

    id: int
    key: bytes
    lead_id: int
    message_id: int
    at: datetime
    url: str
    ip: str | None
    user_agent: str | None
    machine: bool
    verdict: str | None
    because: str | None
    counts_at: datetime | None
    crowd: bool

    def as_hit(self, history: History) -> Hit:
        known = is_scanned(history, self.at)
        return Hit(self.key, self.at, self.url, self.user_agent, self.machine, self.ip, self.crowd, known)


def judge_again(connection: Connection, config: ProjectConfig, message_ids: Collection[int], now: datetime) -> None:
    """Judge every click of these mails by all that is known now.

    A click taken for a human's counts when it has settled; one that is taken back stops counting at once. Either
    way the lead is asked again then.
    """
    if not message_ids:
        return
    clicks = [_click(row) for row in _CLICKS(connection, sorted(message_ids))]
    if not clicks:
        return
    verdicts = _verdicts(connection, clicks, config.known_scanners)
    settling = timedelta(minutes=config.agreement.settle_minutes)
    changes = list(_changes(clicks, verdicts, settling))
    _JUDGE(connection, [_row(connection, click, verdict, counts_at) for click, verdict, counts_at in changes])
    ask_again(connection, _due(changes, now))


def ask_again(connection: Connection, due: Mapping[int, datetime]) -> None:
    """Have the readiness of leads asked at the latest at these moments (lead -> UTC)."""
    rows = [(lead_id, stored(connection, due_at), 0, 0, "D4", False) for lead_id, due_at in sorted(due.items())]
    _ASK(connection, rows)


def _click(row: Row[Any]) -> Click:
    id_, key, lead_id, message_id, at, url, ip, user_agent, machine, verdict, because, counts_at, crowd = row
    occurred, counts = moment(at), moment(counts_at)
    assert occurred is not None
    return Click(
        id_,
        bytes(key),
        lead_id,
        message_id,
        occurred,
        url or "",
        ip,
        user_agent,
        bool(machine),
        verdict,
        because,
        counts,
        bool(crowd),
    )


def _verdicts(connection: Connection, clicks: Sequence[Click], scanners: Scanners) -> dict[int, Verdict]:
    """By event, a fixed number of queries for all."""
    by_message: dict[int, list[Click]] = defaultdict(list)
    for click in clicks:
        by_message[click.message_id].append(click)
    mails = {message_id: (links, moment(at)) for message_id, links, at in _MAILS(connection, sorted(by_message))}
    leads = sorted({one.lead_id for one in clicks})
    proved = {lead_id: moment(at) for lead_id, at in _PROVED(connection, leads)}
    histories = scanned(connection, leads)
    verdicts = {}
    for message_id, some in by_message.items():
        lead_id = some[0].lead_id
        hits = [one.as_hit(histories.get(lead_id, [])) for one in some]
        links, delivered_at = mails[message_id]
        answers = judge(hits, delivered_at, proved.get(lead_id), scanners, links)
        verdicts.update({one.id: answers[one.key] for one in some})
    return verdicts


def _changes(
    clicks: Sequence[Click], verdicts: Mapping[int, Verdict], settling: timedelta
) -> Iterator[tuple[Click, Verdict, datetime | None]]:
    for click in clicks:
        verdict = verdicts[click.id]
        # who opts out or answers a poll has not read what is behind a link
        counts_at = click.at + settling if verdict.kind == HUMAN and not asks(click.url) else None
        if (click.verdict, click.because, click.counts_at) != (verdict.kind, _because(verdict), counts_at):
            yield click, verdict, counts_at


def _row(connection: Connection, click: Click, verdict: Verdict, counts_at: datetime | None) -> tuple[object, ...]:
    return verdict.kind, _because(verdict), stored(connection, counts_at), click.id


def _because(verdict: Verdict) -> str | None:
    return "; ".join(verdict.reasons) or None


def _due(changes: Sequence[tuple[Click, Verdict, datetime | None]], now: datetime) -> dict[int, datetime]:
    due: dict[int, datetime] = {}
    for click, _, counts_at in changes:
        if counts_at or click.verdict == HUMAN:
            at = counts_at or now
            due[click.lead_id] = min(at, due.get(click.lead_id, at))
    return due
