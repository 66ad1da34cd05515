"""`nurture leads forget`, `nurture leads export-personal`, `nurture tidy`."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from models.statement import read
from nurture import rights
from nurture.accounts import fill_in
from nurture.engage import fold, receive
from nurture.errors import UserError
from nurture.ports import Ports
from nurture.runtime import opened
from tests.cli.conftest import CSV, Nurture, execute, mails
from tests.mail.inbound_samples import posted, raw

MONA = "mona@mill.example.com"


def files_that_mention(root: Path, *words: str) -> list[str]:
    """Every file below the project but the list that she was imported from, searched as bytes."""
    files = [path for path in root.rglob("*") if path.is_file() and path.name != "leads.csv"]
    held = {path: path.read_bytes().lower() for path in files}
    return sorted(str(path.relative_to(root)) for path, data in held.items() if any(w.encode() in data for w in words))


def test_after_forgetting_no_file_of_the_project_mentions_the_person(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    assert {path.split("/")[0] for path in files_that_mention(imported, "mona@", "mill as")} >= {"nurture.db", "outbox"}
    before = mails(imported)
    done = nurture("leads", "forget", MONA, "--yes")
    assert (done.code, done.err) == (0, "")
    assert "Lead 1 is forgotten" in done.out
    assert "import leads.csv: where the lead came from" in done.out
    assert files_that_mention(imported, "mona", "mill as") == []
    assert len(mails(imported)) == len(before) - 1


def test_who_was_forgotten_stays_out_and_is_shown_without_a_name(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    nurture("leads", "forget", "1", "--yes")
    again = nurture("leads", "import", "leads.csv")
    assert again.code == 1
    assert "was erased at its own wish" in again.out
    assert again.out.endswith("0 created, 0 updated, 2 unchanged, 1 left out\n")
    assert nurture("leads", "show", MONA).code == 2
    for command in (("leads", "show", "1"), ("leads", "explain", "1"), ("leads", "list"), ("run",)):
        shown = nurture(*command)
        assert shown.code == 0, shown.err
        assert "mona" not in shown.out.lower()


def test_nobody_is_forgotten_without_a_yes(nurture: Nurture, imported: Path) -> None:
    answer = nurture("leads", "forget", "1")
    assert answer.code == 2
    assert "say --yes" in answer.err
    assert nurture("leads", "show", "1").code == 0


@pytest.mark.parametrize("words", [("77",), ("nobody@x.example",), (), ("1", "--requested")])
def test_who_is_not_there_or_not_said_is_asked_for(nurture: Nurture, imported: Path, words: tuple[str, ...]) -> None:
    assert nurture("leads", "forget", *words, "--yes").code == 2


def test_a_second_time_says_so(nurture: Nurture, imported: Path) -> None:
    nurture("leads", "forget", "1", "--yes")
    answer = nurture("leads", "forget", "1", "--yes")
    assert answer.code == 2
    assert "who was erased stays erased" in answer.err


def test_those_who_asked_on_the_page_are_forgotten_together(nurture: Nurture, imported: Path) -> None:
    assert nurture("leads", "forget", "--requested").out == "Nobody has asked to be erased.\n"
    with opened(imported) as ports, ports.database.transaction("wish") as connection:
        for address_id in (1, 2, 2):
            rights.request(connection, address_id, ports.clock.now())
    assert "2 asked to be erased" in nurture("tidy").err
    found = nurture("leads", "forget", "--requested", "--yes", "--json").json
    assert [one["lead_id"] for one in found["forgotten"]] == [1, 2]
    assert nurture("tidy", "--json").json["asked_to_be_erased"] == 0


def test_the_person_is_known_under_any_tag(nurture: Nurture, imported: Path) -> None:
    tagged = "Mona+fair@mill.example.com"
    assert nurture("leads", "show", tagged).code == 0
    assert nurture("leads", "export-personal", tagged, "--json").json["about"] == MONA
    assert nurture("leads", "forget", tagged, "--yes", "--json").json["forgotten"][0]["lead_id"] == 1


@pytest.mark.parametrize("who", ["1", "2", "omar+x@oven.example.com"])
def test_who_is_two_leads_from_before_is_forgotten_as_both(nurture: Nurture, imported: Path, who: str) -> None:
    execute(imported, "UPDATE address SET mailbox = 'omar@oven.example.com', twin = 2 WHERE id = 1")
    found = nurture("leads", "forget", who, "--yes", "--json").json
    assert sorted(one["lead_id"] for one in found["forgotten"]) == [1, 2]


def test_the_key_is_its_owners_alone_and_doctor_misses_it(nurture: Nurture, imported: Path) -> None:
    nurture("leads", "forget", "1", "--yes")
    key = imported / ".nurture" / "erasure.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "erased addresses" in nurture("doctor").out
    key.unlink()
    told = nurture("doctor")
    assert told.code == 3
    assert "The key is gone" in told.out
    answer = nurture("leads", "import", "leads.csv")
    assert answer.code == 3
    assert "NURTURE_ERASURE_KEY" in answer.err


def test_the_key_may_come_from_the_environment(
    nurture: Nurture, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NURTURE_ERASURE_KEY", "k" * 32)
    nurture("leads", "forget", "1", "--yes")
    assert not (imported / ".nurture" / "erasure.key").exists()
    assert "1 left out" in nurture("leads", "import", "leads.csv").out
    assert "k" * 32 not in nurture("doctor").out


def test_all_about_a_person_goes_to_a_file_of_its_owner(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    answer = nurture("leads", "export-personal", MONA, "--output", "mona.json")
    assert answer.out == "Written to mona.json\n"
    target = imported / "mona.json"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    told = json.loads(target.read_text())
    assert (told["about"], told["legal_ground"]["ground"]) == (MONA, "consent")
    assert told["where_from"]["source"] == "ebook"
    assert told["data"]["lead"]["rows"][0]["company"] == "Mill AS"
    assert told["data"]["message"]["rows"][0]["template"] == "tofu/one"
    assert "omar" not in target.read_text().lower()
    assert nurture("leads", "export-personal", MONA, "--output", "mona.json").code == 2


def test_all_about_a_person_goes_to_the_screen_as_json(nurture: Nurture, imported: Path) -> None:
    assert nurture("leads", "export-personal", "2", "--json").json["about"] == "omar@oven.example.com"
    assert nurture("leads", "export-personal", "99", "--json").code == 2


def test_the_file_for_a_person_has_the_number_of_the_lead(nurture: Nurture, project: Path) -> None:
    execute(project, "INSERT INTO address (id, email, token, version, suppressed_by) VALUES (40, 'x', 'x', 0, '')")
    nurture("leads", "import", "leads.csv")
    assert nurture("leads", "export-personal", "2").out == "Written to personal-2.json\n"
    found = json.loads((project / "personal-2.json").read_text())
    assert (found["lead"], found["about"]) == (2, "omar@oven.example.com")


def test_tidying_says_what_went(nurture: Nurture, imported: Path) -> None:
    execute(
        imported,
        "INSERT INTO inbox (source, received_at, state, faults) "
        "VALUES ('sendgrid', '2020-01-01 00:00:00.000000', 'done', '[]')",
    )
    told = nurture("tidy", "--json").json
    assert (told["requests"], told["domains_judged_anew"]) == (1, 0)
    assert nurture("tidy").out == "Tidied: none\n"
    assert len(CSV.splitlines()) == 4


def test_a_chore_that_fails_keeps_no_other_from_being_done(
    nurture: Nurture, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(ports: Ports) -> int:
        raise UserError("no luck today")

    monkeypatch.setattr("nurture.daily._CHORES", {"bad luck": fail, "companies found": fill_in})
    execute(imported, "UPDATE lead SET account = NULL")
    told = nurture("tidy")
    assert (told.code, "no luck today" in told.err) == (1, True)
    with opened(imported) as ports, ports.database.reading() as connection:
        assert connection.execute(read("SELECT COUNT(*) FROM lead WHERE account IS NULL")).scalar_one() == 0


def test_tidying_leaves_no_chore_of_the_day_to_prefect(nurture: Nurture, imported: Path) -> None:
    execute(imported, "UPDATE lead SET account = NULL")
    assert nurture("tidy", "--json").json["companies_found"] == 3


def test_who_wrote_and_is_no_lead_is_exported_and_forgotten_by_its_address(nurture: Nurture, imported: Path) -> None:
    with opened(imported) as ports:
        receive(ports, "inbound", posted(raw("My phone is 99988777", sender="Zita <zita@quux.example>")))
        fold(ports)
    document = nurture("leads", "export-personal", "ZITA@quux.example", "--json").json
    assert document["data"]["reply"]["rows"][0]["text"] == "My phone is 99988777"
    assert nurture("leads", "export-personal", "zita@quux.example").out == "Written to personal-stranger.json\n"
    (imported / "personal-stranger.json").unlink()
    assert nurture("leads", "forget", "zita@quux.example").code == 2
    done = nurture("leads", "forget", "zita@quux.example", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "The address is forgotten" in done.out
    assert files_that_mention(imported, "zita", "99988777") == []
    assert nurture("leads", "forget", "zita@quux.example", "--yes").code == 2
