"""The agreement that comes with nurture: what weighs more than what, and who gets through."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from nurture.content import load_project
from nurture.core.agreement import Agreement
from nurture.core.facts import Engagement
from nurture.core.lifecycle import Stage
from nurture.core.qualify import Qualification
from nurture.core.score import score
from nurture.core.whatif import Case
from tests.core.agreements import IDEAL, NOW, days_ago
from tests.support import REPOSITORY


@pytest.fixture(scope="module")
def ours() -> Agreement:
    return load_project(REPOSITORY).config.agreement


def form(name: str, days: float = 0) -> Engagement:
    return Engagement("submitted", days_ago(days), name=name)


def page(path: str, days: float = 0) -> Engagement:
    return Engagement("visited", days_ago(days), url=path, key=f"{path}{days}".encode())


#: each weighs more than the one after it
WEIGHTS = [
    # Statement 45: content late in the buyer's journey says more than content early in it
    [form("roi-calculator"), form("comparison"), form("ebook"), page("/guides/night-load")],
    # Statement 72: who came says more than who signed up, a demo more than a scanned badge
    [form("webinar-attended"), form("webinar")],
    [form("tradeshow-demo"), form("tradeshow")],
    # Statement 35: nothing says more than words of one's own
    [Engagement("replied", NOW, name="question"), page("/pricing"), Engagement("clicked", NOW, url="/pricing")],
    [Engagement("clicked", NOW, url="/pricing"), Engagement("clicked", NOW, url="/guides"), page("/jobs")],
]


#: what other companies give, see docs/scoring.md: a guess until sales' answers say better
USUAL = {
    "mail-click": (3, 21), "guide": (4, 30), "comparison": (10, 30), "webinar": (5, 30), "webinar-attended": (15, 30),
    "booth-scan": (3, 30), "booth-demo": (20, 30), "savings": (15, 14), "prices": (20, 7), "reply": (20, 30),
}  # fmt: skip


@pytest.mark.parametrize("terms", [REPOSITORY / "nurture.yaml", REPOSITORY / "presets/b2b-services/agreement.yaml"])
def test_points_are_the_usual_ones(terms: Path) -> None:
    """Statement 72: whoever only signed up for a webinar has done a third of what whoever came has."""
    signals = YAML(typ="safe", pure=True).load(terms)["agreement"]["signals"]
    assert {name: (signals[name]["points"], signals[name]["half_life_days"]) for name in USUAL} == USUAL


def test_whoever_works_alone_tells_signing_up_from_coming_too() -> None:
    """Statement 72, with fewer signals."""
    alone = YAML(typ="safe", pure=True).load(REPOSITORY / "presets/founder/agreement.yaml")["agreement"]
    points = {form: signal["points"] for signal in alone["signals"].values() for form in signal.get("forms", ())}
    assert (points["webinar"], points["webinar-attended"]) == (5, 15)
    assert points["tradeshow"] < points["tradeshow-demo"]


@pytest.mark.parametrize("row", WEIGHTS, ids=lambda row: row[0].name or row[0].url)
def test_what_says_more_weighs_more(ours: Agreement, row: list[Engagement]) -> None:
    """Statement 45: late content weighs more. Statement 72: attended, registered, demo, scan. Statement 35: replies."""
    for more, less in pairwise(row):
        assert score([more], {}, ours, NOW).engagement > score([less], {}, ours, NOW).engagement


def test_a_day_of_visits_counts_once(ours: Agreement) -> None:
    binge = [page("/guides", hour / 24) for hour in range(8)]
    assert score(binge, {}, ours, NOW).engagement == 1


def test_whoever_looks_for_a_job_is_told_of_and_scores_nothing(ours: Agreement) -> None:
    found = score([page("/jobs/engineer")], {}, ours, NOW)
    assert (found.engagement, found.flags) == (0, ("job seeker",))


def ask(ours: Agreement, *acts: Engagement, stage: Stage = "iql", **lead: object) -> Qualification:
    return Case(acts, IDEAL | lead, ours, NOW, stage=stage).answer()


WARM = (form("ebook", 9), form("webinar-attended", 3))


def test_reading_the_site_makes_no_mql_and_asking_for_something_does(ours: Agreement) -> None:
    """Statement 34: two kinds of things on many days, and nothing asked for."""
    visits = [page(path, day) for day in range(20) for path in ("/pricing", "/guides")]
    clicks = [Engagement("clicked", days_ago(day), url=f"/guides/{day}") for day in range(20)]
    assert ask(ours, *visits, *clicks).to is None
    assert ask(ours, *visits, *clicks, form("ebook", 40)).to == "mql"


def test_sales_gets_who_means_to_buy_knows_us_and_is_open(ours: Agreement) -> None:
    """Statement 2: dealings. Statement 48: openness."""
    assert ask(ours, *WARM).to == "mql"
    assert ask(ours, *WARM, form("pricing", 1), stage="mql").to == "sql"
    assert ask(ours, *WARM, form("tradeshow-demo", 2), stage="mql").to is None, "warm, and shows no intent"
    assert ask(ours, form("roi-calculator", 2), form("pricing", 2), stage="mql").to is None, "hot, and hardly knows us"


def test_interest_that_grew_cold_is_no_reason_to_call(ours: Agreement) -> None:
    """Statement 85."""
    acts = (*WARM, form("roi-calculator", 1.5), form("pricing", 1), form("tradeshow-demo", 2))
    assert ask(ours, *acts, stage="mql").to == "sql"
    later = NOW + timedelta(days=15)
    assert Case(acts, IDEAL, ours, later, stage="mql").answer().to is None


@pytest.mark.parametrize("title", ["Student", "Werkstudentin", "Stagiaire", "Lærling", "Becario", "Marketing intern"])
def test_whoever_studies_never_reaches_sales(ours: Agreement, title: str) -> None:
    assert ask(ours, form("demo"), title=title).to is None


def test_each_list_can_be_read_at_a_glance(ours: Agreement) -> None:
    """Statement 39: at most seven rules."""
    assert len(ours.mql) <= 7
    assert len(ours.sql) <= 7
