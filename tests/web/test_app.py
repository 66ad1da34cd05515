"""The app as a whole: what is open, what every answer carries, and how much may come in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from nurture.web import Drain, create_app
from nurture.web.guard import MAX_EVENTS
from tests.mail.fake_sendgrid import FakeSendGrid
from tests.office import START, Office
from tests.web.conftest import Visitor, serving, wait_for

PATHS = ["/healthz", "/thanks", "/u/x", "/h/x", "/nothing", "/f/demo", "/webhooks/sendgrid", "/docs", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_tells_the_browser_to_be_careful(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_only_these_routes_exist(office: Office) -> None:
    app = create_app(office.ports, webhook_keys=())
    visitor = Visitor(app)
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/static/x", "/admin", "/metrics"):
        assert visitor.get(path).status_code == 404
    assert visitor.get("/healthz").text == "ok"


def test_nothing_that_is_read_changes_anything(office: Office, visitor: Visitor) -> None:
    office.add_lead()
    office.mail()
    before = _everything(office)
    for path in [*PATHS, f"/u/{office.one('SELECT token FROM address').token}"]:
        for method in ("GET", "HEAD", "OPTIONS"):
            visitor.request(method, path)
    assert _everything(office) == before


def _everything(office: Office) -> list[object]:
    tables = ("address", "lead", "enrollment", "message", "attempt", "event", "inbox", "handoff", "outbox", "score")
    return [office.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables]


def test_our_own_fault_is_a_page_with_the_headers_and_a_line_in_the_log_without_the_token(
    office: Office, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(moment: str) -> None:
        raise RuntimeError("secret@mill.example")

    office.database.hook = broken
    answer = visitor.post("/u/a-secret-token")
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer.headers
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("nurture")]
    assert lines == ["POST /u/{token} failed: RuntimeError"]


# --- on a real socket


@pytest.mark.parametrize(
    ("path", "most", "enough"),
    [("/webhooks/sendgrid", MAX_EVENTS, 403), ("/f/demo", 5_000_000, 400)],
)
def test_a_body_is_cut_off_while_it_comes_in_whatever_it_claims(
    office: Office, sendgrid: FakeSendGrid, path: str, most: int, enough: int
) -> None:
    def chunks(size: int) -> Iterator[bytes]:
        begins = b'--x\r\nContent-Disposition: form-data; name="plan"; filename="plan.pdf"\r\n\r\n'
        ends = b"\r\n--x--\r\n"
        yield begins
        for start in range(len(begins) + len(ends), size, 50_000):
            yield b"&" * min(50_000, size - start)
        yield ends

    # signed, but for another body: without a signature none is read
    headers = {"Content-Type": "multipart/form-data; boundary=x", **sendgrid.sign(b"another")}
    with serving(create_app(office.ports, webhook_keys=[sendgrid.public_key])) as http:
        assert http.post(path, content=chunks(most), headers=headers).status_code == enough
        assert http.post(path, content=chunks(most + 1), headers=headers).status_code == 413
        assert http.get("/healthz").text == "ok"


def test_events_forms_and_opt_outs_over_a_real_socket(office: Office, sendgrid: FakeSendGrid) -> None:
    office.add_lead()
    email = office.mail()
    body, headers = sendgrid.webhook([office.event(email, "delivered")], int(START.timestamp()))
    with serving(create_app(office.ports, webhook_keys=[sendgrid.public_key])) as http:
        assert http.post("/webhooks/sendgrid", content=body, headers=headers).status_code == 204
        assert http.post("/f/demo", data={"email": "mona@mill.example"}).status_code == 303
        wait_for(lambda: office.alerts)
        one_click = email.headers["List-Unsubscribe"].strip("<>").removeprefix(office.ports.public_url)
        assert http.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        page = http.get(f"/h/{office.one('SELECT token FROM handoff').token}").text
    assert "No marketing mail (opted out)" in page


# --- working off


def test_a_flood_of_requests_is_worked_by_one_and_nobody_waits(office: Office) -> None:
    entered, go_on, rounds = Event(), Event(), []

    def slow(moment: str) -> None:
        if moment == "fold: before":
            rounds.append(moment)
            entered.set()
            go_on.wait(60)

    office.database.hook = slow
    drain = Drain(office.ports.in_force)
    worker = Thread(target=drain)
    worker.start()
    assert entered.wait(60)
    for _ in range(50):
        drain()  # returns at once: the one that runs goes round once more
    go_on.set()
    worker.join()
    assert len(rounds) == 2


def test_one_step_that_fails_does_not_keep_the_next_from_its_work(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.submit("demo")

    def broken(moment: str) -> None:
        if moment == "fold: before":
            raise OSError("no")

    office.database.hook = broken
    with caplog.at_level(logging.ERROR):
        Drain(office.ports.in_force)()
    assert "fold failed: OSError" in caplog.text
    assert len(office.alerts) == 1


def test_without_a_drain_the_work_is_left_to_the_flow(office: Office) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=(), drain=lambda: None))
    visitor.post("/f/demo", data={"email": "mona@mill.example"})
    assert office.one("SELECT state FROM inbox").state == "new"
