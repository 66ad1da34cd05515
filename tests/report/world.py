"""A company's year as raw rows: what was recorded of leads who come, read, ask, are handed over, buy or go away.

By chance, but always the same for one seed; with all that makes counting hard: mails before the time that is looked
at, second attempts, people who come in twice, clicks that have not settled, steps that no file has any more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from models import tables
from models.database import Database
from models.words import LegalGround
from nurture.core.lifecycle import MOVES, Stage
from nurture.core.steps import EmailStep
from nurture.ports import Ports

_ORDER = (
    "AgreementVersion", "Address", "Lead", "Enrollment", "Message", "Attempt", "Event", "Consent", "Decision",
    "Handoff", "Transition", "Touch", "Disposition", "Opportunity", "Answer",
)  # fmt: skip
_DOMAINS = ("mill.example", "foods.example", "bank.example", "gmail.com")
_SOURCES = ("ebook", "webinar", "fair", "referral", None)
_REPS = ("kari", "tom", "aisha", "pool")
#: how often a lead that may go a way does
_LIKELY = {"mql": 40, "sql": 16, "opportunity": 40, "customer": 1, "recycled": 30, "disqualified": 12, "iql": 1}
_WON = 25
#: how many of those at a stage go anywhere at all
_GO_ON = {"iql": 0.45, "mql": 0.6, "sql": 0.9, "opportunity": 0.75, "recycled": 0.6}
_SAID = ("yes", "yes", "no", "unknown", None)


@dataclass(slots=True)
class World:
    """Makes rows, table by table."""

    ports: Ports
    now: datetime
    chance: Random
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, Any] = field(default_factory=lambda: defaultdict(lambda: count(1)))
    sequences: dict[str, list[str]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> int:
        """A row; its number."""
        number = values.setdefault("id", next(self.ids[table]))
        self.rows[table].append(values)
        return int(number)

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def after(self, at: datetime, days: float) -> datetime:
        """Some time later, to the second, as providers tell it."""
        return (at + timedelta(days=self.chance.expovariate(1 / days))).replace(microsecond=0)

    # --- one lead

    def lead(self, number: int) -> None:
        created = (self.now - timedelta(days=self.chance.uniform(0, 200))).replace(microsecond=0)
        domain = self.chance.choice(_DOMAINS) if self.likely(0.8) else f"solo{number}.example"
        email = f"erased:{number}" if self.likely(0.02) else f"p{number}@{domain}"
        self.rows["Address"].append(
            {"id": number, "email": email, "token": f"t{number}", "version": 0, "suppressed_by": "",
             "suppressed": "hard_bounce" if self.likely(0.03) else None}
        )  # fmt: skip
        stage, since = self.way(number, created)
        self.rows["Lead"].append(
            {"id": number, "address_id": number, "first_name": "Kim" if self.likely(0.9) else None, "company": "Mill",
             "phone": "+47 55" if self.likely(0.5) else None, "source": self.chance.choice(_SOURCES), "stage": stage,
             "stage_since": since, "created_at": created, "legal_ground": LegalGround.CONSENT, "owner": None,
             "asset": None, "cycle": 9}
        )  # fmt: skip
        for _ in range(self.chance.choice((0, 1, 1, 2, 3))):
            self.enrollment(number, self.after(created, 5), machine=domain == "bank.example" or number % 40 == 0)
        for question, values in {"budget": ("yes", "no"), "need": ("less noise",), "timing": ("soon", "later")}.items():
            if self.likely(0.15):
                self.rows["Answer"].append(
                    {"lead_id": number, "question": question, "value": self.chance.choice(values),
                     "answered_at": self.after(created, 20), "source": "poll"}
                )  # fmt: skip

    def way(self, lead: int, at: datetime) -> tuple[Stage, datetime]:
        """Moves of the lifecycle, with all that sales does on it."""
        stage: Stage = "iql"
        cycle, handoff = 0, None
        while self.likely(_GO_ON.get(stage, 0)):
            ways = [to for here, to in MOVES if here == stage and to != "advocate"]
            then = self.after(at, 12)
            if not ways or then > self.now:
                break
            weights = [_WON if (stage, way) == ("opportunity", "customer") else _LIKELY[way] for way in ways]
            to = self.chance.choices(ways, weights)[0]
            decision = self.decision(lead, then, to) if to in ("mql", "sql") else None
            if handoff and stage in ("sql", "opportunity"):
                self.answered(handoff, lead, to, then)
            if to == "sql":
                cycle += 1
                handoff = self.handoff(lead, cycle, decision, then)
            self.add(
                "Transition", lead_id=lead, from_stage=stage, to_stage=to, at=then, actor="engine", because="by chance",
                decision_id=decision, handoff_id=handoff,
            )  # fmt: skip
            stage, at = to, then
        return stage, at

    def decision(self, lead: int, at: datetime, outcome: str) -> int:
        letter, digit = self.chance.choice("AABBC"), self.chance.choice("1223")
        addends = [
            {"axis": "engagement", "text": "asked for prices", "points": 12.5, "at": None},
            {"axis": "fit", "text": "title: Kim, head of the mill", "points": 20.0, "at": None},
        ]
        evidence = {"grade": letter + digit, "fit": 60, "score": 40, "addends": addends, "checks": [], "unknown": []}
        return self.add(
            "Decision", lead_id=lead, at=at, asked_by="engagement", outcome=outcome, because="meets every rule",
            agreement_version="v1", evidence=evidence,
        )  # fmt: skip

    def handoff(self, lead: int, cycle: int, decision: int | None, at: datetime) -> int:
        number = self.add(
            "Handoff", lead_id=lead, cycle=cycle, decision_id=decision, state="offered",
            owner=self.chance.choice(_REPS), first_owner=_REPS[lead % len(_REPS)], assigned_because="turn",
            hand_raise=self.likely(0.3),
            token=f"h{lead}-{cycle}", offered_at=at, due_at=self.after(at, 2), decided_at=None, decided_by=None,
            reason=None, touched_at=self.after(at, 1) if self.likely(0.5) else None,
        )  # fmt: skip
        if self.likely(0.5):
            kind = self.chance.choice(("call", "mail"))
            self.add(
                "Touch", lead_id=lead, handoff_id=number, at=self.after(at, 1), by="kari", kind=kind, outcome="reached"
            )
        else:
            self.tries(number, lead, at)
        return number

    def tries(self, handoff: int, lead: int, at: datetime) -> None:
        """Calls that nobody answers, up to more than were promised, faster and slower than that."""
        luck = Random(handoff)
        for _ in range(luck.randint(0, 7)):
            at += timedelta(days=luck.randint(0, 3), minutes=7)
            outcome = "reached" if luck.random() < 0.1 else "no_answer"
            self.add("Touch", lead_id=lead, handoff_id=handoff, at=at, by="kari", kind="call", outcome=outcome)

    def answered(self, handoff: int, lead: int, to: str, at: datetime) -> None:
        row = self.rows["Handoff"][handoff - 1]
        if row["state"] == "offered":
            accepted = to in ("opportunity", "customer")
            row |= {"state": "accepted" if accepted else "withdrawn" if to == "iql" else "rejected", "decided_at": at,
                    "decided_by": row["owner"]}  # fmt: skip
            if row["state"] == "rejected":
                row["reason"] = self.chance.choice(("not_ready", "wrong_fit", "other", "gone_code"))
                if handoff % 3 == 0:
                    row["reason"] = "unreachable"
            if accepted:
                self.deal(handoff, lead, at)
                self.verdict(handoff, lead, at)
        if to in ("customer", "recycled", "disqualified"):
            self.close(handoff, won=to == "customer", at=at)

    def deal(self, handoff: int, lead: int, at: datetime) -> None:
        self.add(
            "Opportunity", lead_id=lead, handoff_id=handoff, state="open", opened_at=at, closed_at=None, reason=None,
            amount=None, currency=None, source="sales",
        )  # fmt: skip

    def close(self, handoff: int, *, won: bool, at: datetime) -> None:
        for row in self.rows["Opportunity"][-20:]:
            if row["handoff_id"] == handoff and row["state"] == "open":
                row |= {"state": "won" if won else "lost", "closed_at": at}
                row["reason"] = None if won else self.chance.choice(("not_ready", None))
                if self.likely(0.8):
                    row |= {
                        "amount": self.chance.randint(1, 90) * 100_000, "currency": self.chance.choice(("NOK", "EUR"))
                    }  # fmt: skip

    def verdict(self, handoff: int, lead: int, at: datetime) -> None:
        if self.likely(0.7):
            said = {
                name: self.chance.choice(_SAID) for name in ("project", "budget", "right_person", "ready", "helpful")
            }
            self.rows["Disposition"].append(
                {"handoff_id": handoff, "lead_id": lead, "at": self.after(at, 4), "by": "kari", **said}
            )

    # --- mails

    def enrollment(self, lead: int, at: datetime, *, machine: bool) -> None:
        sequence = self.chance.choice(list(self.sequences))
        if at > self.now:
            return
        state, reason = self.chance.choice(
            (("active", None), ("active", None), ("done", "finished"), ("done", "goal reached"),
             ("stopped", "opted out"), ("stopped", "handed to sales"), ("dead", "cannot be rendered"))
        )  # fmt: skip
        state = "done" if state == "active" and self.running(lead, sequence) else state
        goal_at = self.after(at, 9) if state != "done" and self.likely(0.1) else None
        number = self.add(
            "Enrollment", lead_id=lead, sequence=sequence, version="1", state=state, since=at, entered_at=at,
            goal_at=goal_at, ended_at=None if state == "active" else self.after(at, 20), reason=reason, why="",
            fence=0, due_at=None,
        )  # fmt: skip
        for step in self.sequences[sequence]:
            if at > self.now or self.likely(0.15):
                break
            self.mail(lead, number, step, at, machine=machine)
            at = self.after(at, 7)

    def running(self, lead: int, sequence: str) -> bool:
        return any(
            (row["lead_id"], row["sequence"], row["state"]) == (lead, sequence, "active")
            for row in self.rows["Enrollment"][-9:]
        )

    def mail(self, lead: int, enrollment: int, step: str, at: datetime, *, machine: bool) -> None:
        text = self.ports.library.in_force.get(self.rows["Enrollment"][enrollment - 1]["sequence"])
        known = text.steps.get(step) if text else None
        subjects = len(known.subjects) if isinstance(known, EmailStep) else 0
        message = self.add(
            "Message", enrollment_id=enrollment, lead_id=lead, step=step, template=step, state="accepted",
            planned_at=at, variant=self.chance.randint(1, subjects) if subjects > 1 else None,
        )  # fmt: skip
        states = (
            ("not_accepted", "accepted")
            if self.likely(0.05)
            else (self.chance.choice(["accepted"] * 19 + ["rejected"]),)
        )
        for n, state in enumerate(states, 1):
            started = at + timedelta(hours=n)
            self.rows["Attempt"].append(
                {"id": f"a{message}-{n}", "message_id": message, "outbox_id": None, "n": n, "serial": message,
                 "state": state, "mailer": "sendgrid", "address_version": 0, "started_at": started,
                 "deadline": started}
            )  # fmt: skip
        if states[-1] == "accepted":
            self.comes_back(lead, message, at + timedelta(hours=len(states)), machine=machine)

    def comes_back(self, lead: int, message: int, at: datetime, *, machine: bool) -> None:
        if self.likely(0.03):
            self.event(lead, message, "bounced", at)
            return
        if self.likely(0.95):  # the rest is delivered, and never reported
            self.event(lead, message, "delivered", at)
        if machine and self.likely(0.8):
            for _ in range(3):
                self.event(lead, message, "clicked", at, verdict="machine", because="a burst")
        elif self.likely(0.2):
            verdict = self.chance.choice(("human", "human", "human", "suspect"))
            just_now = at < self.now and self.likely(0.05)  # then it has not settled
            then = self.now - timedelta(minutes=3) if just_now else self.after(at, 0.5)
            self.event(lead, message, "clicked", then, verdict=verdict, url="https://acme.example/guide")
        self.reactions(lead, message, at)

    def reactions(self, lead: int, message: int, at: datetime) -> None:
        for kind, share in (("opened", 0.3), ("complained", 0.01), ("replied", 0.04), ("opted_out", 0.01)):
            if self.likely(share):
                verdict = "human" if kind == "replied" else None
                then = self.after(at, 1)
                self.event(lead, message, kind, then, verdict=verdict)
                if kind == "complained":
                    self.add("Consent", address_id=lead, at=then, act="withdrawn", source="sendgrid")
        if self.likely(0.04):
            source = self.chance.choice(("one-click", "reply", "import fair.csv"))
            self.add(
                "Consent",
                address_id=lead,
                at=self.after(at, self.chance.choice((2, 60))),
                act="withdrawn",
                source=source,
            )
        if self.likely(0.08):
            name = self.chance.choice(("ebook", "pricing"))
            self.event(lead, None, "submitted", self.after(at, 3), verdict="human", name=name)

    def event(self, lead: int, message: int | None, kind: str, at: datetime, **told: Any) -> None:
        number = next(self.ids["Event"])
        self.rows["Event"].append(
            {"id": number, "key": number.to_bytes(16, "big"), "lead_id": lead, "message_id": message, "kind": kind,
             "occurred_at": at, "received_at": at, "machine": False, "verdict": None, "because": None, "url": None,
             "name": None, "counts_at": at + timedelta(minutes=10) if told.get("verdict") == "human" else None, **told}
        )  # fmt: skip


def fill(database: Database, ports: Ports, now: datetime, leads: int, seed: int = 7) -> World:
    """Write what was recorded of so many leads."""
    world = World(ports, now, Random(seed))
    for name, text in ports.library.in_force.items():
        world.sequences[name] = [one.id for one in text.steps.values() if isinstance(one, EmailStep)]
    world.sequences["taken-out"] = ["tofu/gone"]
    next(iter(world.sequences.values())).append("tofu/was-here-once")
    world.rows["AgreementVersion"].append({"version": "v1", "source": "{}", "first_used_at": now})
    for number in range(1, leads + 1):
        world.lead(number)
    with database.transaction("fill") as connection:
        for table in _ORDER:
            if rows := world.rows[table]:
                every = sorted({key for row in rows for key in row})
                connection.execute(
                    getattr(tables, table).__table__.insert(), [{key: row.get(key) for key in every} for row in rows]
                )
    return world
