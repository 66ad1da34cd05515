"""Webhooks: signed, at least once under one id, each receiver for itself; what is wrong is told without secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.statement import write
from nurture.announce import tell as announce
from nurture.delivery import BACKOFF, Delivered
from nurture.mail import Outcome
from nurture.status import status
from nurture.webhooks import deliver, post, retry
from nurture.webhooks.lane import event_id
from tests.office import Office
from tests.receiver import OTHER_SECRET, SECRET, Answer, Receiver, connect, reach, states, todo
from tests.support import REPOSITORY

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_the_receiver_gets_what_is_known_of_the_lead_signed(office: Office, crm: Receiver) -> None:
    connect(office, crm=crm.url)
    reach(office, office.add_lead(country="NO"))
    reached = office.clock.now()
    office.pass_time(minutes=2)
    assert deliver(office.ports) == Delivered(sent=1)
    (got,) = crm.got
    assert got.genuine
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-timestamp"] == str(int(office.clock.now().timestamp()))
    assert got.body == {
        "type": "lead.step_reached",
        "timestamp": reached.isoformat().replace("+00:00", "Z"),
        "data": {
            "enrollment_id": 7,
            "sequence": "welcome",
            "step": "tell",
            "lead": {
                "id": 1, "email": "mona@mill.example", "first_name": "Mona", "last_name": "Berg", "company": "Mill",
                "country": "NO", "stage": "iql", "is_customer": False, "fit": 30, "score": 0, "grade": "C4",
                "funnel": "tofu",
            },
        },
    }  # fmt: skip
    assert states(office) == [("delivered", None)]
    attempt = office.one("SELECT mailer, state, n, outbox_id FROM attempt")
    assert tuple(attempt) == ("webhook:crm", "accepted", 1, 1)
    assert deliver(office.ports) == Delivered()


def test_what_somebody_changed_or_made_up_is_refused_by_the_receiver(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    deliver(here.ports)
    (got,) = crm.got
    assert crm.is_genuine(got.headers, got.raw)
    assert not crm.is_genuine(got.headers, got.raw.replace(b"Mona", b"Omar"))
    assert not crm.is_genuine(got.headers | {"webhook-id": "msg_of-another"}, got.raw)
    earlier = str(int(got.headers["webhook-timestamp"]) - 1)
    assert not crm.is_genuine(got.headers | {"webhook-timestamp": earlier}, got.raw)
    with Receiver(OTHER_SECRET) as stranger:
        assert not stranger.is_genuine(got.headers, got.raw)


def test_while_a_secret_changes_both_sign(here: Office, crm: Receiver) -> None:
    connect(here, f"{OTHER_SECRET}, {SECRET}", crm=crm.url)
    reach(here, here.add_lead())
    deliver(here.ports)
    assert crm.got[0].genuine
    with Receiver(OTHER_SECRET) as renewed:
        assert renewed.is_genuine(crm.got[0].headers, crm.got[0].raw)


def test_a_step_is_told_once_however_often_it_is_written(office: Office, crm: Receiver) -> None:
    connect(office, crm=crm.url)
    lead = office.add_lead()
    reach(office, lead)
    reach(office, lead)
    reach(office, lead, step="another")
    assert deliver(office.ports) == Delivered(sent=2)
    assert len({got.id for got in crm.got}) == 2


def test_an_event_of_another_kind_needs_only_a_call(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    lead = here.add_lead()
    with here.database.transaction("promote") as connection:
        announce(connection, "crm", "lead.promoted", lead_id=lead, data={"to": "sql"}, key="promoted:1", now=NOW)
    deliver(here.ports)
    assert crm.got[0].body["type"] == "lead.promoted"
    assert crm.got[0].body["timestamp"] == "2026-03-03T09:00:00Z"
    assert crm.got[0].body["data"]["to"] == "sql"


def test_another_installation_has_other_ids() -> None:
    assert event_id("a", "webhook:1:tell") == event_id("a", "webhook:1:tell")
    assert event_id("a", "webhook:1:tell") != event_id("b", "webhook:1:tell")


def keys(value: object) -> object:
    return {name: keys(one) for name, one in value.items()} if isinstance(value, dict) else None


def test_the_receivers_page_shows_what_is_sent_and_how_to_check_it(here: Office, crm: Receiver) -> None:
    page = (REPOSITORY / "docs" / "webhooks.md").read_text()
    shown, code = (page.split(f"```{language}\n")[1].split("```")[0] for language in ("json", "python"))
    connect(here, crm=crm.url)
    known = {"title": "CEO", "industry": "food", "employees": 9, "country": "NO", "language": "nb", "phone": "1"}
    lead = here.add_lead(**known, source="webinar", asset="night-load")
    with here.database.transaction("own") as connection:
        connection.execute(write("UPDATE lead SET owner = 'kari'"))
    reach(here, lead)
    deliver(here.ports)
    (got,) = crm.got
    assert keys(json.loads(shown)) == keys(got.body)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["read"](got.raw, got.headers, SECRET) == got.body
    assert names["read"](got.raw + b" ", got.headers, SECRET) is None


# --- answers


@pytest.mark.parametrize(
    ("code", "retry_after", "outcome", "reason", "pause"),
    [
        (200, "", Outcome.ACCEPTED, "", None),
        (299, "10", Outcome.ACCEPTED, "", None),
        (410, "", Outcome.REJECTED, "the receiver is gone (410)", None),
        (302, "", Outcome.NOT_ACCEPTED, "answered 302; redirects are not followed", None),
        (404, "", Outcome.NOT_ACCEPTED, "answered 404", None),
        (500, "", Outcome.NOT_ACCEPTED, "answered 500", None),
        (503, "120", Outcome.NOT_ACCEPTED, "answered 503", 120),
        (503, "soon", Outcome.NOT_ACCEPTED, "answered 503", None),
        (503, "Tue, 03 Mar 2026 09:10:00 GMT", Outcome.NOT_ACCEPTED, "answered 503", 600),
        (503, "Tue, 03 Mar 2026 08:00:00 GMT", Outcome.NOT_ACCEPTED, "answered 503", 0),
        (429, "", Outcome.NOT_ACCEPTED, "answered 429", 60),
        (429, "9999999999", Outcome.NOT_ACCEPTED, "answered 429", 86_400),
        (429, "9" * 400, Outcome.NOT_ACCEPTED, "answered 429", 86_400),
        (429, "²", Outcome.NOT_ACCEPTED, "answered 429", 60),
    ],
)
def test_what_an_answer_means(code: int, retry_after: str, outcome: Outcome, reason: str, pause: float | None) -> None:
    receipt = post.read_answer(post.Message("msg_1", "a", b"{}"), code, retry_after, NOW)
    assert (receipt.outcome, receipt.reason, receipt.retry_after) == (outcome, reason, pause)


def test_a_retry_has_the_same_id_and_a_signature_of_its_own(office: Office, crm: Receiver) -> None:
    connect(office, crm=crm.url)
    reach(office, office.add_lead())
    crm.script(Answer(500))
    assert deliver(office.ports) == Delivered(again=1)
    assert states(office) == [("pending", "answered 500")]
    office.pass_time(seconds=59)
    assert deliver(office.ports) == Delivered()
    office.pass_time(seconds=1)
    assert deliver(office.ports) == Delivered(sent=1)
    first, second = crm.got
    assert first.id == second.id
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.genuine
    assert second.genuine
    assert states(office) == [("delivered", None)]


def test_a_receiver_that_is_gone_is_not_asked_again(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    crm.otherwise = Answer(410)
    assert deliver(here.ports) == Delivered(dead=1)
    [(what, do)] = todo(here)
    assert what.startswith("1 events for webhook crm could not be delivered and are given up: the receiver is gone")
    assert do == "mend that, then: nurture webhooks retry crm"


def test_after_three_days_it_is_given_up_and_a_person_can_try_again(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    start = here.clock.now()
    crm.otherwise = Answer(404)
    while here.one("SELECT state FROM outbox").state == "pending":
        deliver(here.ports)
        here.clock.advance(BACKOFF[-1])
    assert timedelta(days=3) < here.clock.now() - start < timedelta(days=3, hours=5)
    assert states(here) == [("dead", "answered 404")]
    crm.otherwise = Answer()
    assert retry(here.ports, "erp") == 0
    assert retry(here.ports, "crm") == 1
    assert deliver(here.ports) == Delivered(sent=1)
    assert len({got.id for got in crm.got}) == 1


def test_redirects_are_not_followed(here: Office, crm: Receiver, erp: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    crm.otherwise = Answer(307, {"Location": erp.url})
    assert deliver(here.ports) == Delivered(again=1)
    assert erp.got == []


def test_who_asks_to_slow_down_is_left_alone_with_everything(here: Office, crm: Receiver, erp: Receiver) -> None:
    connect(here, crm=crm.url, erp=erp.url)
    lead = here.add_lead()
    reach(here, lead)
    crm.script(Answer(429, {"Retry-After": "600"}))
    assert deliver(here.ports) == Delivered(again=1)
    reach(here, lead, step="later")
    reach(here, lead, step="else", webhook="erp")
    here.pass_time(seconds=599)
    assert deliver(here.ports) == Delivered(sent=1)
    assert (len(crm.got), len(erp.got)) == (1, 1)
    [gate] = status(here.ports, here.clock.now()).gates
    assert (gate.name, gate.reason) == ("webhook:crm", "answered 429")
    here.pass_time(seconds=1)
    assert deliver(here.ports) == Delivered(sent=2)


def test_a_receiver_that_does_not_answer_is_asked_again_in_a_minute(
    here: Office, crm: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    crm.script(Answer(hang=True))
    with monkeypatch.context() as patch:
        patch.setattr(post, "TOTAL_SECONDS", 1.5)
        assert deliver(here.ports) == Delivered(again=1)
    assert here.one("SELECT state FROM attempt").state == "unknown"
    assert states(here)[0][1].startswith("did not answer (")
    here.pass_time(minutes=1)
    assert deliver(here.ports) == Delivered(sent=1)
    assert len({got.id for got in crm.got}) == 1


def test_a_receiver_that_is_not_there_is_told_in_words(here: Office) -> None:
    with Receiver() as receiver:
        connect(here, crm=receiver.url)
    reach(here, here.add_lead())
    assert deliver(here.ports) == Delivered(again=1)
    assert here.one("SELECT state FROM attempt").state == "not_accepted"
    assert states(here)[0][1].startswith("could not be reached (")


def test_a_receiver_that_answers_with_a_novel_is_not_read_to_the_end(here: Office, crm: Receiver) -> None:
    connect(here, crm=crm.url)
    reach(here, here.add_lead())
    crm.script(Answer(200, {}, b"x" * 50_000_000))
    assert deliver(here.ports) == Delivered(sent=1)
