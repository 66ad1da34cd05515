"""The people of one company: grouped, told of together, and with one rep."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import Database
from nurture import alerts
from nurture.accounts import account_of, colleagues, fill_in
from nurture.core.fit import FreeMail
from nurture.handoff import qualify_due, reject
from nurture.handoff.reassign import reassign
from tests.office import IDEAL, KARI, TOM, Office
from tests.test_alerts_lost import told

DOMAINS = [
    ("mona@mill.no", "mill.no"),
    ("mona@post.mill.no", "mill.no"),
    ("Mona@MILL.co.uk", "mill.co.uk"),
    ("mona@bergen.kommune.no", "bergen.kommune.no"),
    ("mona@mill.blogspot.com", "mill.blogspot.com"),
    ("mona@mill.example", "mill.example"),
    ("mona@post.mill.example.com", "mill.example.com"),
    ("mona@example.com", None),
    ("mona@gmail.com", None),
    ("mona@googlemail.com", None),
    ("mona@mail.gmx.de", None),
    ("mona@co.uk", None),
    ("mona@localhost", None),
    ("mona", None),
    ("", None),
]


@pytest.mark.parametrize(("email", "account"), DOMAINS)
def test_a_company_is_known_by_its_mail_domain(email: str, account: str | None) -> None:
    assert account_of(email) == account


def test_the_agreements_own_free_mail_makes_no_company_either(here: Office) -> None:
    config = here.ports.project.config
    fit = config.agreement.fit.model_copy(update={"free_mail": FreeMail(domains=("isp.example",), points=-10)})
    local = config.model_copy(update={"agreement": config.agreement.model_copy(update={"fit": fit})})
    assert account_of("mona@isp.example") == "isp.example"
    assert account_of("mona@isp.example", local) is None


def test_leads_get_their_account_at_intake_and_old_ones_afterwards(office: Office) -> None:
    """Statement 27: by a form or a list, it is the same company."""
    office.submit("ebook", "mona@post.mill.no")
    office.add_lead("per@mill.no")
    office.add_lead("ola@gmail.com")
    accounts = "SELECT account FROM lead ORDER BY id"
    assert [row.account for row in office.rows(accounts)] == ["mill.no", "mill.no", None]
    with office.database.transaction("as before") as connection:
        connection.execute(text("UPDATE lead SET account = NULL"))
    assert (fill_in(office.ports), fill_in(office.ports)) == (2, 0)
    assert [row.account for row in office.rows(accounts)] == ["mill.no", "mill.no", None]


# --- surge ------------------------------------------------------------------------------------------------------


def warm_up(office: Office, *names: str, form: str = "ebook") -> None:
    for name in names:
        office.submit(form, f"{name}@mill.example", first_name=name.title(), company="Mill")
        qualify_due(office.ports)


def surges(office: Office) -> list[dict[str, object]]:
    with office.database.reading() as connection:
        rows = connection.execute(text("SELECT payload FROM outbox WHERE kind = 'surge_alert' ORDER BY id"))
        import json

        return [row.payload if isinstance(row.payload, dict) else json.loads(row.payload) for row in rows]


def test_several_warm_people_of_one_company_are_told_of_once_and_nobody_is_promoted_by_it(office: Office) -> None:
    """Statement 52: one alert to one rep, which says who is warm and who is still cold."""
    for name in ("cold", "frost"):
        office.add_lead(f"{name}@mill.example", first_name=name.title(), last_name="")
    warm_up(office, "mona")
    assert surges(office) == []
    warm_up(office, "per", "ida")
    (told,) = surges(office)
    assert (told["owner"], told["people"]) == ("kari", [3, 4])
    assert {row.stage for row in office.rows("SELECT stage FROM lead")} == {"iql"}
    alerts.deliver(office.ports)
    (mail,) = office.alerts
    assert mail.to.address == "kari@example.com"
    assert mail.subject == "Mill warms up: 3 people in 30 days"
    warm, _, cold = mail.text.partition("STILL COLD")
    assert all(name in warm for name in ("Mona", "Per", "Ida")) and all(name in cold for name in ("Cold", "Frost"))


def test_a_company_is_told_of_again_only_after_its_quiet_days(office: Office) -> None:
    warm_up(office, "mona", "per")
    office.pass_time(days=13)
    warm_up(office, "ida")
    assert len(surges(office)) == 1
    office.pass_time(days=2)
    warm_up(office, "ola")
    assert len(surges(office)) == 2
    office.pass_time(days=15)
    warm_up(office, "ola", form="webinar")
    assert len(surges(office)) == 2, "one person alone is no news of a company"


def test_a_company_of_which_somebody_is_handed_over_at_that_moment_is_told_with_it(here: Office) -> None:
    for name in ("mona", "per"):
        here.submit("ebook", f"{name}@mill.example")
    here.submit("demo", "ida@mill.example")
    assert qualify_due(here.ports) == 1
    assert surges(here) == []


def test_two_workers_at_once_tell_of_a_company_once(postgres_database: Database, tmp_path: Path) -> None:
    office = Office(postgres_database, tmp_path)
    for name in ("mona", "per", "ida", "ola"):
        office.submit("ebook", f"{name}@mill.example")
    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(qualify_due, office.ports) for _ in range(4)]:
            done.result()
    assert len(surges(office)) == 1


def test_what_an_old_list_tells_is_no_news_of_a_company(here: Office) -> None:
    for name in ("mona", "per"):
        here.submit("ebook", f"{name}@mill.example", occurred_at="2026-03-01T09:00:00Z")
    qualify_due(here.ports)
    assert surges(here) == []


LONELY = {
    "one person": ["mona@mill.example"],
    "free mail": ["mona@gmail.com", "per@gmail.com"],
    "a competitor": ["mona@rival.example", "per@rival.example"],
    "two companies": ["mona@mill.example", "per@mine.example"],
}


@pytest.mark.parametrize("emails", LONELY.values(), ids=LONELY)
def test_no_company_is_told_of(here: Office, emails: list[str]) -> None:
    for email in emails:
        here.submit("ebook", email)
    qualify_due(here.ports)
    assert surges(here) == []


def test_whom_sales_must_leave_alone_is_not_among_the_people(here: Office) -> None:
    """Statement 84: not even by way of the company."""
    warm_up(here, "mona")
    here.submit("ebook", "per@mill.example")
    with here.database.transaction("asked") as connection:
        connection.execute(text("UPDATE lead SET no_sales_contact = TRUE WHERE id = 2"))
    qualify_due(here.ports)
    assert surges(here) == []
    with here.database.reading() as connection:
        assert colleagues(connection, here.ports.project, "mill.example", 1, here.clock.now()) == []


# --- handoffs of colleagues -------------------------------------------------------------------------------------


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path, owners=[KARI, TOM])


def earn(office: Office, name: str, company: str = "mill") -> None:
    """A lead becomes ready by points: in two days, with intent."""
    email = f"{name}@{company}.example"
    office.add_lead(email, first_name=name.title(), company="Mill", **IDEAL)
    office.earn(email)
    qualify_due(office.ports)


def test_a_colleague_goes_to_the_same_rep_and_joins_the_open_one(two: Office) -> None:
    earn(two, "mona")
    earn(two, "per")
    assert told(two) == [("delivered", None), ("pending", None)], "the first one is on its way"
    rows = two.rows("SELECT owner, assigned_because, state FROM handoff ORDER BY id")
    assert [row.owner for row in rows] == ["kari", "kari"]
    assert rows[1].assigned_because == "its company belongs to this rep"
    two.pass_time(minutes=1)
    assert told(two) == [("delivered", None), ("delivered", "told with handoff 1")]
    assert len(two.alerts) == 1
    assert surges(two) == [], "the open one tells of the company"


def test_a_colleague_who_asks_for_a_person_is_told_at_once(two: Office) -> None:
    earn(two, "mona")
    two.submit("demo", "per@mill.example")
    qualify_due(two.ports)
    assert told(two) == [("delivered", None), ("delivered", None)]
    assert [mail.to.address for mail in two.alerts] == ["kari@example.com", "kari@example.com"]


def test_when_nobody_of_the_company_is_in_hand_the_next_one_is_told(two: Office) -> None:
    earn(two, "mona")
    told(two)
    reject(two.ports, 1, "kari", "not_ready")
    earn(two, "per")
    assert told(two)[-1] == ("delivered", None)


def test_who_gets_a_lead_of_a_company_gets_its_next_ones(two: Office) -> None:
    earn(two, "mona")
    reassign(two.ports, 1, by="kari", to="tom")
    earn(two, "per")
    assert two.rows("SELECT owner FROM handoff ORDER BY id")[1].owner == "tom"
