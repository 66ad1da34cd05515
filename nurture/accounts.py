"""Accounts: the people of one company, known by the domain of its mailboxes, so that sales hears of them together.

Anybody can have a mailbox at a free-mail domain, so those never make a company.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from models.queries import accounts
from models.statement import write
from nurture.content import Project
from nurture.core.domains import FREE_MAIL, domain_of
from nurture.core.lifecycle import Stage
from nurture.core.project import ProjectConfig
from nurture.ports import Ports

if TYPE_CHECKING:
    from tldextract import TLDExtract

#: of a very large company only its people who came last are looked at
MOST_PEOPLE = 500
#: nobody's by RFC 2606: in tests and demonstrations, each name below them is a company
_FOR_EXAMPLES = ("example.com", "example.net", "example.org")
#: how many leads without an account are looked at in one transaction
CHUNK = 1000

_SET_ACCOUNT = write("UPDATE lead SET account = :account WHERE id = :id AND account IS NULL")
_BELONGS_TO = write(
    """
    INSERT INTO account (key, owner) VALUES (:account, :owner)
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner
    """
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else of the company: what it did itself within the surge's days, when last, and where it stands.

    `warm` is whether it did anything at all; who did not is still cold. `who` is its name, or its address.
    """

    lead_id: int
    acts: int
    last_at: datetime | None
    stage: Stage
    who: str = ""
    title: str = ""

    @property
    def warm(self) -> bool:
        return self.acts > 0


def account_of(email: str, config: ProjectConfig | None = None) -> str | None:
    """The company behind a mailbox: its registrable domain ("mill.co.uk" for mona@post.mill.co.uk).

    None for a free-mail domain, those that the agreement names included, and for what is no address.
    """
    host = domain_of(email)
    account = _registrable(host)
    free_mail = config.agreement.fit.free_mail if config else None
    named = {domain.lower() for domain in free_mail.domains} if free_mail else set()
    return None if {host, account} & ({*FREE_MAIL} | named) else account


@lru_cache(maxsize=50_000)
def _registrable(host: str) -> str | None:
    found = _public_suffixes()(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or None
    # a top-level domain that the list does not have: it is a public suffix by itself
    labels = host.split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 and all(labels) else None


@cache
def _public_suffixes() -> TLDExtract:
    """The public suffix list that came with the package: nothing is ever looked up on the net."""
    # it takes a second to import, which only those who take leads in should wait for
    from tldextract import TLDExtract

    return TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=_FOR_EXAMPLES
    )


def colleagues(
    connection: Connection, project: Project, account: str | None, but_lead_id: int, now: datetime
) -> list[Colleague]:
    """The other people of a company, the warmest first; not those whom sales must leave alone."""
    if account is None:
        return []
    since = now - timedelta(days=project.config.agreement.surge.within_days)
    asked = {"account": account, "but": but_lead_id, "since": since, "now": now, "limit": MOST_PEOPLE}
    return [
        Colleague(row.id, int(row.acts), row.last_at, row.stage, _who(row), row.title or "")
        for row in connection.execute(accounts.COLLEAGUES, asked)
    ]


def _who(row: Row[Any]) -> str:
    return " ".join(part for part in (row.first_name, row.last_name) if part) or str(row.email)


def in_hand(connection: Connection, account: str) -> bool:
    """Whether sales has somebody of the company in hand: who else warms up there is told on that page."""
    return connection.execute(accounts.IN_HAND, {"account": account}).first() is not None


def owners_of(connection: Connection, account: str | None, but_lead_id: int) -> Mapping[str, str]:
    """The reps that a company belongs to already, the strongest claim first: key -> why."""
    if account is None:
        return {}
    asked = {"account": account, "but": but_lead_id}
    rows = [*connection.execute(accounts.DEALS, asked), *connection.execute(accounts.OWNER, asked)]
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(row.owner, row.why)
    return found


def belongs_to(connection: Connection, account: str | None, owner: str) -> None:
    """From now on the company's people go to this rep."""
    if account is not None:
        connection.execute(_BELONGS_TO, {"account": account, "owner": owner})


def fill_in(ports: Ports) -> int:
    """Give those leads their account that have none yet. Returns how many got one; can be run again at any time."""
    after, filled = 0, 0
    while True:
        with ports.database.transaction("fill in accounts") as connection:
            rows = connection.execute(accounts.WITHOUT, {"after": after, "limit": CHUNK}).all()
            found = [(row.id, account_of(row.email, ports.project.config)) for row in rows]
            known = [{"id": id_, "account": account} for id_, account in found if account]
            if known:
                connection.execute(_SET_ACCOUNT, known)
        filled += len(known)
        if len(rows) < CHUNK:
            return filled
        after = rows[-1].id
