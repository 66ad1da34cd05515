"""`nurture preview` and `nurture send-test`: pages on disk, for whom one likes; one mail to oneself."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from models.statement import read
from nurture.mail.null import NullMailer
from nurture.runtime import opened
from tests.cli.conftest import Nurture, execute, mails, started

TABLES = ("lead", "address", "message", "attempt", "event", "outbox", "enrollment", "inbox", "lead_trigger")


def rows(project: Path) -> dict[str, int]:
    with opened(project) as ports, ports.database.reading() as connection:
        return {name: connection.execute(read(f"SELECT count(*) FROM {name}")).scalar_one() for name in TABLES}


def test_the_gallery_of_all_templates_is_written(nurture: Nurture, project: Path) -> None:
    answer = nurture("preview", "--lead", "everything", "--lead", "markup")
    assert "4 pages: " in answer.out and answer.out.endswith("Open preview/index.html\n")
    assert len(list((project / "preview").glob("*.html"))) == 5
    assert mails(project) == []


def test_findings_are_told_and_errors_are_the_exit_code(nurture: Nurture, project: Path) -> None:
    for file, said in (("one.txt", ", and on what else there is to say"), ("one.html", ' lang="en"')):
        path = project / "templates/tofu" / file
        path.write_text(path.read_text().replace(said, ""))
    found = nurture("preview", "tofu/one", "--lead", "everything", "--json").json
    [mail] = found["mails"]
    assert mail["template"] == "tofu/one" and mail["level"] == "warning"
    assert {finding["rule"] for finding in mail["findings"]} == {"preview_length", "language"}
    assert nurture("preview", "tofu/one").code == 0
    (project / "templates/tofu/one.html").write_text("{{ lead.first_nam }}")
    answer = nurture("preview", "welcome", "--lead", "everything")
    assert answer.code == 1
    assert answer.out.count("did you mean 'lead.first_name'?") == 1
    assert "2 pages: 1 without findings, 0 with warnings, 1 with errors" in answer.out


def test_a_lead_of_the_database_and_a_row_of_a_file_can_be_shown(nurture: Nurture, imported: Path) -> None:
    found = nurture("preview", "tofu/one", "--lead", "1", "--lead", "leads.csv:3", "--json").json
    assert [mail["lead"] for mail in found["mails"]] == ["lead 1", "line 3 of leads.csv"]
    assert "Hello Mona" in (imported / "preview/tofu-one--lead-1.html").read_text()
    assert "Hello Omar" in (imported / "preview/tofu-one--line-3-of-leads-csv.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--lead", "99"], 2, "there is no lead 99"),
        (["--lead", "leads.csv:99"], 2, "no row begins at line 99"),
        (["--lead", "nothing.csv"], 2, "nothing.csv cannot be read"),
        (["--lead", "everybody"], 2, "is no sample lead"),
        (["tofu/oen"], 2, "did you mean 'tofu/one'?"),
        (["tofu/oen", "--watch"], 2, "did you mean 'tofu/one'?"),
        (["--watch", "--shots"], 2, "--shots and --json"),
    ],
)
def test_words_that_do_not_fit_are_told(
    nurture: Nurture, project: Path, words: list[str], code: int, told: str
) -> None:
    answer = nurture("preview", *words)
    assert (answer.code, answer.out) == (code, "")
    assert told in answer.err


def test_watched_pages_are_served_and_written_until_they_are_stopped(project: Path) -> None:
    with started("preview", "tofu/one", "--watch", "--port", 0, "--out", "pages") as served:
        assert served.stdout is not None
        url = served.stdout.readline().split()[1].rstrip(",")
        with urlopen(url) as answer:
            assert "About tofu/one" in answer.read().decode()
        index = project / "pages" / "index.html"
        until(index.exists)
        (project / "templates/tofu/one.txt").write_text(
            (project / "templates/tofu/one.txt").read_text() + "\nP.S. Ha\n"
        )
        page = project / "pages" / "tofu-one--of-whom-everything-is-known.html"
        until(lambda: "P.S. Ha" in page.read_text())
        served.send_signal(signal.SIGINT)
        assert served.wait(60) == 0
    assert "<script" not in index.read_text()


def until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_test_mail_goes_to_oneself_and_leaves_no_trace(nurture: Nurture, imported: Path) -> None:
    before = rows(imported)
    answer = nurture("send-test", "tofu/one", "--to", "Me@Example.com", "--lead", "1")
    assert answer.code == 0 and "Sent to me@example.com, filled in for lead 1" in answer.out
    [name] = mails(imported)
    mail = message_from_bytes((imported / "outbox" / name).read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("me@example.com", "[test] About tofu/one")
    assert "Hello Mona" in mail.get_body(("plain",)).get_content()
    assert rows(imported) == before
    nurture("send-test", "tofu/one", "--to", "me@example.com")
    assert len(mails(imported)) == 2


def test_nobody_who_must_not_be_mailed_gets_a_test_mail(nurture: Nurture, imported: Path) -> None:
    execute(imported, "UPDATE address SET suppressed = 'opt_out' WHERE email = 'mona@mill.example.com'")
    answer = nurture("send-test", "tofu/one", "--to", "mona@mill.example.com")
    assert answer.code == 1 and "opted out" in answer.err
    assert mails(imported) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["tofu/one", "--to", "me"], 2, "--to 'me' is no e-mail address"),
        (["tofu", "--to", "me@example.com"], 2, "several mails: tofu/one, tofu/two"),
        (["tofu/tow", "--to", "me@example.com"], 2, "did you mean 'tofu/two'?"),
        (["tofu/one"], 2, "--to"),
    ],
)
def test_a_test_mail_needs_a_mail_and_an_address(
    nurture: Nurture, project: Path, words: list[str], code: int, told: str
) -> None:
    answer = nurture("send-test", *words)
    assert (answer.code, answer.out, mails(project)) == (code, "", [])
    assert told in answer.err


def test_a_faulty_mail_is_not_sent(nurture: Nurture, project: Path) -> None:
    (project / "templates/tofu/one.html").write_text("{{ lead.first_nam }}")
    answer = nurture("send-test", "tofu/one", "--to", "me@example.com")
    assert answer.code == 1 and "did you mean 'lead.first_name'?" in answer.err
    assert mails(project) == []


def test_a_refusal_of_the_mailer_is_told(nurture: Nurture, project: Path, monkeypatch: Any) -> None:
    from nurture.mail import Outcome, Receipt

    monkeypatch.setenv("NURTURE_MAIL__PROVIDER", "null")
    monkeypatch.setattr(NullMailer, "send", lambda *_: [Receipt("x", Outcome.REJECTED, reason="no such sender")])
    answer = nurture("send-test", "tofu/one", "--to", "me@example.com")
    assert answer.code == 1 and "The mailer did not take it: no such sender." in answer.err
