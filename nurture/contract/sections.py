"""The agreement in sections, each a sentence and a table: the same for the screen and for the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nurture.core.agreement import Agreement, stage_name
from nurture.core.lifecycle import MEANINGS, STAGES
from nurture.core.promise import ladder
from nurture.core.qualify import MOST_RETURNS
from nurture.core.sales import Hours, Owner, Rung
from nurture.core.sentences import sentence
from nurture.core.signals import Signal
from nurture.core.timewords import WEEKDAYS, clock_text

_RUNGS = {
    "remind": "the rep is reminded",
    "backup": "the rep's backup is told as well",
    "reassign": "the backup gets the lead, and the manager is told",
    "pool": "the lead goes to the pool of all reps",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the agreement: what it is about in a sentence, and its rows."""

    title: str
    intro: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(agreement: Agreement) -> tuple[Section, ...]:
    """All of the agreement, in the order in which one reads it."""
    return (_stages(agreement), *_gates(agreement), *_points(agreement), *_promises(agreement), *_people(agreement))


def _stages(agreement: Agreement) -> Section:
    rows = tuple((stage_name(agreement, one), agreement.stages[one].department, MEANINGS[one]) for one in STAGES)
    return Section("Stages", "Where a lead can stand, and who answers for it there.", ("stage", "whose", "what"), rows)


def _gates(agreement: Agreement) -> Iterator[Section]:
    mql, sql = stage_name(agreement, "mql"), stage_name(agreement, "sql")
    headings = ("we say", "that is")
    for name, intro, rules in (
        (mql, "Marketing calls a lead this when all of these hold. Clicks in mails alone never do.", agreement.mql),
        (sql, f"Sales gets a lead that is {mql} when all of these hold on top.", agreement.sql),
    ):
        yield Section(
            f"Ready for {name}", intro, headings, tuple((rule.text, sentence(rule, agreement)) for rule in rules)
        )
    alone = agreement.fit.alone_at_least
    ways = [
        (
            "Asks for a person",
            f"Straight to sales: by form {' or '.join(agreement.hand_raise.forms)}, or in a reply",
        ),
        ("Sent back time and again", f"After {MOST_RETURNS} times only asking for a person counts"),
        ("Wants no call", "Whoever asked sales to stay away never reaches sales"),
    ]
    if alone is not None:
        ways.insert(1, ("Fits by itself", f"With a fit of {alone} a new lead is {mql} at once, never {sql}"))
    yield Section("Other ways", "What goes past the points.", ("what", "then"), tuple(ways))
    if agreement.disqualify:
        rows = tuple(
            (row.because, ", ".join((*row.domains, *row.countries, *row.titles, *row.seniorities)))
            for row in agreement.disqualify
        )
        yield Section("Never to sales", "However keen; a person can undo it.", ("who", "told by"), rows)


def _points(agreement: Agreement) -> Iterator[Section]:
    fit = agreement.fit
    rows = [("Every lead", "", f"{fit.base}")]
    rows += [("Title", ", ".join(row.words), f"{row.points:+}") for row in fit.titles]
    rows += [("Seniority", _plain(name), f"{points:+}") for name, points in fit.seniority.items()]
    rows += [("Works on", _plain(name), f"{points:+}") for name, points in fit.functions.items()]
    rows += [("Company's size", _size(row.at_least, row.at_most), f"{row.points:+}") for row in fit.employees]
    rows += [("Trade", ", ".join(row.words), f"{row.points:+}") for row in fit.industries]
    rows += [("Country", ", ".join(row.codes), f"{row.points:+}") for row in fit.countries]
    if fit.free_mail:
        rows += [("Private mailbox", "at a provider anyone can use", f"{fit.free_mail.points:+}")]
    yield Section("Fit", "Who we look for: 0 to 100 points.", ("what", "if", "points"), tuple(rows))
    yield Section(
        "Engagement",
        f"What counts, 0 to 100 points. A click waits {agreement.settle_minutes} minutes for signs of a machine.",
        ("what", "points", "half of it after", "at most"),
        tuple(_signal(one) for one in agreement.signals.values()),
    )


def _signal(one: Signal) -> tuple[str, ...]:
    most = f"{one.at_most.points} a {one.at_most.per}" if one.at_most else ""
    notes = [note for note in ("intent" if one.intent else "", f"flag: {one.flag}" if one.flag else "") if note]
    about = f"{one.about} ({', '.join(notes)})" if notes else one.about
    return about, str(one.points), f"{one.half_life_days} days", most


def _promises(agreement: Agreement) -> Iterator[Section]:
    sla = agreement.sla
    hears = "at once" if agreement.tell_sales == "at_once" else "each working morning; who asks for a person at once"
    rows = [
        ("", "A rep hears of leads", hears),
        ("sales", "First touch of who asks for a person", f"{sla.hand_raise_minutes} minutes"),
        ("sales", "Yes or no about anybody else", f"{sla.accept_hours} hours"),
        ("sales", "First call or mail to them", f"{sla.touch_hours} hours"),
        ("sales", "The verdict on a lead it took", f"{sla.verdict_days} working days"),
        ("sales", "Attempts before a lead cannot be reached", f"{sla.attempts} in {sla.attempts_days} working days"),
    ]
    if given := sla.marketing:
        rows += [
            ("marketing", "Leads handed over", f"{given.handoffs_per_week} a week"),
            ("marketing", "Accepted by sales, of those it answered", f"{given.accepted_percent} %"),
            ("marketing", "Complete, so that sales can call", f"{given.complete_percent} %"),
        ]
    yield Section(
        "Promises", f"Counted in business hours: {_hours(agreement.hours)}.", ("who", "what", "promised"), tuple(rows)
    )
    climbed = tuple((_share(rung), _rung(rung, agreement)) for rung in ladder(agreement))
    yield Section("While nobody answers", "Each step once, and none after a touch.", ("after", "then"), climbed)
    steps = tuple((f"day {one.day}", one.do, one.text) for one in agreement.playbook)
    yield Section("What a rep does", "Until the lead is reached, by working days.", ("when", "what", "about"), steps)


def _people(agreement: Agreement) -> Iterator[Section]:
    reasons = agreement.reject_reasons.values()
    rows = tuple(
        (
            one.label,
            f"is nurtured again after {one.after_days} days" if one.track == "recycle" else "never again",
            "sales says more" if one.needs_note else "",
        )
        for one in reasons
    )
    yield Section("When sales sends a lead back", "Why, and where it goes.", ("reason", "then", "needs"), rows)
    owners = tuple(_owner(one, agreement) for one in agreement.owners)
    yield Section(
        "Who gets leads", "In turn, a territory first.", ("rep", "territory", "share", "hours", "backup"), owners
    )


def _owner(one: Owner, agreement: Agreement) -> tuple[str, ...]:
    names = {other.key: other.name for other in agreement.owners}
    territory = [*one.countries, *one.industries, *one.accounts]
    if one.employees:
        territory.append(f"{_size(one.employees.at_least, one.employees.at_most)} people")
    most = f", at most {one.at_most_per_day} a day" if one.at_most_per_day else ""
    zone = one.timezone or agreement.hours.timezone or ""
    return one.name, ", ".join(territory) or "anywhere", f"{one.weight}{most}", zone, names.get(one.backup or "", "")


def _share(rung: Rung) -> str:
    return f"{rung.at_percent} % of the promised time"


def _rung(rung: Rung, agreement: Agreement) -> str:
    told = _RUNGS[rung.do]
    return told if rung.do != "reassign" or agreement.manager else told.replace(", and the manager is told", "")


def _hours(hours: Hours) -> str:
    days = sorted(hours.days)
    named = "working days" if days == list(range(5)) else ", ".join(WEEKDAYS[day].capitalize()[:3] for day in days)
    start, end = hours.between
    return f"{named}, {clock_text(start)} to {clock_text(end)} on the rep's own clock"


def _size(least: int, most: int | None) -> str:
    return f"{least} to {most}" if most is not None else f"{least} or more"


def _plain(word: str) -> str:
    return word.replace("_", " ")
