"""`nurture run`: what is due, once or over and over."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nurture.cli.run import repeat
from nurture.errors import SetupError
from tests.cli.conftest import Nurture, execute, mails, started


def test_a_round_writes_mails_and_alerts_once(nurture: Nurture, imported: Path) -> None:
    found = nurture("run", "--once", "--json").json
    # of three leads one asks for a person, and one has not agreed to get mail
    assert (found["promoted"], found["sent"]) == (1, [{"sequence": "welcome", "step": "tofu/one", "count": 1}])
    assert found["alerts"]["sent"] >= 1
    assert mails(imported) == ["1.eml", "alert-1.eml"]
    assert "nothing was due" in nurture("run").out
    assert mails(imported) == ["1.eml", "alert-1.eml"]


def test_a_round_tells_what_waits_and_why(nurture: Nurture, imported: Path) -> None:
    nurture("run")
    execute(imported, "UPDATE enrollment SET due_at = '2020-01-01 00:00:00'")
    shown = nurture("run").out
    assert "5 days from" in shown
    assert "1 waiting" in shown


def test_a_mail_that_failed_for_good_is_a_problem(nurture: Nurture, imported: Path) -> None:
    template = imported / "templates" / "tofu" / "one.txt"
    template.write_text(template.read_text().replace("this is", "{{ 1 // (lead.id - 1) }} this is"))
    answer = nurture("run")
    assert answer.code == 1
    assert "tofu/one.txt" in answer.out
    assert "nurture messages resolve 1 --as resend|skip" in nurture("status").out


@pytest.mark.parametrize(
    "words", [["--once", "--every", "5s"], ["--every", "5"], ["--every", "0s"], ["--every", "soon"]]
)
def test_odd_intervals_are_wrong_words(nurture: Nurture, project: Path, words: list[str]) -> None:
    assert nurture("run", *words).code == 2


@pytest.fixture
def own_signals() -> Iterator[None]:
    """The loop's signal handlers end with the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_therepeat_outlives_a_faulty_round_and_finishes_the_last_one(capsys: Any, number: signal.Signals) -> None:
    rounds: list[str] = []

    def work() -> None:
        rounds.append("begun")
        if len(rounds) == 1:
            raise SetupError("the disk is full")
        if len(rounds) == 2:
            raise OSError("gone\n[parameters: mona@mill.example.com]")
        os.kill(os.getpid(), number)
        rounds.append("finished")

    repeat(0, work)
    assert rounds == ["begun", "begun", "begun", "finished"]
    told = capsys.readouterr().err
    assert "This round failed: the disk is full" in told
    assert "This round failed: OSError: gone\n" in told
    assert "mona" not in told


def test_therepeat_ends_well_when_told_to(imported: Path) -> None:
    with started("run", "--every", "1h") as running:
        lines = iter(running.stdout.readline, "")
        assert any("1 sent" in line for line in lines)
        running.terminate()
        running.communicate(timeout=60)
    assert running.returncode == 0
