"""The page behind the link in every mail: topics, how often, a pause, coming back, being forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.words import Suppression
from nurture.advance import tick
from nurture.content import load_project
from nurture.suppress import suppress
from tests.office import START, WELCOME, Office
from tests.support import write_project
from tests.web.conftest import Visitor

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def office(here: Office) -> Office:
    """Mails with topics: the second one of the sequence is about offers."""
    root = here.ports.project.root
    texts = {"welcome": WELCOME.replace("email: tofu/two", "email: tofu/two, topic: offers")}
    write_project(root, sequences=texts, templates=["tofu/one", "tofu/two"], caps=[])
    config = (root / "nurture.yaml").read_text()
    topics = '"topics": {"guides": "Guides", "offers": "Prices & offers"},'
    (root / "nurture.yaml").write_text(config.replace("{", "{" + topics, 1))
    project = load_project(root)
    here.ports.library.publish(project, here.clock.now())
    object.__setattr__(here.ports, "project", project)
    return here


def save(visitor: Visitor, link: str, body: str) -> str:
    answer = visitor.post(f"{link}/keep", content=body, headers=FORM)
    assert answer.status_code == 200
    return answer.text


def mails(office: Office, days: float) -> int:
    """How many mails have left when so many days have gone by, looked at every twelve hours."""
    for _ in range(int(days * 2)):
        office.pass_time(hours=12)
        tick(office.ports)
    return len(office.mailer.emails)


def test_what_was_ticked_is_what_one_gets(office: Office, visitor: Visitor, link: str) -> None:
    page = save(visitor, link, "topic=guides&often=usual")
    assert 'value="guides" checked' in page and 'value="offers">' in page
    row = office.one("SELECT topic, source FROM topic_refusal")
    assert tuple(row) == ("offers", "preference page")
    assert mails(office, 6) == 1
    assert office.one("SELECT state, reason FROM enrollment").reason == "finished"


def test_a_topic_can_be_ticked_again(office: Office, visitor: Visitor, link: str) -> None:
    save(visitor, link, "often=usual")
    save(visitor, link, "topic=guides&topic=offers&topic=made-up&often=usual")
    assert office.rows("SELECT 1 FROM topic_refusal") == []
    assert mails(office, 6) == 2


def test_seldom_is_one_mail_in_two_weeks(office: Office, visitor: Visitor, link: str) -> None:
    assert 'value="seldom" checked' in save(visitor, link, "topic=guides&topic=offers&often=seldom")
    assert mails(office, 13.5) == 1
    assert mails(office, 0.5) == 2


def test_a_pause_holds_mail_and_ends_by_itself(office: Office, visitor: Visitor, link: str) -> None:
    page = save(visitor, link, "topic=guides&topic=offers&often=pause")
    assert "No mail until Mon 1 Jun" in page
    assert mails(office, 89.5) == 1
    why = office.one("SELECT state, why FROM enrollment")
    assert why.state == "active" and "paused by the reader, or away, until" in why.why
    assert mails(office, 1) == 2


def test_saving_a_pause_again_does_not_make_it_longer(office: Office, visitor: Visitor, link: str) -> None:
    save(visitor, link, "often=pause")
    before = office.one("SELECT paused_until FROM address").paused_until
    office.pass_time(days=30)
    save(visitor, link, "topic=guides&often=pause")
    assert office.one("SELECT paused_until FROM address").paused_until == before


def test_whoever_ends_its_pause_is_mailed_at_once(office: Office, visitor: Visitor, link: str) -> None:
    save(visitor, link, "topic=offers&often=pause")
    assert mails(office, 20) == 1
    save(visitor, link, "topic=offers&often=usual")
    tick(office.ports)
    assert len(office.mailer.emails) == 2


def test_a_pause_that_comes_between_plan_and_hand_over_holds_the_mail(
    office: Office, visitor: Visitor, link: str
) -> None:
    office.pass_time(days=5)

    def pauses(moment: str) -> None:
        if moment == "claim: after":
            office.database.hook = lambda _: None
            save(visitor, link, "topic=offers&often=pause")

    office.database.hook = pauses
    tick(office.ports)
    assert len(office.mailer.emails) == 1
    assert office.one("SELECT state FROM enrollment").state == "active"


def test_a_wish_takes_no_mail_from_whoever_is_sending_it(office: Office, visitor: Visitor, link: str) -> None:
    office.pass_time(days=5)
    leased = []

    def wishes(moment: str) -> None:
        if moment == "claim: after":
            office.database.hook = lambda _: None
            save(visitor, link, "topic=offers&often=usual")
            leased.append(office.one("SELECT due_at = lease_until AS held FROM enrollment").held)

    office.database.hook = wishes
    tick(office.ports)
    assert leased == [1]
    assert len(office.mailer.emails) == 2


@pytest.mark.parametrize("reason", [Suppression.OPT_OUT, Suppression.COMPLAINT, Suppression.SUNSET])
def test_only_the_reader_itself_comes_back_and_the_log_has_it(
    office: Office, visitor: Visitor, link: str, reason: Suppression
) -> None:
    with office.database.transaction("test") as connection:
        suppress(connection, [1], reason, "test", office.clock.now())
    assert "Send me mail again" in visitor.get(link).text
    page = visitor.post(f"{link}/again").text
    assert "You are on the list again" in page and "Stop all mail" in page
    assert office.one("SELECT suppressed FROM address").suppressed is None
    entry = office.rows("SELECT act, ground, source FROM consent ORDER BY id")[-1]
    assert tuple(entry) == ("given", "consent", "preference page")


@pytest.mark.parametrize("reason", [Suppression.ERASED, Suppression.HARD_BOUNCE, Suppression.SOFT_BOUNCE])
def test_nobody_comes_back_from_a_bounce_or_from_being_erased(
    office: Office, visitor: Visitor, link: str, reason: Suppression
) -> None:
    until = START + timedelta(days=90) if reason is Suppression.SOFT_BOUNCE else None
    with office.database.transaction("test") as connection:
        suppress(connection, [1], reason, "test", office.clock.now(), until)
    visitor.post(f"{link}/again")
    assert office.one("SELECT suppressed FROM address").suppressed == reason
    assert [row.act for row in office.rows("SELECT act FROM consent")] == ["given"]


def test_coming_back_twice_or_without_having_left_changes_nothing(office: Office, visitor: Visitor, link: str) -> None:
    visitor.post(f"{link}/again")
    assert [row.act for row in office.rows("SELECT act FROM consent")] == ["given"]
    assert office.one("SELECT version FROM address").version == 0


def test_the_wish_to_be_erased_is_kept_and_mail_stops_at_once(office: Office, visitor: Visitor, link: str) -> None:
    assert "erased within a month" in visitor.post(f"{link}/erase", data={"sure": "yes"}).text
    visitor.post(f"{link}/erase", data={"sure": "yes"})
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"
    assert office.one("SELECT address_id FROM erasure_request").address_id == 1


def test_nobody_is_erased_who_did_not_tick_the_box(office: Office, visitor: Visitor, link: str) -> None:
    assert "Nothing was erased" in visitor.post(f"{link}/erase").text
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert office.rows("SELECT 1 FROM erasure_request") == []


@pytest.mark.parametrize("button", ["", "/keep", "/again", "/erase"])
def test_a_link_that_is_not_real_gives_the_same_answers(
    office: Office, visitor: Visitor, link: str, button: str
) -> None:
    made_up = "/u/" + "x" * 22
    sent = {"content": "topic=guides&topic=offers&often=usual&sure=yes", "headers": FORM}
    real, unreal = visitor.post(f"{link}{button}", **sent), visitor.post(f"{made_up}{button}", **sent)
    assert real.status_code == unreal.status_code == 200
    assert real.text.replace(link, made_up) == unreal.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize("button", ["", "/keep", "/again", "/erase"])
def test_scanners_and_prefetches_change_nothing(
    office: Office, visitor: Visitor, link: str, method: str, button: str
) -> None:
    before = office.rows("SELECT * FROM address")
    headers = {"Sec-Purpose": "prefetch;prerender", "User-Agent": "Mimecast"}
    assert visitor.request(method, f"{link}{button}?often=pause&sure=yes", headers=headers).status_code in (200, 405)
    assert office.rows("SELECT * FROM address") == before
    assert office.rows("SELECT 1 FROM topic_refusal UNION SELECT 1 FROM erasure_request") == []


@pytest.mark.parametrize(
    "sent",
    [
        {"content": "often=never&topic=%00&topic=%27%20OR%201", "headers": FORM},
        {"content": b"\xff" * 1000, "headers": FORM},
        {"content": "topic=a&" * 5000, "headers": FORM},
        {"content": "topic=guides", "headers": FORM},
        {},
        {"content": b"{}", "headers": {"Content-Type": "application/json"}},
        {"files": {"topic": ("x.txt", b"x")}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ],
)
def test_strange_wishes_are_never_a_fault_of_ours(
    office: Office, visitor: Visitor, link: str, sent: dict[str, object]
) -> None:
    before = office.rows("SELECT * FROM address")
    assert visitor.post(f"{link}/keep", **sent).status_code in (200, 400)
    assert office.rows("SELECT * FROM address") == before
    assert office.rows("SELECT 1 FROM topic_refusal") == []  # what cannot be read is no wish


def test_the_page_works_without_scripts_and_names_nobody(visitor: Visitor, link: str) -> None:
    answer = visitor.get(link)
    assert "<script" not in answer.text and "mona" not in answer.text.lower()
    assert answer.headers["cache-control"] == "no-store" and "set-cookie" not in answer.headers


def test_whoever_comes_back_is_not_erased_afterwards(office: Office, visitor: Visitor, link: str) -> None:
    visitor.post(f"{link}/erase", content=b"sure=yes", headers=FORM)
    assert office.one("SELECT COUNT(*) FROM erasure_request") == (1,)
    visitor.post(f"{link}/again")
    assert office.one("SELECT COUNT(*) FROM erasure_request") == (0,)
    assert office.one("SELECT suppressed FROM address WHERE id = 1") == (None,)
