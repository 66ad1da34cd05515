"""Where personal data lies: every column with text, JSON or bytes, what it holds, and what becomes of it in an erasure.

The one list behind `nurture leads forget`, `nurture leads export-personal` and docs/privacy.md. A test holds it against
the tables: a new column fails it until somebody has said here what it is.

What is left of a person is a lead without a name: numbers, stages and times, which reports count, with nothing in this
installation that leads back to whom they were about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.queries.rights import FROM_THEM

Fate = Literal["kept", "blanked", "searched"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds of a person (or, where it is kept, why it may be), and the SQL that takes its place."""

    holds: str
    fate: Fate = "kept"
    sql: str = ""
    #: the person may see it; what opens doors, or is about our own people, it may not
    shown: bool = True


def null(holds: str) -> Column:
    """Becomes NULL."""
    return Column(holds, "blanked", "NULL")


def becomes(holds: str, sql: str) -> Column:
    """Becomes this."""
    return Column(holds, "blanked", sql)


def secret(holds: str) -> Column:
    """Becomes another random text, so that old links lead nowhere. Never shown."""
    return Column(holds, "blanked", "CAST(:salt AS TEXT) || '-' || CAST(id AS TEXT)", shown=False)


def kept(why: str) -> Column:
    """Stays: says nothing of who it was."""
    return Column(why)


def ours(why: str) -> Column:
    """Stays, and is not shown: about our own people or for machines."""
    return Column(why, shown=False)


def searched(holds: str) -> Column:
    """Is searched for the person's address, and what mentions it goes (nurture.rights.bodies)."""
    return Column(holds, "searched")


@dataclass(frozen=True, slots=True)
class Table:
    """A table: which of its rows are a person's (SQL over the keys of nurture.rights.forget.Person), and its columns.

    Rows in `deleted` go as a whole; in rows of `blanked` each column meets its fate. Neither: it is about nobody.
    """

    about: str
    columns: Mapping[str, Column]
    blanked: str = ""
    deleted: str = ""

    @property
    def persons(self) -> str:
        """The rows that are about the person."""
        return " OR ".join(f"({part})" for part in (self.blanked, self.deleted) if part)


_THE_LEADS = "lead_id = :lead_id"
_THE_ADDRESSS = "address_id = :address_id"
#: what was to be told to others about the lead: rows of the outbox name ids only
TOLD = (
    "CAST(payload ->> 'lead_id' AS INTEGER) = :lead_id OR "
    "CAST(payload ->> 'handoff_id' AS INTEGER) IN (SELECT id FROM handoff WHERE lead_id = :lead_id)"
)
#: what it did, and what its browser did before it said who it is
_DONE = (
    "lead_id = :lead_id OR "
    "(lead_id IS NULL AND visitor_id IN (SELECT visitor.id FROM visitor WHERE visitor.lead_id = :lead_id))"
)
#: nobody will settle it any more
_UNDECIDED = "('planned', 'handed_over', 'held', 'posting', 'unknown')"
_WORDS = kept("one of our own words, the same for everybody")

#: in the order in which everybody takes locks
REGISTRY: Mapping[str, Table] = {
    "gate": Table(
        "what is stopped",
        {"name": _WORDS, "reason": ours("why, by an operator or a provider"), "closed_by": ours("the operator")},
    ),
    "address": Table(
        "a mail address",
        {
            "email": becomes("the address", "'erased-' || CAST(id AS TEXT)"),
            "mailbox": null("the address without its +tag, by which the person is known"),
            "token": secret("names the address in links"),
            "suppressed": kept("why it must not be mailed"),
            "suppressed_by": becomes("what said so, perhaps a file's name", "''"),
        },
        blanked="id = :address_id",
    ),
    # before the lead, which then forgets its company
    "account": Table(
        "a company: goes with the last one known of it, whose own domain it may be",
        {"key": kept("its domain or name"), "owner": ours("the rep")},
        deleted="key IN (SELECT lead.account FROM lead WHERE lead.id = :lead_id) "
        "AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.account = account.key AND lead.id <> :lead_id)",
    ),
    "lead": Table(
        "a person",
        {
            "first_name": null("first name"),
            "last_name": null("last name"),
            "company": null("employer"),
            "title": null("job title"),
            "industry": null("the employer's trade"),
            "employees": null("the employer's size"),
            "country": null("country"),
            "language": null("language"),
            "timezone": null("time zone"),
            "phone": null("phone number"),
            "source": null("where it came from"),
            "asset": null("what it asked for first"),
            "legal_ground": null("why it may be mailed"),
            "ground_since": null("since when"),
            "ground_source": null("how we know, perhaps a file's name"),
            "ground_until": null("until when"),
            "confirm_until": null("until when it may confirm"),
            "no_sales_contact": becomes("sales must not call", "TRUE"),
            "stage": kept("how far it came, counted in reports"),
            "owner": ours("the rep it belongs to"),
            "account": null("the company's mail domain"),
        },
        blanked="id = :lead_id",
    ),
    "lead_tag": Table("a word put on a lead", {"tag": kept("the word")}, deleted=_THE_LEADS),
    "topic_refusal": Table(
        "a topic that was declined",
        {"topic": kept("the topic that is not wanted"), "source": kept("where that was said")},
        deleted=_THE_ADDRESSS,
    ),
    "consent": Table(
        "an entry of the consent log",
        {
            "act": kept("that it agreed or withdrew"),
            "ground": kept("which ground that gave"),
            "source": becomes("what said so, perhaps a file's name", "''"),
            "wording": kept("our own words that were agreed to"),
            "proof": null("what it can be checked against"),
            "token": Column("the link in the mail that asked to confirm", "blanked", "NULL", shown=False),
        },
        blanked=_THE_ADDRESSS,
    ),
    "erasure_request": Table("a wish to be erased", {}, deleted=_THE_ADDRESSS),
    "answer": Table(
        "what a lead answered",
        {"question": kept("what was asked"), "value": kept("the answer"), "source": kept("where it was given")},
        deleted=_THE_LEADS,
    ),
    "score": Table(
        "how warm a lead was",
        {"grade": kept("two characters without a person"), "due_at": null("when it is looked at again")},
        blanked=_THE_LEADS,
    ),
    "lead_trigger": Table("what may start a sequence", {"name": _WORDS}, blanked=_THE_LEADS),
    "enrollment": Table(
        "a lead in a sequence",
        {
            **dict.fromkeys(("sequence", "version", "state", "step", "waiting", "reason"), _WORDS),
            "why": becomes("what it waited for", "''"),
        },
        blanked=_THE_LEADS,
    ),
    "message": Table(
        "a mail",
        {
            **dict.fromkeys(("step", "template"), _WORDS),
            "state": becomes("what became of it", f"CASE WHEN state IN {_UNDECIDED} THEN 'suppressed' ELSE state END"),
            "content_hash": null("hash of what it said"),
            "reason": null("what the provider said of it, which may quote the address"),
        },
        blanked=_THE_LEADS,
    ),
    "attempt": Table(
        "a hand-over to a provider",
        {
            "id": secret("random; the provider keeps it with the mail, and what it reports later must find nobody"),
            "state": becomes("what is known", f"CASE WHEN state IN {_UNDECIDED} THEN 'not_accepted' ELSE state END"),
            "mailer": kept("which provider"),
            "provider_id": null("the provider's number of the mail"),
            "reason": null("the provider's answer, which may quote the address"),
        },
        blanked="message_id IN (SELECT message.id FROM message WHERE message.lead_id = :lead_id)",
        deleted=f"outbox_id IN (SELECT outbox.id FROM outbox WHERE {TOLD})",
    ),
    "event": Table(
        "something a lead did, or that happened to its mail",
        {
            "key": ours("hash of the content"),
            "kind": kept("what happened: delivered, clicked, submitted, visited ..."),
            "url": kept("the link or page"),
            "name": kept("the form, file or act"),
            "ip": kept("the network address it came from"),
            "user_agent": kept("the program it came with"),
            "verdict": kept("a person, a machine, or in doubt"),
            "because": kept("why we think so"),
            "reason": kept("its own words, or those of a mail server"),
        },
        deleted=_DONE,
    ),
    "reply": Table(
        "a mail that came in",
        {
            "key": ours("hash of its number"),
            "kind": kept("from a person, an out-of-office, a bounce ..."),
            "sorted_by": kept("how we know that"),
            "matched_by": kept("how we know whose it is"),
            "sender": kept("who wrote it"),
            "subject": kept("its subject"),
            "text": kept("its text"),
            "intent": kept("what we took it for"),
            "because": kept("the words that say so"),
        },
        deleted=(
            f"lead_id = :lead_id OR {FROM_THEM} OR "
            "message_id IN (SELECT message.id FROM message WHERE message.lead_id = :lead_id)"
        ),
    ),
    "visitor": Table(
        "a browser or account on the site",
        {
            "key": secret("the site's own number for it"),
            "lead_id": Column("who it was", "blanked", "NULL", shown=False),
        },
        blanked=_THE_LEADS,
    ),
    "decision": Table(
        "an answer to whether a lead is ready",
        {
            **dict.fromkeys(("asked_by", "outcome", "agreement_version"), _WORDS),
            "because": becomes("the sentence, with what it did", "''"),
            "evidence": becomes("what it was decided on", "'{}'"),
        },
        blanked=_THE_LEADS,
    ),
    "transition": Table(
        "a move from stage to stage",
        {
            **dict.fromkeys(("from_stage", "to_stage"), _WORDS),
            "actor": ours("the engine, or the rep"),
            "because": becomes("the sentence, with what it did", "''"),
            "agreement_version": _WORDS,
        },
        blanked=_THE_LEADS,
    ),
    "handoff": Table(
        "an offer to sales",
        {
            **dict.fromkeys(("owner", "first_owner"), ours("the rep")),
            "decided_by": ours("the rep"),
            "assigned_because": becomes("why this rep", "''"),
            "token": secret("opens sales' page"),
            "reason": becomes("why it was given back", "CASE WHEN state = 'offered' THEN 'erased' ELSE reason END"),
            "decided_at": becomes("when", "CASE WHEN state = 'offered' THEN due_at ELSE decided_at END"),
            "state": becomes("sales' answer", "CASE WHEN state = 'offered' THEN 'rejected' ELSE state END"),
            "note": null("what the rep wrote"),
            "account": null("the company's mail domain"),
            "rung_due_at": null("when sales is reminded"),
        },
        blanked=_THE_LEADS,
    ),
    "former_link": Table(
        "links to sales' page that open it no more",
        {"hash": ours("hash of a link's secret")},
        deleted="handoff_id IN (SELECT id FROM handoff WHERE lead_id = :lead_id)",
    ),
    "touch": Table(
        "what a rep did with a lead",
        {
            "by": ours("the rep"),
            **dict.fromkeys(("kind", "outcome"), _WORDS),
            "note": null("what the rep wrote"),
        },
        blanked=_THE_LEADS,
    ),
    "disposition": Table(
        "sales' verdict on a lead",
        {
            "by": ours("the rep"),
            **dict.fromkeys(("project", "budget", "right_person", "ready", "helpful"), _WORDS),
            "note": null("what the rep wrote"),
        },
        blanked=_THE_LEADS,
    ),
    "opportunity": Table(
        "a deal",
        {
            "external_id": null("the CRM's number for it"),
            "name": null("what the CRM calls it"),
            **dict.fromkeys(("state", "currency", "reason"), _WORDS),
            "amount": kept("what it is worth, in hundredths of the currency"),
            "source": becomes("what told of it, perhaps a file's name", "''"),
        },
        blanked=_THE_LEADS,
    ),
    "outbox": Table(
        "something told to our people or other systems",
        {
            "dedupe_key": ours("so that it is told once"),
            "kind": kept("what was told, and how"),
            "state": kept("whether it arrived"),
            "reason": kept("what the receiver answered"),
            "payload": ours("ids; goes with its row"),
        },
        deleted=TOLD,
    ),
    "inbox": Table(
        "a request as it arrived",
        {
            "source": kept("who sent it, or which form"),
            "faults": searched("what was wrong with it"),
            "state": _WORDS,
        },
    ),
    "inbox_body": Table("what a request said", {"body": searched("all it said")}),
    "erasure": Table(
        "who was erased",
        {"hash": ours("keyed hash of the address, so that it is not taken in again"), "key_id": ours("which key")},
    ),
    "installation": Table("this installation", {"environment": ours("its random name")}),
    "rep": Table("a rep's own page", {"owner": ours("the rep"), "token": ours("opens it")}),
    "sequence_version": Table("a sequence's text", dict.fromkeys(("version", "sequence", "source"), _WORDS)),
    "live_sequence": Table("which text is live", dict.fromkeys(("sequence", "version"), _WORDS)),
    "agreement_version": Table("the agreement's text", {"version": _WORDS, "source": ours("names our own people")}),
    "live_agreement": Table("which agreement is in force", {"version": _WORDS}),
    "quota": Table("mails of a day", {"sender": ours("our own sender")}),
    "domain_prior": Table(
        "whether a mail domain's gateway follows links",
        {"domain": kept("a company's: only where three leads or more have their address")},
    ),
    "tidied": Table("how far tidying has come", {"chore": _WORDS}),
}


def as_page() -> str:
    """The registry as a table in Markdown, of what is about people: what docs/privacy.md shows."""
    lines = ["| Table | Holds | When erased |", "|---|---|---|"]
    for name, table in REGISTRY.items():
        if table.persons:
            lines.append(f"| `{name}` | {table.about} | {_fate_of(table)} |")
        elif any(it.fate == "searched" for it in table.columns.values()):
            lines.append(f"| `{name}` | {table.about} | what mentions the person goes |")
    return "\n".join(lines) + "\n"


def _fate_of(table: Table) -> str:
    gone = [f"`{name}` ({it.holds})" for name, it in table.columns.items() if it.fate == "blanked"]
    stays = [f"`{name}`" for name, it in table.columns.items() if it.fate == "kept"]
    if not gone:
        return "row" if table.deleted else f"stays: {', '.join(stays)}"
    row = "; row where it is about the person otherwise" if table.deleted else ""
    return f"emptied: {', '.join(gone)}; stays: {', '.join(stays) or 'numbers and times'}{row}"


if __name__ == "__main__":
    print(as_page(), end="")  # noqa: T201
