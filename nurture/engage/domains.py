"""Which domains' mail is scanned: learnt once a day, never changed afterwards, asked for each click by its own time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from models.bulk import Lookup, moment
from models.queries import engagement
from models.statement import write
from nurture.core.domains import HOLDS_AFTER, LEARNT_FROM, Tally, domain_of, tallies
from nurture.core.verdict import AT_A_SCANNED_DOMAIN
from nurture.ports import Ports

_PUT_DOWN = write(
    """
    INSERT INTO domain_prior (domain, made_at, machine, human, scans)
    VALUES (:domain, :made_at, :machine, :human, :scans) ON CONFLICT (domain, made_at) DO NOTHING
    """
)
#: nobody is left whose clicks it could be asked for
_DROP = write(
    """
    DELETE FROM domain_prior
    WHERE NOT EXISTS (SELECT 1 FROM address a WHERE a.email LIKE '%@' || domain_prior.domain)
    """
)
#: addresses of leads; none as long as no domain is known
_ADDRESSES = Lookup(
    """
    SELECT l.id, a.email FROM lead l JOIN address a ON a.id = l.address_id
    WHERE l.id IN :values* AND EXISTS (SELECT 1 FROM domain_prior)
    """
)
_PRIORS = Lookup("SELECT domain, made_at, scans FROM domain_prior WHERE domain IN :values*")

#: what was known of a domain, and when: oldest first
History = list[tuple[datetime, bool]]


def learn(ports: Ports) -> int:
    """Look at the clicks of the last 90 days, and put down of which domains something else is known now; how many.
    Once a day is enough. Safe to call at any time, from several places at once."""
    now, free_mail = ports.clock.now(), ports.project.config.agreement.fit.free_mail
    asked = {"from_at": now - LEARNT_FROM, "because": AT_A_SCANNED_DOMAIN}
    with ports.database.reading() as connection:
        mails = ((row.email, row.machine, row.human) for row in connection.execute(engagement.CLICKED_BY_WHOM, asked))
        found = tallies(mails, free_mail.domains if free_mail else ())
        known = {row.domain: bool(row.scans) for row in connection.execute(engagement.KNOWN_DOMAINS)}
    rows = [
        {"domain": domain, "made_at": now, "machine": tally.machine, "human": tally.human, "scans": tally.scans}
        for domain in sorted(found.keys() | known.keys())
        if (tally := found.get(domain, Tally())).scans != known.get(domain, False)
    ]
    with ports.database.transaction("learn domains") as connection:
        for row in rows:
            connection.execute(_PUT_DOWN, row)
        connection.execute(_DROP)
    return len(rows)


def scanned(connection: Connection, lead_ids: Collection[int]) -> Mapping[int, History]:
    """By lead, what was known of its domain and when; nothing of most. Two queries, one where no domain is known."""
    domains = {lead_id: domain_of(email) for lead_id, email in _ADDRESSES(connection, sorted(lead_ids))}
    priors: dict[str, History] = defaultdict(list)
    for domain, made_at, scans in _PRIORS(connection, sorted(set(domains.values()))):
        if (at := moment(made_at)) is not None:
            priors[domain].append((at + HOLDS_AFTER, bool(scans)))
    return {lead_id: sorted(priors[domain]) for lead_id, domain in domains.items() if domain in priors}


def is_scanned(history: History, at: datetime) -> bool:
    """What was known for a click at a moment (UTC)."""
    return next((scans for since, scans in reversed(history) if since <= at), False)
