"""Two workers that fold at once, each with a part of the same crowd."""

from __future__ import annotations

from pathlib import Path

from models.database import Database
from nurture.engage import fold, receive
from tests.engine.interleave import Worker, at
from tests.mail.fake_sendgrid import wire
from tests.office import BROWSER, Office


def test_a_crowd_is_seen_by_whoever_comes_last(postgres_database: Database, tmp_path: Path, other: Worker) -> None:
    office = Office(postgres_database, tmp_path)
    for n in range(5):
        office.add_lead(f"lead{n}@mill.example")
    office.mail()
    clicks = [
        office.event(email, "click", 900, url="https://acme.example/guide", useragent=BROWSER, ip="203.0.113.80")
        for email in office.mailer.emails
    ]
    second = other.ports(office.ports)

    def meanwhile() -> None:
        receive(second, "sendgrid", wire(clicks[3:]))
        other.begin(lambda: fold(second))

    receive(office.ports, "sendgrid", wire(clicks[:3]))
    at(office.database, "fold: inside", meanwhile)
    fold(office.ports)
    other.end()
    assert [row.verdict for row in office.rows("SELECT verdict FROM event")] == ["suspect"] * 5
