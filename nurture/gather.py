"""Gathering: from rows to facts, a whole chunk of leads at a time, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import journey
from models.statement import Select
from models.words import MessageState, Suppression
from nurture.content import Project
from nurture.core import steps
from nurture.core.cadence import Cap, exact, local, parse_cap
from nurture.core.facts import Engagement, Facts
from nurture.core.fields import SCORED_FIELDS
from nurture.core.lifecycle import funnel, since_recycled
from nurture.core.score import score

#: stages in which a lead belongs to sales: marketing is silent
OWNED_BY_SALES = frozenset({"sql", "opportunity"})
#: these are not handed to sales again: who has them is told what they ask for
WITH_SOMEBODY = frozenset({"opportunity", "customer", "advocate"})

#: states of a message after which its step is behind the lead, whatever the file says now
BEHIND = frozenset(MessageState) - {MessageState.PLANNED}


@dataclass(frozen=True, slots=True)
class Known:
    """What was read about some leads: rows by lead id."""

    leads: Mapping[int, Row[Any]]
    engagements: Mapping[int, list[Engagement]]
    mailed_at: dict[int, list[datetime]]
    tags: Mapping[int, set[str]]
    refused: Mapping[int, set[str]]
    received: dict[int, set[str]]


def read_leads(
    connection: Connection,
    ids: Iterable[int],
    project: Project,
    now: datetime,
    sequences: Iterable[steps.Sequence] = (),
) -> Known:
    """Leads, what they did that counts, when they were mailed lately, what they declined: a fixed number of queries.

    `sequences` are those it is read for; what none of them asks for is not looked up. Without any, it is only asked
    who the leads are and what they did.
    """
    wanted = sorted(set(ids))
    sequences = list(sequences)
    caps = [*project.config.caps, *(cap for sequence in sequences for cap in sequence.limits)]
    leads = {row.id: row for row in connection.execute(journey.LEADS, {"ids": wanted})}
    caps += [pace for row in leads.values() for pace in _pace(row)]
    after_at = now - max((exact(cap.span) for cap in caps), default=timedelta())
    engagements: dict[int, list[Engagement]] = defaultdict(list)
    for row in connection.execute(journey.ENGAGEMENTS, {"ids": wanted, "now": now}):
        engagements[row.lead_id].append(_engagement(row))
    mailed: dict[int, list[datetime]] = defaultdict(list)
    if caps and sequences:
        for row in connection.execute(journey.MAILED, {"ids": wanted, "after_at": after_at}):
            mailed[row.lead_id].append(row.started_at)
    mails = [step for one in sequences for step in one.steps.values() if isinstance(step, steps.EmailStep)]

    def words(query: Select, asked_for: bool) -> dict[int, set[str]]:
        return _words(connection, query, wanted) if asked_for else defaultdict(set)

    return Known(
        leads,
        engagements,
        mailed,
        tags=words(journey.TAGS, any("tagged" in one.names for one in sequences)),
        refused=words(journey.REFUSED, any(mail.topic for mail in mails)),
        received=words(journey.RECEIVED, any(mail.once for mail in mails)),
    )


def _words(connection: Connection, query: Select, leads: Sequence[int]) -> dict[int, set[str]]:
    """By lead, the words that the query has for it."""
    words: dict[int, set[str]] = defaultdict(set)
    for lead_id, word in connection.execute(query, {"ids": leads}):
        words[lead_id].add(word)
    return words


def facts_of(
    known: Known,
    lead_id: int,
    project: Project,
    now: datetime,
    *,
    names: frozenset[str] = SCORED_FIELDS,
    since: datetime | None = None,
    done: frozenset[str] = frozenset(),
    goal_met: bool = False,
    trigger: str = "",
) -> Facts:
    """One lead as a sequence sees it. `names` are the fields it asks for: a score is computed only if wanted."""
    row = known.leads[lead_id]
    engagements = known.engagements.get(lead_id, [])
    return Facts(
        lead=lead_fields(row, engagements, project, now, names),
        zone=row.timezone,
        engagements=tuple(one for one in engagements if since is None or one.at >= since),
        mailed_at=tuple(known.mailed_at.get(lead_id, ())),
        caps=(*project.config.caps, *_pace(row)),
        barred=barred(row, now),
        on_request=is_on_request(row, now),
        kept_warm=bool(row.kept_warm) and barred(row, now, with_sales=False) is None,
        held=held(row, now),
        done=done,
        goal_met=goal_met,
        trigger=trigger,
        received=frozenset(known.received.get(lead_id, ())),
        refused=frozenset(known.refused.get(lead_id, ())),
        tags=frozenset(known.tags.get(lead_id, ())),
    )


def done_steps(connection: Connection, enrollments: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """By enrollment, the mails that are behind the lead: handed over, refused, held or suppressed."""
    done: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(journey.MESSAGES, {"ids": sorted(enrollments)}):
        if row.state in BEHIND:
            done[row.enrollment_id].add(row.step)
    return {enrollment: frozenset(names) for enrollment, names in done.items()}


def barred(lead: Row[Any], now: datetime, *, with_sales: bool = True) -> str | None:
    """Why this lead must not be mailed, the strongest reason first; None if it may be. Without `with_sales`: apart from
    belonging to sales."""
    suppressed = Suppression.in_force(lead.suppressed, lead.suppressed_until, now)
    if suppressed and suppressed is not Suppression.SUNSET:
        return suppressed.in_words
    if not has_ground(lead, now) and not _may_confirm(lead, now):
        return "the legal ground to mail has run out" if lead.legal_ground else "no legal ground to mail"
    if lead.stage == "disqualified":
        return "disqualified"
    if with_sales and lead.stage in OWNED_BY_SALES:
        return "owned by sales"
    return suppressed.in_words if suppressed else None


def is_on_request(lead: Row[Any], now: datetime) -> bool:
    """Whether what a lead asks for may be mailed even if it is barred: not after an opt-out, a complaint, a bounce."""
    return Suppression.in_force(lead.suppressed, lead.suppressed_until, now) in (None, Suppression.SUNSET)


def held(lead: Row[Any], now: datetime) -> tuple[datetime, str] | None:
    """Until when there is no mail but what the lead asks for, and why: a pause of its own, or it has yet to confirm."""
    holds = []
    if lead.paused_until and lead.paused_until > now:
        holds.append(
            (lead.paused_until, f"paused by the reader, or away, until {local(lead.paused_until, lead.timezone)}")
        )
    if not has_ground(lead, now) and _may_confirm(lead, now):
        holds.append((lead.confirm_until, "has yet to confirm that it wants mail"))
    return max(holds, default=None)


def has_ground(lead: Row[Any], now: datetime) -> bool:
    """Whether there is a legal ground to mail a lead, at this second."""
    return lead.legal_ground is not None and (lead.ground_until is None or lead.ground_until > now)


def _may_confirm(lead: Row[Any], now: datetime) -> bool:
    return lead.confirm_until is not None and lead.confirm_until > now


def _pace(lead: Row[Any]) -> tuple[Cap, ...]:
    """The frequency cap that the reader set."""
    return (parse_cap(f"1 per {lead.pace_days} days"),) if lead.pace_days else ()


def lead_fields(
    row: Row[Any], engagements: Sequence[Engagement], project: Project, now: datetime, names: frozenset[str]
) -> dict[str, object]:
    """The field catalogue, filled in for one lead."""
    fields = plain_fields(row)
    if names & SCORED_FIELDS:
        result = score(since_recycled(engagements, row.recycled_at), fields, project.config.agreement, now)
        fields |= {"fit": result.fit, "score": result.engagement, "grade": result.grade}
        fields["funnel"] = funnel(row.stage, result, intent=result.intent_at is not None)
    return fields


def plain_fields(row: Row[Any]) -> dict[str, object]:
    """The field catalogue without what is counted: fit, score, grade, funnel stage."""
    return {
        "id": row.id,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "company": row.company,
        "title": row.title,
        "industry": row.industry,
        "employees": row.employees,
        "country": row.country,
        "language": row.language,
        "phone": row.phone,
        "source": row.source,
        "asset": row.asset,
        "stage": row.stage,
        "owner": row.owner,
        "is_customer": row.stage in ("customer", "advocate"),
        "need": row.need,
        "budget": row.budget,
        "authority": row.authority,
        "timing": row.timing,
        "recommend": row.recommend,
        "fit": None,
        "score": None,
        "grade": None,
        "funnel": None,
    }


def _engagement(row: Row[Any]) -> Engagement:
    return Engagement(row.kind, row.occurred_at, row.template or "", row.url or "", row.name or "", row.key)


def uses(sequence: steps.Sequence) -> frozenset[str]:
    """The fields a sequence needs: its conditions' own, and the funnel stage where a mail's template depends on it."""
    by_stage = any(isinstance(one, steps.EmailStep) and "/" not in one.template for one in sequence.steps.values())
    return sequence.names | SCORED_FIELDS if by_stage else sequence.names
