"""Terms of the agreement that read well and cannot be meant: rules nobody meets, people who step in for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from difflib import get_close_matches

from nurture.content.doings import forms_of
from nurture.content.shut import closed_year
from nurture.content.source import Document, Loc
from nurture.core.agreement import Agreement
from nurture.core.project import ProjectConfig
from nurture.core.rules import (
    AnswersAtLeast,
    AttributeIs,
    CellIn,
    DaysAtLeast,
    DidAtLeast,
    FitAtLeast,
    InOrder,
    IntentWithin,
    KindsAtLeast,
    NothingWithin,
    Rule,
    ScoreAtLeast,
)
from nurture.core.signals import Signal
from nurture.errors import Problem
from nurture.timezones import country_code

#: kind of doing -> kind of the signals that tell it; the others need none
_TOLD_BY = {"click": "clicked", "form": "submitted", "visit": "visited", "event": "tracked"}
#: all cells of the grid
_CELLS = 16
#: how like each other two names are of which one is a slip; 1 is the same
_NEAR = 0.85
_DEPARTMENTS = {"iql": "marketing", "mql": "marketing", "sql": "sales", "opportunity": "sales", "recycled": "marketing"}
_DAY = timedelta(days=1)


def odd_terms(document: Document, config: ProjectConfig) -> Iterator[Problem]:
    """What looks wrong about the agreement and the absences of reps, each with its place."""
    agreement = config.agreement
    found = [*_rules(agreement), *_promises(agreement), *_accounts(agreement), *_stages(agreement)]
    found += [*_forms(config), *_hours(config), *_countries(agreement)]
    if "ladder" in document.data["agreement"]["sla"]:
        found += _ladder(agreement)
    for loc, message, rule in found:
        yield document.problem(("agreement", *loc), message, rule, severity="warning")
    for loc, message, rule in _absences(config):
        yield document.problem(loc, message, rule, severity="warning")


_Found = Iterator[tuple[Loc, str, str]]


def _rules(agreement: Agreement) -> _Found:
    seen: dict[str, str] = {}
    for gate in ("mql", "sql"):
        rules: Sequence[Rule] = getattr(agreement, gate)
        for number, rule in enumerate(rules):
            loc = (gate, number)
            if why := _never(rule, agreement):
                yield loc, f"nobody can ever meet '{rule.text}': {why}", "never_met"
            elif why := _always(rule, agreement):
                yield loc, f"everybody meets '{rule.text}': {why}", "always_met"
            elif isinstance(rule, IntentWithin) and rule.intent_within_days > (most := _fades(agreement)):
                message = f"what showed intent gives next to nothing any more by then: write at most {most} days"
                yield (*loc, "intent_within_days"), message, "stale_intent"
            terms = rule.model_dump_json(exclude={"text"})
            if terms in seen:
                yield loc, f"'{rule.text}' checks the same as '{seen[terms]}': leave one out", "same_rule"
            seen.setdefault(terms, rule.text)


def _never(rule: Rule, agreement: Agreement) -> str:
    match rule:
        case FitAtLeast(fit_at_least=bar) if bar > (most := _most_fit(agreement)):
            return f"fit reaches {most} at most"
        case ScoreAtLeast(score_at_least=bar) if bar > (most := _most_engagement(agreement)):
            return f"all signals together give {most} at most"
        case CellIn(cell_in=cells) if not any(_is_reached(cell, agreement) for cell in cells):
            return "other rules, or the points there are, keep every lead out of these cells"
    return _never_done(rule, agreement)


def _never_done(rule: Rule, agreement: Agreement) -> str:
    match rule:
        case KindsAtLeast(kinds_at_least=number) if number > (most := _kinds(agreement)):
            return f"there are {most} kinds of things to do"
        case DaysAtLeast(days_at_least=number, within_days=days) if number > days + 1:
            return f"{days} days are not {number}"
        case DidAtLeast(did_at_least=number, within_days=days, on_different_days=True) if number > days + 1:
            return f"{days} days are not {number}"
        case DidAtLeast(of=names) if names and not any(_can_be_done(name, agreement) for name in names):
            return f"no signal tells of {' or '.join(names)}"
        case InOrder(first=first, then=then) if not all(_can_be_done(name, agreement) for name in (first, then)):
            return f"no signal tells of {first if not _can_be_done(first, agreement) else then}"
        case IntentWithin() if not any(signal.intent for signal in agreement.signals.values()):
            return "no signal is a sign of it: give one, such as asking for prices, `intent: true`"
        case AttributeIs(at_least=int(least), at_most=int(most)) if least > most:
            return f"no company has at least {least} and at most {most} people"
        case AnswersAtLeast(answers_at_least=number, of=questions) if questions and number > len(questions):
            return f"it asks for {number} of {len(questions)} answers"
    return ""


def _always(rule: Rule, agreement: Agreement) -> str:
    match rule:
        case FitAtLeast(fit_at_least=bar) if bar <= (least := _least_fit(agreement)):
            return f"fit is never below {least}"
        case CellIn(cell_in=cells) if len(set(cells)) == _CELLS:
            return "these are all cells there are"
        case KindsAtLeast(kinds_at_least=1):
            return "whoever did anything did one kind of thing"
        case InOrder(first=first, then=then) if first == then:
            return "first and then are the same; to ask for it twice, say did_at_least: 2"
        case NothingWithin(of=names) if names and not any(_can_be_done(name, agreement) for name in names):
            return f"no signal tells of {' or '.join(names)}"
    return ""


def _most_fit(agreement: Agreement) -> int:
    fit = agreement.fit
    titles = [row.points for row in fit.titles] + list(fit.seniority.values())
    lists = [
        titles,
        list(fit.functions.values()),
        [row.points for row in fit.employees],
        [row.points for row in fit.industries],
        [row.points for row in fit.countries],
    ]
    return min(fit.base + sum(max([0, *points]) for points in lists), 100)


def _least_fit(agreement: Agreement) -> int:
    fit = agreement.fit
    lists = [
        [row.points for row in fit.titles] + list(fit.seniority.values()),
        list(fit.functions.values()),
        [row.points for row in fit.employees],
        [row.points for row in fit.industries],
        [row.points for row in fit.countries],
        [fit.free_mail.points] if fit.free_mail else [],
    ]
    return max(fit.base + sum(min([0, *points]) for points in lists), 0)


def _most_engagement(agreement: Agreement) -> int:
    return min(round(sum(_most_points(signal) for signal in agreement.signals.values())), 100)


def _most_points(signal: Signal) -> float:
    """The most that a signal can give at any moment: what its cap lets through, day after day, and what is left of it
    by then."""
    if not signal.points:
        return 0
    if signal.at_most is None:
        return 100
    left: float = 0.5 ** (signal.at_most.span / timedelta(days=signal.half_life_days))
    return signal.at_most.points / (1 - left)


def _is_reached(cell: str, agreement: Agreement) -> bool:
    """Whether a lead that meets the bars of both gates can stand there, with all the points there are."""
    letters, digits = list(agreement.grid.letters.values()), list(agreement.grid.digits.values())
    rows = (
        (letters, "ABCD".index(cell[0]), _most_fit(agreement)),
        (digits, int(cell[1]) - 1, _most_engagement(agreement)),
    )
    (fit, least_fit), (points, least_points) = (_span(*row) for row in rows)
    rules = (*agreement.mql, *agreement.sql)
    fits = all(fit >= rule.fit_at_least for rule in rules if isinstance(rule, FitAtLeast))
    engaged = all(points >= rule.score_at_least for rule in rules if isinstance(rule, ScoreAtLeast))
    return fits and engaged and fit >= least_fit and points >= least_points


def _span(bars: list[int], place: int, most: int) -> tuple[int, int]:
    """The most points one can have in a row or column of the grid, and the least."""
    return min(most, 100 if place == 0 else bars[place - 1] - 1), bars[place] if place < len(bars) else 0


def _fades(agreement: Agreement) -> int:
    """Days after which the longest sign of intent is worth a thirty-second part of its points."""
    return 5 * max(signal.half_life_days for signal in agreement.signals.values() if signal.intent)


def _kinds(agreement: Agreement) -> int:
    """How many kinds of things there are to do: clicks are one, a hand-raise is one."""
    signals = [signal for signal in agreement.signals.values() if not signal.flag]
    clicks = any(signal.kind == "clicked" for signal in signals)
    return sum(signal.kind != "clicked" for signal in signals) + clicks + 1


def _can_be_done(name: str, agreement: Agreement) -> bool:
    if name in agreement.signals:
        return True
    kind = _TOLD_BY.get(name)
    return kind is None or name == "form" or any(signal.kind == kind for signal in agreement.signals.values())


def _promises(agreement: Agreement) -> _Found:
    sla = agreement.sla
    if sla.hand_raise_minutes > sla.accept_hours * 60:
        message = "who asks for a person waits longer than anybody else: let it be less than accept_hours"
        yield ("sla", "hand_raise_minutes"), message, "slow_answer"
    late = [number for number, one in enumerate(agreement.playbook) if one.day > sla.attempts_days]
    for number in late[:1]:
        message = f"day {agreement.playbook[number].day} is after the {sla.attempts_days} days of sla.attempts_days"
        yield ("playbook", number), message, "playbook"
    days = [one.day for one in agreement.playbook]
    if days != sorted(days):
        yield ("playbook",), "the attempts stand in another order than their days", "playbook"
    if 0 < len(days) < sla.attempts:
        message = f"the playbook has {len(days)} attempts, and sla.attempts promises {sla.attempts}"
        yield ("playbook",), message, "playbook"
    if "other" in agreement.reject_reasons and not agreement.reject_reasons["other"].needs_note:
        message = "nothing is learned from 'other' unless sales says more: add needs_note: true"
        yield ("reject_reasons", "other"), message, "reason_note"


def _forms(config: ProjectConfig) -> _Found:
    """Forms that the site has under nearly the same name: `forms:` names one that the agreement does not know."""
    agreement, site = config.agreement, config.forms
    unknown = site.keys() - forms_of(agreement)
    places: list[tuple[Loc, Sequence[str]]] = [(("hand_raise", "forms"), agreement.hand_raise.forms)]
    places += [(("signals", name, "forms"), signal.forms) for name, signal in agreement.signals.items()]
    for loc, forms in places:
        for number, form in enumerate(forms):
            if form not in site and (near := get_close_matches(form, sorted(unknown), n=1, cutoff=_NEAR)):
                message = f"`forms:` has no form '{form}', did you mean '{near[0]}'?"
                yield (*loc, number), message, "form_name"


def _countries(agreement: Agreement) -> _Found:
    """Two letters that are no country: no lead ever has them."""
    for loc, code in _codes(agreement):
        if code != (known := country_code(code)):
            message = f"'{code}' is no country of ISO 3166{f', did you mean {known}?' if known else ''}"
            yield loc, message, "country_code"


def _codes(agreement: Agreement) -> Iterator[tuple[Loc, str]]:
    """Each country that the agreement names, and where."""
    lists: list[tuple[Loc, Sequence[str]]] = []
    lists += [(("fit", "countries", number, "codes"), row.codes) for number, row in enumerate(agreement.fit.countries)]
    lists += [(("disqualify", number, "countries"), one.countries) for number, one in enumerate(agreement.disqualify)]
    lists += [(("owners", number, "countries"), owner.countries) for number, owner in enumerate(agreement.owners)]
    for loc, codes in lists:
        yield from (((*loc, number), code) for number, code in enumerate(codes))
    for number, owner in enumerate(agreement.owners):
        if owner.country:
            yield ("owners", number, "country"), owner.country


def _hours(config: ProjectConfig) -> _Found:
    """Hours that never come: promised times would run day and night then."""
    agreement = config.agreement
    window = agreement.hours.window(config.window.zone)
    for country in dict.fromkeys([None, *(owner.country for owner in agreement.owners)]):
        if run := closed_year(window, country):
            of = f"closed days and the public holidays of {country}" if country else "closed days"
            message = (
                f"all working days from {run[0]:%Y-%m-%d} to {run[-1]:%Y-%m-%d} are {of}: let another day be a working "
                "day, or close fewer"
            )
            yield ("hours", "closed"), message, "no_hours"
            return


def _ladder(agreement: Agreement) -> _Found:
    actions = {rung.do for rung in agreement.sla.ladder}
    steps_in = sorted(actions & {"backup", "reassign", "pool"})
    if len(agreement.owners) == 1 and steps_in:
        message = f"{agreement.owners[0].name} is the only rep, so '{steps_in[0]}' leads back to the same person"
        yield ("sla", "ladder"), f"{message}: leave it out", "ladder"
    elif actions & {"backup", "reassign"}:
        for number, owner in enumerate(agreement.owners):
            if owner.backup is None:
                yield ("owners", number), f"nobody steps in for {owner.name}: name a `backup`", "ladder"
    if "reassign" in actions and agreement.manager is None and len(agreement.owners) > 1:
        yield ("sla", "ladder"), "a lead changes hands and nobody is told: name a `manager`", "ladder"


def _accounts(agreement: Agreement) -> _Found:
    named: dict[str, str] = {}
    for number, owner in enumerate(agreement.owners):
        for domain in owner.accounts:
            if (other := named.setdefault(domain.casefold(), owner.name)) != owner.name:
                yield ("owners", number, "accounts"), f"'{domain}' is {other}'s already", "account_twice"


def _stages(agreement: Agreement) -> _Found:
    names: dict[str, str] = {}
    for stage, terms in agreement.stages.items():
        if (meant := _DEPARTMENTS.get(stage, terms.department)) != terms.department:
            message = f"leads at '{stage}' are {meant}'s, whoever is named here: the handoff makes them so"
            yield ("stages", stage, "department"), message, "stage_owner"
        if (other := names.setdefault(terms.name.casefold(), stage)) != stage:
            yield ("stages", stage, "name"), f"'{terms.name}' is the name of '{other}' already", "stage_name"


def _absences(config: ProjectConfig) -> _Found:
    owners = {owner.key: owner for owner in config.agreement.owners}
    for number, away in enumerate(config.absences):
        if away.owner not in owners:
            there_are = ", ".join(owners)
            yield ("absences", number), f"no rep has the key '{away.owner}'; there are: {there_are}", "absence"
            continue
        backup = owners[away.owner].backup
        days = [away.from_ + _DAY * n for n in range((away.until - away.from_).days + 1)]
        empty = next((day for day in days if all(_is_away(config, key, day) for key in owners)), None)
        both = next((day for day in days if backup and _is_away(config, backup, day)), None)
        if empty:
            yield ("absences", number), f"on {empty} every rep is away, and leads wait in the pool", "absence"
        elif both:
            told = f"{owners[away.owner].name} and the backup, {owners[backup or ''].name}, are both away on {both}"
            yield ("absences", number), told, "absence"


def _is_away(config: ProjectConfig, owner: str, day: date) -> bool:
    return any(one.covers(owner, day) for one in config.absences)
