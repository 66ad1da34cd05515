"""`nurture reps` and what a rep does from a terminal: the same as on its pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Nurture

BY = ("--by", "kari")


def test_the_worklist_says_who_waits_and_what_to_do(nurture: Nurture, offered: Path) -> None:
    assert "kari" in nurture("reps", "list").out
    reps = {rep["key"]: rep for rep in nurture("reps", "list", "--json").json["reps"]}
    assert reps["kari"]["waiting"] == 1 and reps["pool"]["waiting"] == 0
    assert "Omar, Oven Ltd" in nurture("reps", "worklist", "kari").out
    [item] = nurture("reps", "worklist", "kari", "--json").json["worklist"]
    assert (item["handoff_id"], item["attempt"], item["due_for"]) == (1, "call", "answer")
    assert "token" not in item
    assert nurture("reps", "worklist", "pool", "--json").json["worklist"] == []


def test_the_link_stays_until_a_new_one_is_made(nurture: Nurture, offered: Path) -> None:
    first = nurture("reps", "link", "kari").out
    assert "/w/" in first
    assert nurture("reps", "link", "kari").out == first
    assert nurture("reps", "link", "kari", "--new", "--json").json["link"] != first.strip()
    assert nurture("reps", "link", "pool").code == 0


@pytest.mark.parametrize("words", [("link", "kary"), ("worklist", "nobody")])
def test_there_is_no_list_of_nobody(nurture: Nurture, offered: Path, words: tuple[str, ...]) -> None:
    answer = nurture("reps", *words)
    assert answer.code == 2 and "there is no worklist" in answer.err


def test_a_lead_is_called_put_off_given_on_and_taken(nurture: Nurture, offered: Path) -> None:
    called = nurture("handoffs", "touch", 1, *BY, "--kind", "call", "--outcome", "no_answer")
    assert called.out == "Handoff 1 (lead 2) has a call in its log: no answer.\n"
    assert "is put off until" in nurture("handoffs", "snooze", 1, *BY, "--until", "next week").out
    given = nurture("handoffs", "reassign", 1, *BY, "--to", "pool", "--json").json["handoff"]
    assert (given["owner"], given["state"]) == ("pool", "offered")
    assert [nurture("handoffs", "take", 1, *BY).code for _ in range(2)] == [0, 0]


def test_the_verdict_and_keep_warm_follow_an_accept(nurture: Nurture, offered: Path) -> None:
    said = ("--right-person", "yes", "--ready", "no", "--helpful", "unknown")
    early = nurture("handoffs", "judge", 1, *BY, *said)
    assert early.code == 2 and "accept or reject the lead first" in early.err
    nurture("handoffs", "accept", 1, *BY, "--project", "yes", "--budget", "unknown")
    assert nurture("handoffs", "judge", 1, *BY, *said, "--json").json["verdict"]["ready"] == "no"
    assert "is kept warm" in nurture("handoffs", "keep-warm", 1, *BY).out
    assert "gets no marketing mail" in nurture("handoffs", "keep-warm", 1, *BY, "--off").out


def test_a_new_link_and_what_is_overdue(nurture: Nurture, offered: Path) -> None:
    links = {nurture("handoffs", "link", 1, "--json").json["link"] for _ in range(2)}
    assert len(links) == 2
    assert nurture("handoffs", "overdue", "--json").json == {"overdue": []}
    assert nurture("handoffs", "overdue").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("snooze", 1, *BY, "--until", "someday"),
        ("snooze", 1, "--by", "olga", "--until", "tomorrow"),
        ("touch", 1, *BY, "--kind", "fax", "--outcome", "reached"),
        ("reassign", 1, *BY, "--to", "olga"),
        ("take", 1, "--by", "olga"),
        ("judge", 1, *BY, "--right-person", "maybe", "--ready", "no", "--helpful", "no"),
        ("keep-warm", 7, *BY),
        ("link", 7),
        ("reject", 1, *BY, "--reason", "not_ready", "--until", "someday"),
    ],
)
def test_wrong_words_change_nothing(nurture: Nurture, offered: Path, words: tuple[object, ...]) -> None:
    assert nurture("handoffs", *words).code == 2
    [handoff] = nurture("handoffs", "list", "--json").json["handoffs"]
    assert (handoff["owner"], handoff["snoozed_until"], handoff["touched_at"]) == ("kari", None, None)


def test_the_brief_says_what_to_show_and_what_comes_next(nurture: Nurture, offered: Path) -> None:
    config = json.loads((offered / "nurture.yaml").read_text())
    config["assets"] = [{"title": "The deck", "url": "https://www.example.com/deck"}]
    (offered / "nurture.yaml").write_text(json.dumps(config))
    told = nurture("handoffs", "show", 1).out
    assert "The deck: https://www.example.com/deck" in told and "attempt 1 of" in told
    assert nurture("handoffs", "show", 1, "--json").json["brief"]["asset"]["title"] == "The deck"
