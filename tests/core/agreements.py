"""An agreement and a few acts to test with: small round numbers, one of each kind of thing."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from nurture.core.agreement import Agreement
from nurture.core.facts import Engagement

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

TERMS: dict[str, Any] = {
    "agreed_by": {
        "marketing": {"name": "Ida Solberg", "date": "2026-01-12"},
        "sales": {"name": "Jonas Brekke", "date": "2026-01-12"},
    },
    "fit": {
        "base": 20,
        "titles": [
            {"words": ["assistant"], "points": 0},
            {"words": ["ceo", "managing director"], "points": 30},
            {"words": ["manager", "head"], "points": 20},
        ],
        "employees": [{"at_least": 50, "at_most": 500, "points": 20}, {"at_least": 501, "points": 10}],
        "industries": [{"words": ["food"], "points": 20}],
        "countries": [{"codes": ["NO", "SE"], "points": 10}],
        "free_mail": {"domains": ["gmail.com"], "points": -10},
    },
    "grid": {"letters": {"A": 70, "B": 50, "C": 30}, "digits": {1: 60, 2: 35, 3: 15}},
    "hand_raise": {"forms": ["demo", "call-me"]},
    "signals": {
        "pricing-click": {"about": "clicked through to the prices", "kind": "clicked", "link": "pricing", "points": 5,
                          "half_life_days": 14},
        "mail-click": {"about": "clicked a link in a mail", "kind": "clicked", "points": 3, "half_life_days": 21,
                       "at_most": {"points": 6, "per": "week"}},
        "guide": {"about": "asked for a guide", "kind": "submitted", "forms": ["ebook", "checklist"], "points": 4,
                  "half_life_days": 30, "at_most": {"points": 4, "per": "day"}},
        "webinar": {"about": "signed up for the webinar", "kind": "submitted", "forms": ["webinar"], "points": 15,
                    "half_life_days": 30},
        "prices": {"about": "asked for prices", "kind": "submitted", "forms": ["pricing"], "points": 20,
                   "half_life_days": 10, "intent": True},
    },
    "settle_minutes": 10,
    "mql": [
        {"text": "Could be our customer", "fit_at_least": 30},
        {"text": "Is engaged", "score_at_least": 15},
        {"text": "Did two different kinds of things", "kinds_at_least": 2, "within_days": 30},
        {"text": "Came back on another day", "days_at_least": 2, "within_days": 30},
    ],
    "sql": [
        {"text": "Means to buy", "intent_within_days": 14},
        {"text": "Fits for how engaged it is", "cell_in": ["A1", "A2", "B1"]},
        {"text": "Did something of late", "acted_within_days": 14},
        {"text": "We know whom to call", "known": ["name", "company", "reachable"]},
    ],
    "disqualify": [
        {"because": "works for a competitor", "domains": ["rival.example"]},
        {"because": "studies and does not buy", "titles": ["student", "intern"]},
        {"because": "we do not serve the country", "countries": ["KP"]},
    ],
    "sla": {"hand_raise_minutes": 5, "accept_hours": 4},
    "reject_reasons": {
        "not_ready": {"label": "Not ready yet", "track": "recycle", "after_days": 90},
        "wrong_fit": {"label": "Wrong fit", "track": "disqualify"},
        "other": {"label": "Something else", "track": "recycle", "after_days": 90, "needs_note": True},
    },
    "owners": [{"key": "kari", "name": "Kari Lund", "address": "kari@example.com"}],
}  # fmt: skip

#: a lead that fits perfectly and of whom everything is known
IDEAL: dict[str, object] = {
    "email": "mona@mill.example",
    "first_name": "Mona",
    "company": "Mill",
    "title": "Managing Director",
    "employees": 120,
    "industry": "Food",
    "country": "NO",
}


def terms(**changes: Any) -> dict[str, Any]:
    """The terms as they are read from YAML, with some parts put differently."""
    return deepcopy(TERMS) | changes


def agreement(**changes: Any) -> Agreement:
    return Agreement.model_validate(terms(**changes))


AGREEMENT = agreement()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def form(name: str, days: float = 0) -> Engagement:
    """A form sent so many days before NOW."""
    return Engagement("submitted", days_ago(days), name=name)


def click(url: str = "https://site.example/guide", days: float = 0) -> Engagement:
    """A link clicked in the welcome mail so many days before NOW."""
    return Engagement("clicked", days_ago(days), template="tofu/welcome", url=url)
