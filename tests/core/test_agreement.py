"""What an agreement says, and what it refuses to be."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from nurture.core import agreement as module
from nurture.core.agreement import Agreement
from nurture.core.matching import any_word, at_domain
from nurture.core.rules import FitAtLeast, IntentWithin
from tests.core.agreements import AGREEMENT, TERMS, click, form


def test_rules_are_told_apart_by_what_they_check() -> None:
    assert AGREEMENT.mql[0] == FitAtLeast(text="Could be our customer", fit_at_least=30)
    assert AGREEMENT.sql[0] == IntentWithin(text="Means to buy", intent_within_days=14)


def test_an_agreement_survives_being_written_down_and_read_again() -> None:
    assert Agreement.model_validate_json(AGREEMENT.model_dump_json()) == AGREEMENT
    assert Agreement.model_validate(AGREEMENT) == AGREEMENT


def test_an_agreement_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(ValidationError):
        AGREEMENT.settle_minutes = 0  # type: ignore[misc]


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Put the last of `path` where the others lead to."""

    def change(terms: dict[str, Any]) -> None:
        *way, last, value = path
        for step in way:
            terms = terms[step]
        terms[last] = value

    return change


def _drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(terms: dict[str, Any]) -> None:
        *way, last = path
        for step in way:
            terms = terms[step]
        del terms[last]

    return change


FAULTS = [
    # without both signatures nothing is agreed
    (_drop("agreed_by", "sales"), "agreed_by.sales", "required"),
    (_set("agreed_by", "sales", "name", " "), "agreed_by.sales.name", "at least 1 character"),
    # both gates must be there, and stay few enough to be read
    (_drop("mql"), "mql", "required"),
    (_drop("sql"), "sql", "required"),
    (_set("mql", []), "mql", "at least 1"),
    (_set("mql", [TERMS["mql"][0]] * 8), "mql", "at most 7"),
    # sales gets no lead without intent
    (_set("sql", TERMS["sql"][1:]), "sql", "add a rule with `intent_within_days`"),
    # a rule checks one known thing
    (_set("mql", 0, {"text": "Likes us"}), "mql.0", "one of: fit_at_least, score_at_least"),
    (_set("mql", 0, {"text": "Likes us", "likes_at_least": 3}), "mql.0", "one of: fit_at_least"),
    (_set("mql", 0, "score_at_least", 3), "mql.0.<fit_at_least>.score_at_least", "Extra inputs"),
    (_drop("mql", 2, "within_days"), "mql.2.<kinds_at_least>.within_days", "required"),
    (_set("mql", 0, "fit_at_least", 101), "mql.0.<fit_at_least>.fit_at_least", "less than or equal to 100"),
    (_set("sql", 1, "cell_in", ["E1"]), "sql.1.<cell_in>.cell_in.0", "pattern"),
    (_set("sql", 3, "known", ["shoe size"]), "sql.3.<known>.known.0", "Input should be 'name'"),
    # the bars of the grid fall
    (_set("grid", "letters", "B", 80), "grid.letters", "each lower than the one before"),
    (_drop("grid", "digits", 2), "grid.digits", "all three"),
    # signals that could never count, or would count what they must not
    (_set("signals", "guide", "forms", ["demo"]), "signals", "'demo' is a hand-raise"),
    (_set("signals", "guide", "forms", ["ebook", "webinar"]), "signals", "form 'webinar' stands here twice"),
    (_drop("signals", "guide", "forms"), "signals.guide", "names its `forms`"),
    (_set("signals", "mail-click", "forms", ["ebook"]), "signals.mail-click", "has no `forms`"),
    (_set("signals", "mail-click", "intent", True), "signals.mail-click", "a click is never intent"),
    (_set("signals", "webinar", "at_most", {"points": 3, "per": "day"}), "signals.webinar", "less than the 15 points"),
    (_set("signals", "webinar", "half_life_days", 0), "signals.webinar.half_life_days", "greater than or equal to 1"),
    (lambda terms: terms["signals"].update({"late": TERMS["signals"]["pricing-click"]}), "signals", "put 'late' above"),
    # who and where
    (_set("fit", "employees", 0, "at_most", 10), "fit.employees.0", "no company has"),
    (_set("fit", "countries", 0, "codes", ["Norway"]), "fit.countries.0.codes.0", "pattern"),
    (_set("disqualify", 0, {"because": "dislike"}), "disqualify.0", "say whom it means"),
    (_set("disqualify", 1, "titles", [""]), "disqualify.1.titles.0", "at least 1 character"),
    (_set("owners", TERMS["owners"] * 2), "owners", "another rep has the key 'kari' already"),
    (_set("owners", []), "owners", "at least 1"),
    (_set("owners", 0, "address", "kari"), "owners.0.address", "pattern"),
    # a lead that is sent back goes somewhere, at some time
    (_drop("reject_reasons", "not_ready", "after_days"), "reject_reasons.not_ready", "`recycle` needs `after_days`"),
    (_set("reject_reasons", "wrong_fit", "after_days", 9), "reject_reasons.wrong_fit", "`disqualify` has none"),
    # a word we do not know is a mistake, not a note
    (_set("hand_rase", {}), "hand_rase", "Extra inputs"),
]


@pytest.mark.parametrize(("spoil", "place", "says"), FAULTS, ids=[f"{place}-{says}" for _, place, says in FAULTS])
def test_a_faulty_agreement_is_refused_at_the_place_of_the_fault(
    spoil: Callable[[dict[str, Any]], None], place: str, says: str
) -> None:
    terms = deepcopy(TERMS)
    spoil(terms)
    with pytest.raises(ValidationError) as refused:
        Agreement.model_validate(terms)
    told = {".".join(map(str, error["loc"])): error["msg"] for error in refused.value.errors()}
    assert says in told[place]


def test_the_first_signal_that_fits_is_the_more_special_one() -> None:
    signals = AGREEMENT.signals
    assert signals["pricing-click"].fits(click("https://site.example/Pricing?x=1"))
    assert not signals["pricing-click"].fits(click())
    assert signals["mail-click"].fits(click())
    assert not signals["mail-click"].fits(form("ebook"))
    assert not signals["guide"].fits(form("webinar"))


TITLES = [
    # the title, and the points it gives in the test agreement
    ("CEO", 30),
    ("Founder & CEO", 30),
    ("ceo/owner", 30),
    ("Managing Director, Nordics", 30),
    ("Assistant to the CEO", 0),
    ("Manager", 20),
    ("Head of Operations", 20),
    ("Headhunter", None),
    ("Oceonaut", None),
    ("", None),
]


@pytest.mark.parametrize(("title", "points"), TITLES)
def test_titles_are_read_by_whole_words_and_the_first_row_wins(title: str, points: int | None) -> None:
    assert next((row.points for row in AGREEMENT.fit.titles if row.fits(title)), None) == points


def test_company_sizes_include_both_ends() -> None:
    mid = AGREEMENT.fit.employees[0]
    assert [mid.fits(people) for people in (49, 50, 500, 501)] == [False, True, True, False]
    assert not mid.fits("a hundred")


def test_a_domain_covers_its_hosts_but_not_its_namesakes() -> None:
    assert at_domain("a@Rival.example", ["rival.example"])
    assert at_domain("a@mail.rival.example", ["rival.example"])
    assert not at_domain("a@notrival.example", ["rival.example"])
    assert not at_domain(None, ["rival.example"])


def test_words_are_taken_as_written_not_as_patterns() -> None:
    assert any_word(["c++"]).search("Lead C++ developer")
    assert not any_word(["a.b"]).search("axb")


def test_every_field_says_what_it_means() -> None:
    models = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    silent = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.description and name != "date"
    ]
    assert silent == []
