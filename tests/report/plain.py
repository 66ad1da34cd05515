"""Every figure of the report once more, from raw rows read whole, in plain Python: slow, simple, and by nothing of it.

It knows the tables and what each figure means (docs/report.md), and nothing of how the report counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models import tables
from models.database import Database

UP = ["iql", "mql", "sql", "opportunity", "customer", "advocate"]
Raw = Any


class Rows:
    """All rows of all tables, by name."""

    def __init__(self, database: Database, since: datetime, now: datetime) -> None:
        self.since, self.now = since, now
        with database.reading() as connection:
            for name in ("Lead", "Address", "Transition", "Enrollment", "Message", "Attempt", "Event", "Consent",
                         "Handoff", "Decision", "Disposition", "Opportunity", "Answer", "Touch"):  # fmt: skip
                table = getattr(tables, name).__table__
                setattr(self, name.lower(), list(connection.execute(select(table)).mappings()))
        self.of_message = {row["id"]: row for row in self["message"]}
        self.of_enrollment = {row["id"]: row for row in self["enrollment"]}
        self.accepted_of = defaultdict(list)
        for row in self["attempt"]:
            if row["state"] == "accepted" and row["message_id"]:
                mail = row["started_at"], row["message_id"]
                self.accepted_of[self.of_message[row["message_id"]]["lead_id"]].append(mail)

    def __getitem__(self, name: str) -> list[Raw]:
        return getattr(self, name)  # type: ignore[no-any-return]

    def lately(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= moment <= self.now


# --- the funnel


def ways(rows: Rows) -> dict[int, list[tuple[str, datetime]]]:
    """Each lead's stages with the moment it came there, without those that the engine took back."""
    moves = defaultdict(list)
    for row in sorted(rows["transition"], key=lambda row: (row["at"], row["id"])):
        moves[row["lead_id"]].append(row)
    found = {}
    for lead in rows["lead"]:
        own = moves[lead["id"]]
        began = own[0]["from_stage"] if own else lead["stage"]
        way = [(began, lead["created_at"])]
        for row in own:
            was = [stage for stage, _ in way]
            back = row["from_stage"] in ("mql", "sql") and row["to_stage"] in ("iql", "mql", "recycled")
            undone = back and row["actor"] == "engine"
            if undone and row["to_stage"] in was[:-1]:
                while way[-1][0] != row["to_stage"]:
                    way.pop()
                continue
            way = [*(way[:-1] if undone else way), (row["to_stage"], row["at"])]
        found[lead["id"]] = way
    return found


def stages(rows: Rows) -> Counter[str]:
    return Counter(lead["stage"] for lead in rows["lead"])


def conversion(rows: Rows, stage: str, within: timedelta, month: str | None = None) -> tuple[int, int, int, int]:
    """(entered, open, went on in time, of)"""
    entered = open_ = on = 0
    for way in ways(rows).values():
        came = [at for here, at in way if here == stage and at >= rows.since]
        if not came or (month and came[0].strftime("%Y-%m") != month):
            continue
        entered += 1
        if rows.now - came[0] < within:
            open_ += 1
        elif any(
            came[0] <= at <= came[0] + within and here in UP and UP.index(here) > UP.index(stage) for here, at in way
        ):
            on += 1
    return entered, open_, on, entered - open_


def half_left_after(rows: Rows, stage: str) -> tuple[int, int, float | None]:
    """(visits, still there, days after which half have left), by counting who is under observation at each length."""
    spans = []
    for way in ways(rows).values():
        for place, (here, at) in enumerate(way):
            if here == stage and at >= rows.since:
                left = way[place + 1][1] if place + 1 < len(way) else None
                hours = int(((left or rows.now) - at).total_seconds() // 3600)
                spans.append((hours, left is not None))
    still = sum(not ended for _, ended in spans)
    share = 1.0
    for length in sorted({hours for hours, ended in spans if ended}):
        watched = sum(hours >= length for hours, _ in spans)
        gone = sum(hours == length and ended for hours, ended in spans)
        share = share * (watched - gone) / watched
        if share <= 0.5 + 1e-9:
            return len(spans), still, round(length / 24, 1)
    return len(spans), still, None


# --- mails


def mails(rows: Rows) -> list[Raw]:
    """Mails that the provider took in this time: (lead, sequence, step, variant, message, its events)."""
    events = defaultdict(list)
    for event in rows["event"]:
        if event["message_id"] and event["occurred_at"] <= rows.now:
            events[event["message_id"]].append(event)
    found = []
    for attempt in rows["attempt"]:
        if attempt["state"] == "accepted" and attempt["message_id"] and rows.lately(attempt["started_at"]):
            message = rows.of_message[attempt["message_id"]]
            sequence = rows.of_enrollment[message["enrollment_id"]]["sequence"]
            found.append(
                (message["lead_id"], sequence, message["step"], message["variant"], message["id"],
                 events[message["id"]])
            )  # fmt: skip
    return found


def clicked_by_a_human(events: list[Raw], now: datetime) -> bool:
    return any(e["kind"] == "clicked" and e["verdict"] == "human" and e["counts_at"] <= now for e in events)


def verdict_is(events: list[Raw], verdict: str) -> bool:
    return any(e["kind"] == "clicked" and e["verdict"] == verdict for e in events)


def arrived(events: list[Raw]) -> bool:
    proofs = {"delivered", "opened", "clicked", "complained", "opted_out", "replied"}
    return any(e["kind"] in proofs for e in events)


def steps(rows: Rows) -> dict[tuple[str, str], dict[str, int]]:
    people: dict[Any, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    sent: Counter[Any] = Counter()
    for lead, sequence, step, _, _, events in mails(rows):
        here = people[sequence, step]
        sent[sequence, step] += 1
        kinds = {e["kind"] for e in events}
        told = {
            "sent": True,
            "delivered": arrived(events),
            "clicked": clicked_by_a_human(events, rows.now),
            "machine": verdict_is(events, "machine"),
            "suspect": verdict_is(events, "suspect"),
            "replied": "replied" in kinds,
            "complained": "complained" in kinds,
            "bounced": "bounced" in kinds,
        }
        for name, is_so in told.items():
            if is_so:
                here[name].add(lead)
    for where, lead in opted_out(rows):
        people[where]["opted_out"].add(lead)
    names = ("sent", "delivered", "clicked", "machine", "suspect", "replied", "opted_out", "complained", "bounced")
    return {
        where: {"mails": sent[where]} | {name: len(found[name]) for name in names} for where, found in people.items()
    }


def opted_out(rows: Rows) -> list[tuple[tuple[str, str], int]]:
    """Opt-outs go to the last mail before them, if that left in this time and was not called spam."""
    lead_at = {lead["address_id"]: lead["id"] for lead in rows["lead"]}
    spam = {event["message_id"] for event in rows["event"] if event["kind"] == "complained"}
    found = []
    for act in rows["consent"]:
        if act["act"] != "withdrawn" or act["source"].startswith("import") or not rows.lately(act["at"]):
            continue
        before = [mail for mail in rows.accepted_of[lead_at[act["address_id"]]] if mail[0] <= act["at"]]
        if before and max(before)[0] >= rows.since and max(before)[1] not in spam:
            message = rows.of_message[max(before)[1]]
            where = rows.of_enrollment[message["enrollment_id"]]["sequence"], message["step"]
            found.append((where, message["lead_id"]))
    return found


def subjects(rows: Rows) -> dict[tuple[str, str, int], tuple[int, int]]:
    """(clicked, delivered) by subject."""
    reached, clicked = defaultdict(set), defaultdict(set)
    for lead, sequence, step, variant, _, events in mails(rows):
        if variant is not None and arrived(events):
            reached[sequence, step, variant].add(lead)
            if clicked_by_a_human(events, rows.now):
                clicked[sequence, step, variant].add(lead)
    return {where: (len(clicked[where]), len(people)) for where, people in reached.items()}


def topics(rows: Rows, topic_of: dict[tuple[str, str], str]) -> dict[str, tuple[int, int]]:
    human, machine = defaultdict(set), defaultdict(set)
    for lead, sequence, step, _, _, events in mails(rows):
        topic = topic_of.get((sequence, step), "no topic")
        if clicked_by_a_human(events, rows.now):
            human[topic].add(lead)
        if verdict_is(events, "machine"):
            machine[topic].add(lead)
    return {topic: (len(human[topic]), len(machine[topic] - human[topic])) for topic in {*human, *machine}}


def scanned(rows: Rows) -> dict[str, tuple[int, int, int]]:
    """domain -> (people, mails with machines in them, mails)"""
    email = {row["id"]: row["email"] for row in rows["address"]}
    domain = {lead["id"]: email[lead["address_id"]].partition("@")[2] for lead in rows["lead"]}
    people, touched, all_ = defaultdict(set), Counter[str](), Counter[str]()
    for lead, _, _, _, _, events in mails(rows):
        people[domain[lead]].add(lead)
        all_[domain[lead]] += 1
        touched[domain[lead]] += verdict_is(events, "machine")
    return {
        name: (len(some), touched[name], all_[name])
        for name, some in people.items()
        if name and len(some) >= 3 and touched[name]
    }


def forms(rows: Rows) -> dict[str, tuple[int, int]]:
    sent = defaultdict(list)
    for event in rows["event"]:
        if event["kind"] == "submitted" and event["verdict"] == "human" and rows.lately(event["occurred_at"]):
            sent[event["name"]].append(event["lead_id"])
    return {name: (len(set(leads)), len(leads)) for name, leads in sent.items()}


# --- sequences


def courses(rows: Rows) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows["enrollment"]:
        if rows.lately(row["entered_at"]):
            here = found.setdefault(
                row["sequence"], {"entered": 0, "active": 0, "done": 0, "dead": 0, "goal": 0, "left": Counter()}
            )
            here["entered"] += 1
            if row["state"] == "stopped":
                here["left"][row["reason"]] += 1
            else:
                here[row["state"]] += 1
            here["goal"] += row["goal_at"] is not None or row["reason"] == "goal reached"
    return found


# --- sales


def handed(rows: Rows) -> list[Raw]:
    return [row for row in rows["handoff"] if rows.lately(row["offered_at"])]


def answers(rows: Rows, some: list[Raw]) -> dict[str, int]:
    late = sum(row["state"] == "offered" and row["due_at"] <= rows.now for row in some)
    states = Counter(row["state"] for row in some)
    return {
        "promoted": len(some),
        "accepted": states["accepted"],
        "rejected": states["rejected"],
        "withdrawn": states["withdrawn"],
        "late": late,
        "pending": states["offered"] - late,
        "of": states["accepted"] + states["rejected"] + late,
    }


def opinions(rows: Rows) -> Counter[tuple[bool | str, str]]:
    """(marketing called it hot, or "asked"; what sales said) -> handoffs"""
    grades = {row["id"]: row["evidence"]["grade"] for row in rows["decision"]}
    return Counter(
        ("asked" if row["hand_raise"] else grades[row["decision_id"]] in ("A1", "A2", "B1", "B2"), row["state"])
        for row in handed(rows)
        if row["state"] in ("accepted", "rejected")
    )


def verdicts(rows: Rows, question: str) -> Counter[str | None]:
    ours = {row["id"] for row in handed(rows)}
    return Counter(row[question] for row in rows["disposition"] if row["handoff_id"] in ours)


def deals(rows: Rows, source: str | None = None, *, every: bool = True) -> dict[str, Any]:
    sources = {lead["id"]: lead["source"] or "not known" for lead in rows["lead"]}
    some = [row for row in rows["opportunity"] if every or sources[row["lead_id"]] == source]
    closed = [row for row in some if rows.lately(row["closed_at"])]
    money: Counter[str] = Counter()
    for row in closed:
        if row["state"] == "won" and row["amount"] is not None:
            money[row["currency"]] += row["amount"]
    return {
        "opened": sum(rows.lately(row["opened_at"]) for row in some),
        "won": sum(row["state"] == "won" for row in closed),
        "lost": sum(row["state"] == "lost" for row in closed),
        "money": dict(money),
        "reasons": Counter(row["reason"] or "not known" for row in closed if row["state"] == "lost"),
    }


def working_days_later(moment: datetime, days: int) -> datetime:
    """The same time of day, so many days from Monday to Friday later."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment


def promises(rows: Rows) -> dict[str, tuple[int, int, int]]:
    """(kept, of, pending) of what needs no business hours to be reckoned."""
    logged, outcomes = defaultdict(list), defaultdict(list)
    for touch in sorted(rows["touch"], key=lambda touch: touch["id"]):
        if touch["kind"] in ("call", "mail", "meeting"):
            logged[touch["handoff_id"]].append(touch["at"])
            outcomes[touch["handoff_id"]].append(touch["outcome"])
    person = {lead["id"]: lead for lead in rows["lead"]}
    found = {name: [0, 0, 0] for name in ("answered", "asked", "tried", "taken", "complete")}

    def count(name: str, *, kept: bool, pending: bool = False) -> None:
        found[name][0] += kept
        found[name][1] += not pending
        found[name][2] += pending

    for row in handed(rows):
        touches = [row["touched_at"], row["decided_at"], *logged[row["id"]]]
        first = min([at for at in touches if at], default=None)
        if row["state"] == "withdrawn" and first is None:
            continue
        time_left = row["due_at"] > rows.now
        for name in ("answered", "asked") if row["hand_raise"] else ("answered",):
            in_time = first is not None and first <= row["due_at"]
            count(name, kept=in_time, pending=first is None and time_left)
        gave_up = row["state"] == "rejected" and row["reason"] == "unreachable"
        if gave_up or row["state"] == "accepted" or (row["state"] == "offered" and logged[row["id"]]):
            enough = logged[row["id"]][4:5]
            if "reached" in outcomes[row["id"]]:
                enough.append(logged[row["id"]][outcomes[row["id"]].index("reached")])
            until = working_days_later(row["offered_at"], 10)
            kept = any(at <= until for at in enough)
            count("tried", kept=kept, pending=not enough and not gave_up and rows.now < until)
        count("taken", kept=row["state"] == "accepted", pending=row["state"] == "offered" and time_left)
        lead = person[row["lead_id"]]
        suppressed = next(one["suppressed"] for one in rows["address"] if one["id"] == lead["address_id"])
        named = bool(lead["first_name"] or lead["last_name"])
        count("complete", kept=named and bool(lead["phone"] or suppressed != "hard_bounce"))
    return {name: (kept, of, pending) for name, (kept, of, pending) in found.items()}
