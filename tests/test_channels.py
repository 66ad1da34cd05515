"""Alerts in chat channels: each for itself, at least once under one id; a channel that is down holds up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from models.database import Database
from nurture import alerts
from nurture.alerts import channels, chat
from nurture.alerts.confirm import CONFIRM_MAIL
from nurture.alerts.kinds import KINDS
from nurture.core.channels import Channel
from nurture.delivery import Delivered
from nurture.errors import ContentError
from nurture.gates import EVERYTHING, close, mailer_gate
from nurture.handoff import accept, qualify_due
from nurture.handoff.answer import Given
from nurture.netguard import LOOPBACK, Reach
from nurture.rights.forget import forget
from nurture.settings import load_settings
from nurture.status import status
from tests.office import START, Office
from tests.receiver import Answer, Receiver


@pytest.fixture
def slack() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def teams() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def connect(office: Office, wanted: dict[str, Receiver], **terms: Any) -> None:
    """nurture.yaml has these channels (each with `terms`), and the environment their addresses."""
    project = office.ports.project
    named = tuple(Channel.model_validate({"name": name, **terms}) for name in wanted)
    told = replace(project, config=project.config.model_copy(update={"alerts": named}))
    addresses = {name.replace("-", "_"): SecretStr(address(receiver)) for name, receiver in wanted.items()}
    office.ports = replace(office.ports, project=told, alert_channels=addresses, reach=Reach(LOOPBACK))


def address(receiver: Receiver) -> str:
    return receiver.url.replace("http://", "json://")


def raise_hand(office: Office, email: str = "mona@mill.example") -> None:
    office.submit("demo", email, first_name="Mona", last_name="Berg", message="We open a second mill.")
    assert qualify_due(office.ports) == 1


def tell(office: Office) -> None:
    alerts.deliver(office.ports)
    channels.deliver(office.ports)


def posted(receiver: Receiver) -> list[tuple[str, str]]:
    return [(got.body["title"], got.body["message"]) for got in receiver.got]


def test_a_lead_for_sales_is_told_in_every_channel_without_its_name(
    office: Office, slack: Receiver, teams: Receiver
) -> None:
    connect(office, {"sales-slack": slack, "sales-teams": teams})
    raise_hand(office)
    assert alerts.deliver(office.ports) == Delivered(sent=1)
    assert channels.deliver(office.ports) == Delivered(sent=2)
    token = office.one("SELECT token FROM handoff").token
    [(title, body)] = posted(slack)
    assert title == "A lead asks for a person (handoff 1). Answer by Tue 3 Mar 09:05 UTC (in 5 minutes)."
    assert body == (f"https://nurture.acme.example/h/{token}\nAlert handoff:1:1:mail:channel:sales-slack")
    assert "Mona" not in title + body
    assert posted(teams)[0][1].endswith("channel:sales-teams")
    assert channels.deliver(office.ports) == Delivered()
    assert alerts.deliver(office.ports) == Delivered()
    attempts = office.rows("SELECT mailer, state FROM attempt ORDER BY mailer")
    assert attempts == [
        ("channel:sales-slack", "accepted"),
        ("channel:sales-teams", "accepted"),
        ("sendgrid", "accepted"),
    ]


def test_names_are_told_where_the_project_says_so(here: Office, slack: Receiver) -> None:
    connect(here, {"sales": slack}, personal=True)
    raise_hand(here)
    alerts.deliver(here.ports)
    channels.deliver(here.ports)
    [(title, body)] = posted(slack)
    assert title == "Asks for a person: Mona Berg"
    assert body.startswith("Asked for a person (demo), just now. Answer by Tue 3 Mar 09:05 UTC (in 5 minutes).\nhttps:")


def test_a_channel_that_is_down_holds_up_neither_the_mail_nor_the_others_and_is_told_again_under_one_id(
    office: Office, slack: Receiver, teams: Receiver
) -> None:
    connect(office, {"slack": slack, "teams": teams})
    slack.script(Answer(500))
    raise_hand(office)
    assert alerts.deliver(office.ports) == Delivered(sent=1)
    assert channels.deliver(office.ports) == Delivered(sent=1, again=1)
    assert len(teams.got) == 1
    office.pass_time(seconds=59)
    assert channels.deliver(office.ports) == Delivered()
    office.pass_time(seconds=1)
    assert channels.deliver(office.ports) == Delivered(sent=1)
    (first, _), (again, body) = posted(slack)
    assert again == f"{first.replace('in 5 minutes', 'in 4 minutes')} (repeat)"
    assert body.endswith("Alert handoff:1:1:mail:channel:slack")
    assert len(teams.got) == 1


def test_after_one_that_is_not_taken_the_rest_of_a_channel_waits_and_nothing_is_lost(
    here: Office, slack: Receiver
) -> None:
    connect(here, {"slack": slack})
    raise_hand(here, "ann@mill.example")
    raise_hand(here, "bob@loom.example")
    alerts.deliver(here.ports)
    slack.script(Answer(503))
    assert channels.deliver(here.ports) == Delivered(again=2)
    assert len(slack.got) == 1
    here.pass_time(minutes=1)
    assert channels.deliver(here.ports) == Delivered(sent=2)


def test_a_channel_that_does_not_answer_is_given_up_on_in_seconds_and_the_others_do_not_wait(
    here: Office, slack: Receiver, teams: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "READ_SECONDS", 4)
    connect(here, {"slack": slack, "teams": teams})
    slack.script(Answer(hang=True))
    raise_hand(here)
    alerts.deliver(here.ports)
    assert channels.deliver(here.ports) == Delivered(sent=1, again=1)
    assert here.one("SELECT reason FROM gate WHERE name = 'channel:slack'").reason == "did not take it"


def test_where_mail_is_stopped_the_channels_go_on_and_where_everything_is_they_wait(
    office: Office, slack: Receiver
) -> None:
    connect(office, {"slack": slack})
    raise_hand(office)
    with office.database.transaction("stop") as connection:
        close(connection, mailer_gate("sendgrid"), "test", START)
    assert alerts.deliver(office.ports) == Delivered()
    with office.database.transaction("stop") as connection:
        close(connection, EVERYTHING, "test", office.clock.now(), until=START.replace(hour=10))
    assert channels.deliver(office.ports) == Delivered()
    office.pass_time(hours=1)
    assert channels.deliver(office.ports) == Delivered(sent=1)
    assert office.alerts == []


def test_what_sales_has_answered_meanwhile_is_no_news_to_a_channel(here: Office, slack: Receiver) -> None:
    connect(here, {"slack": slack})
    raise_hand(here)
    alerts.deliver(here.ports)
    accept(here.ports, 1, "kari", Given("yes", "unknown"))
    assert channels.deliver(here.ports) == Delivered()
    assert slack.got == []
    row = here.one("SELECT state, reason FROM outbox WHERE kind = 'channel_alert'")
    assert row == ("delivered", "answered before the alert left")


def test_a_reps_channel_gets_the_leads_of_that_rep_and_the_teams_gets_all(
    here: Office, slack: Receiver, teams: Receiver
) -> None:
    connect(here, {"toms": slack, "team": teams})
    project = here.ports.project
    channels_now = tuple(
        one.model_copy(update={"for_": "kari" if one.name == "toms" else "team"}) for one in project.config.alerts
    )
    config = project.config.model_copy(update={"alerts": channels_now})
    here.ports = replace(here.ports, project=replace(project, config=config))
    for number in range(3):
        raise_hand(here, f"mona@mill{number}.example")
    alerts.deliver(here.ports)
    channels.deliver(here.ports)
    karis = here.one("SELECT COUNT(*) AS n FROM handoff WHERE owner = 'kari'").n
    assert karis > 0
    assert (len(slack.got), len(teams.got)) == (karis, 3)


def test_who_is_forgotten_is_told_to_no_channel_any_more_and_the_channel_is_named(
    here: Office, slack: Receiver
) -> None:
    connect(here, {"slack": slack}, personal=True)
    raise_hand(here)
    alerts.deliver(here.ports)
    found = forget(here.ports, here.one("SELECT address_id FROM lead").address_id)
    assert channels.deliver(here.ports) == Delivered()
    assert slack.got == []
    assert "channel slack: alerts in that chat that name the lead, or link to it" in found.outside


def test_what_a_channel_is_not_about_is_not_told_there(here: Office, slack: Receiver) -> None:
    connect(here, {"slack": slack}, about=["surge"])
    raise_hand(here)
    alerts.deliver(here.ports)
    assert channels.deliver(here.ports) == Delivered()
    assert here.one("SELECT COUNT(*) AS n FROM outbox").n == 1


def test_without_an_address_of_marketing_a_channel_alone_tells_that_our_account_was_changed(
    here: Office, slack: Receiver
) -> None:
    connect(here, {"slack": slack}, about=["account"])
    here.tell({"event": "account_status_change", "type": "compliance_suspend", "timestamp": int(START.timestamp())})
    tell(here)
    assert [title for title, _ in posted(slack)] == [
        "No mail leaves: the mail provider changed our account (compliance_suspend)"
    ]
    assert here.rows("SELECT id FROM outbox WHERE state <> 'delivered'") == []


def test_every_alert_to_our_own_people_is_about_something() -> None:
    """The mail that asks a lead to confirm its address is the only one that is none."""
    assert KINDS.keys() - channels._ABOUT.keys() == {CONFIRM_MAIL}


class Crash(BaseException):
    """The process dies."""


@pytest.mark.parametrize("place", ["before", "inside", "after"])
@pytest.mark.parametrize(
    "transaction", ["copy alerts", "claim alerts", "claim channel alerts", "settle channel alerts"]
)
def test_a_crash_at_any_boundary_loses_nothing(
    sqlite_database: Database, tmp_path: Path, slack: Receiver, transaction: str, place: str
) -> None:
    office = Office(sqlite_database, tmp_path)
    connect(office, {"slack": slack})
    raise_hand(office)

    def dies(moment: str) -> None:
        if moment == f"{transaction}: {place}":
            raise Crash

    office.database.hook = dies
    with pytest.raises(Crash):
        tell(office)
    office.database.hook = lambda _: None
    office.pass_time(minutes=2)
    tell(office)
    assert {body.splitlines()[-1] for _, body in posted(slack)} == {"Alert handoff:1:1:mail:channel:slack"}
    assert [row.state for row in office.rows("SELECT state FROM outbox")] == ["delivered", "delivered"]
    repeated = transaction == "settle channel alerts" and place != "after"
    assert len(slack.got) == (2 if repeated else 1)


# --- addresses


@pytest.mark.parametrize(
    "url",
    ["json://127.0.0.1:9/x", "jsons://127.0.0.1/x", "xml://10.0.0.7/x", "jsons://169.254.169.254/latest",
     "json://2130706433/x", "jsons://[::1]/x", "mmosts://192.168.1.5/token", "form://localhost/x"],
)  # fmt: skip
def test_a_host_of_ones_own_is_not_reached_unless_allowed(url: str) -> None:
    told = chat.Chat(chat.Address("chat", url), Reach()).post("title", "body")
    assert told in ("its address is not on the public internet", "it is not https")


def test_a_channel_that_moves_us_on_is_not_followed(slack: Receiver, teams: Receiver) -> None:
    slack.otherwise = Answer(307, {"Location": teams.url})
    told = chat.Chat(chat.Address("chat", address(slack)), Reach(LOOPBACK)).post("title", "body")
    assert (told, teams.got) == ("did not take it", [])


@pytest.mark.parametrize(("url", "service"), [
    ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sales", "Slack"),
    ("workflows://prod-01.westeurope.logic.azure.com:443/643acf9a/sig_abc", "Power Automate / Workflows (for MSTeams)"),
    ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "Discord"),
])  # fmt: skip
def test_a_service_is_known_by_its_address(url: str, service: str) -> None:
    assert chat.examine({"chat": SecretStr(url)}, "chat", Reach()) == service


def test_an_address_that_nobody_understands_is_told_without_it() -> None:
    found = chat.examine({"my_chat": SecretStr("slakc://secret-token")}, "my-chat", Reach())
    assert isinstance(found, chat.Missing)
    assert "secret-token" not in found.what + found.do
    assert "NURTURE_ALERT_CHANNELS__MY_CHAT" in found.do
    assert chat.Chat(chat.Address("my-chat", "slakc://secret"), Reach()).post("a", "b") == chat.UNKNOWN


def test_addresses_are_read_from_the_environment_and_never_shown(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("NURTURE_ALERT_CHANNELS__SALES_SLACK", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    settings = load_settings(tmp_path)
    assert isinstance(chat.find(settings.alert_channels, "sales-slack"), chat.Address)
    assert "TIiaj" not in repr(settings) + repr(chat.find(settings.alert_channels, "sales-slack"))
    assert chat.unused(settings.alert_channels, ["other"]) == {"NURTURE_ALERT_CHANNELS__SALES_SLACK"}


def test_a_channel_without_an_address_waits(here: Office, slack: Receiver) -> None:
    connect(here, {"slack": slack})
    here.ports = replace(here.ports, alert_channels={})
    raise_hand(here)
    assert alerts.deliver(here.ports) == Delivered(sent=1)
    assert channels.deliver(here.ports) == Delivered()
    assert here.one("SELECT state FROM outbox WHERE kind = 'channel_alert'").state == "pending"
    (waiting,) = [one for one in status(here.ports, here.clock.now()).todo if "channel" in one.what]
    assert waiting.what == "1 alerts wait for channel slack: it has no address"
    assert waiting.do.startswith("set NURTURE_ALERT_CHANNELS__SLACK")


def test_a_channel_for_nobody_is_a_fault_with_its_line(tmp_path: Path) -> None:
    from nurture.content import load_project
    from tests.support import REPOSITORY, write_project

    root = write_project(tmp_path)
    text = (REPOSITORY / "nurture.yaml").read_text()
    (root / "nurture.yaml").write_text(text + "\nalerts:\n  - {name: slack, for: team}\n  - {name: toms, for: thom}\n")
    with pytest.raises(ContentError) as refused:
        load_project(root)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.line) == ("alert_channel", text.count("\n") + 4)
    assert "did you mean 'tom'" in problem.message
