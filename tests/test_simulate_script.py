"""What a simulation is told: by a script what leads do, by the command line which leads, and it answers both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nurture.errors import ContentError, UserError
from tests.cli.conftest import imported, mails, nurture, project, shop
from tests.simulated import MONA, read_script, root, simulate

__all__ = ["imported", "nurture", "project", "root", "shop"]

# --- a script

SCRIPT = """
script:
  - lead: mona@mill.example.com
    click: tofu/one
    link: pricing
    after: 2 hours
  - lead: mona@mill.example.com
    form: call-me
    message: Please call.
    after: 4 days
  - lead: mona@mill.example.com
    sales: reject
    reason: not_ready
    after: 1 hour
  - lead: mona@mill.example.com
    opt_out: mofu/five
"""


def test_a_script_is_played_and_each_time_has_its_sentence(root: Path, tmp_path: Path) -> None:
    run = simulate(root, audience=read_script(root, tmp_path, SCRIPT), csv=MONA, days=4.5)
    told = [str(entry) for entry in run.way("mona@mill.example.com").entries]
    assert told == [
        "Mon 2 Mar 07:00 Oslo: enters welcome, because it came in",
        "Mon 2 Mar 09:00 Oslo: mail tofu/one, because 07:00 Oslo is before 09:00; next is Mon 2 Mar 09:00 Oslo",
        "Mon 2 Mar 11:00 Oslo: clicks https://acme.example/pricing",
        "Mon 2 Mar 11:10 Oslo: mail tofu/three, because it waited for clicked('tofu/one'), at most 3 days "
        "(it clicks https://acme.example/pricing Mon 2 Mar 11:00 Oslo)",
        "Wed 4 Mar 11:10 Oslo: mail mofu/four, because 2 business days after tofu/three",
        "Wed 4 Mar 11:10 Oslo: leaves welcome, because finished",
        "Fri 6 Mar 07:00 Oslo: sends the form call-me",
        "Fri 6 Mar 07:00 Oslo: becomes SQL, because asked for a person (call-me), 6 Mar 2026 06:00 UTC",
        "Fri 6 Mar 07:00 Oslo: is handed to kari, to be answered by Fri 6 Mar 10:05 Oslo",
        "Fri 6 Mar 08:00 Oslo: becomes Recycled, because rejected: Not ready yet",
    ]
    assert run.result.never == ("mona@mill.example.com: opt_out mofu/five",)
    assert [entry.what for entry in run.way("1").ahead] == ["handoff_rejected; may enter back"]
    assert run.result.funnel()[-2:] == [("handed to sales", 1), ("accepted by sales", 0)]


@pytest.mark.parametrize(
    ("lines", "place", "what"),
    [
        (("lead: a@b.example", "form: cal-me"), "3:11", "did you mean 'call-me'?  [form]"),
        (("lead: a@b.example", "form: call-me", "opt_out: tofu/one"), "2:5", "say one thing that happens"),
        (("lead: a@b.example",), "2:5", "say one thing that happens"),
        (("lead: a@b.example", "sales: reject"), "2:5", "a rejection needs its 'reason:'"),
        (("lead: a@b.example", "sales: reject", "reason: other"), "4:13", "needs a note: say it as 'message:'"),
        (("lead: a@b.example", "sales: reject", "reason: not_redy"), "4:13", "did you mean 'not_ready'?"),
        (("lead: a@b.example", "sales: maybe"), "3:12", "it is 'accept' or 'reject'"),
        (("lead: a@b.example", "clik: tofu/one"), "3:5", "unknown key 'clik', did you mean 'click'?"),
        (("lead: a@b.example", "form: demo", "after: 3 dayz"), "4:12", "is not a length of time"),
        (("form: demo",), "2:5", "'lead' is missing"),
        (("lead: a@b.example", "reply: call"), "3:12", "it is 'stop', 'call-me'"),
        (("lead: a@b.example", "visit: pricing"), "3:12", "write it like: /pricing"),
        (("lead: a@b.example", "track: trial_started"), "3:12", "nurture.yaml knows no event 'trial_started'"),
    ],
)
def test_a_fault_in_a_script_has_its_place(
    root: Path, tmp_path: Path, lines: tuple[str, ...], place: str, what: str
) -> None:
    with pytest.raises(ContentError) as raised:
        read_script(root, tmp_path, "script:\n  - " + "\n    ".join(lines) + "\n")
    assert f"script.yaml:{place} error " in str(raised.value)
    assert what in str(raised.value)


REPLIES = """
script:
  - {lead: mona@mill.example.com, visit: /pricing, after: 1 hour}
  - {lead: mona@mill.example.com, reply: question, to: tofu/one, after: 90 minutes}
  - {lead: mona@mill.example.com, reply: call-me, after: 1 day, message: "Please call me on Friday."}
"""


def test_replies_and_visits_of_a_script_go_the_way_of_real_ones(root: Path, tmp_path: Path) -> None:
    """The question stops the sequence at once; asking for a call hands the lead to sales."""
    run = simulate(root, audience=read_script(root, tmp_path, REPLIES), csv=MONA, days=4)
    told = [str(entry) for entry in run.way("mona@mill.example.com").entries]
    assert [line for line in told if "looks at" in line or "replies" in line or "leaves" in line] == [
        "Mon 2 Mar 08:00 Oslo: looks at /pricing",
        "Mon 2 Mar 10:30 Oslo: replies question",
        "Mon 2 Mar 10:30 Oslo: leaves welcome, because replied",
        "Tue 3 Mar 09:00 Oslo: replies call-me",
    ]
    assert [template for _, _, template in run.mails] == ["tofu/one"]
    assert any("becomes SQL" in line for line in told)


def test_a_link_that_a_mail_does_not_have_is_told_with_those_it_has(root: Path, tmp_path: Path) -> None:
    script = read_script(root, tmp_path, SCRIPT.replace("link: pricing", "link: prices"))
    with pytest.raises(UserError, match=r"no link of that mail has 'prices' in it; there are: .*/guide, .*/pricing"):
        simulate(root, audience=script, csv=MONA)


# --- the command


def test_the_command_shows_tables_and_mails_nobody(nurture, project: Path) -> None:
    done = nurture("simulate", "--leads", "leads.csv", "--start", "2026-03-02", "--days", 14)
    assert done.code == 0
    assert done.out.startswith("14 days from Mon 02 Mar 2026, with the leads of leads.csv. Readers by chance, seed 1.")
    assert re.search(r"welcome +tofu/one +1 +1 *\n", done.out)
    for title in ("Promotions per week", "How sequences ended", "Stages", "How far leads came"):
        assert title in done.out
    assert mails(project) == []
    assert nurture("leads", "list").out.startswith("Leads: none")


def test_the_answer_for_scripts_is_one_object_with_the_way_of_a_lead(nurture, project: Path) -> None:
    words = ("--leads", "leads.csv", "--start", "2026-03-02", "--days", 14, "--lead", "mona@mill.example.com")
    done = nurture("simulate", *words, "--json").json
    assert done["mails"] == sum(sum(row["per_week"]) for row in done["mails_per_week"])
    assert done["mails"] == sum(sum(row["days"].values()) for row in done["mails_per_day"])
    assert "enters welcome" in [entry["what"] for entry in done["timelines"][0]["entries"]]
    assert nurture("simulate", *words).out.count("mail tofu/") == 2


def test_the_page_needs_nothing_else_and_has_no_scripts(nurture, project: Path) -> None:
    words = ("--leads", "leads.csv", "--start", "2026-03-02", "--days", 14, "--lead", 1, "--html", "page.html")
    assert nurture("simulate", *words).code == 0
    html = (project / "page.html").read_text()
    assert html.count("<svg") >= 3 and "Lead 1: mona@mill.example.com" in html
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", html)


def test_real_leads_from_the_command_line(nurture, imported: Path) -> None:
    done = nurture("simulate", "--from-database", "--days", 14, "--json").json
    assert done["leads"] == 3 and done["mails"] > 0
    assert mails(imported) == []
    nurture("gate", "close", "everything", "--reason", "wrong price")
    stopped = nurture("simulate", "--from-database", "--days", 14, "--json")
    assert stopped.json["mails"] == 0 and "everything is stopped, and so it is here: wrong price" in stopped.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--leads", "leads.csv", "--from-database"), "say --leads or --from-database, not both"),
        ((), "Name a file: --leads FILE"),
        (("--leads", "leads.csv", "--lead", "nobody@mill.example.com"), "there is no lead 'nobody@mill.example.com'"),
        (("--from-database", "--start", "2020-01-01"), "begin later, or leave it out"),
    ],
)
def test_words_that_do_not_fit_are_explained(nurture, project: Path, words: tuple[str, ...], reason: str) -> None:
    done = nurture("simulate", *words)
    assert done.code == 2 and reason in done.err
