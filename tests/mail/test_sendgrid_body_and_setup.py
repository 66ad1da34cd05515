"""What we ask of SendGrid: the body of a mail, the key and the host."""

from __future__ import annotations

import copy
import logging
import socket
from collections.abc import Callable

import pytest

from nurture.errors import SetupError
from nurture.mail import Email, Mailbox, Outcome
from nurture.mail.sendgrid import SendGridMailer, account, build_payload, check_account
from tests.mail.fake_sendgrid import FakeSendGrid, refuse
from tests.mail.samples import ENCODED_WORD, mail, mails, plenty
from tests.mail.sendgrid_rules import find_errors

# --- the body


@pytest.mark.parametrize(
    "email",
    [
        mail(),
        mail(html=""),
        mail(text=""),
        mail(reply_to=None, headers={}, categories=()),
        mail(categories=("a", "a", "bøk", "", "x" * 300, *"bcdefghijklm")),
        mail(to=Mailbox("lead@example.com", "Lovelace, Ada; Dr.")),
        mail(to=Mailbox("lead@example.com", ",;")),
        mail(subject="🦊" * 100),
    ],
)
@pytest.mark.parametrize("sandbox", [False, True])
def test_the_body_passes_twilios_schema_and_the_documented_rules(email: Email, sandbox: bool) -> None:
    assert find_errors(build_payload(email, "test", sandbox)) == []


def test_the_body_says_what_we_mean() -> None:
    payload = build_payload(mail(to=Mailbox("lead@example.com", "Lovelace, Ada")), "production")
    assert payload == {
        "personalizations": [
            {
                "to": [{"email": "lead@example.com", "name": "Lovelace Ada"}],
                "custom_args": {"env": "production", "msg": "message-1", "att": "attempt-1"},
            }
        ],
        "from": {"email": "hello@acme.example", "name": "Acme"},
        "reply_to": {"email": "r+token1@in.acme.example"},
        "subject": "Your guide is here",
        "content": [
            {"type": "text/plain", "value": mail().text},
            {"type": "text/html", "value": mail().html},
        ],
        "headers": dict(mail().headers),
        "categories": ["ebook-to-demo", "tofu"],
        "tracking_settings": {
            "click_tracking": {"enable": True, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }


def test_encoded_words_are_defused_in_the_body_too() -> None:
    email = mail(subject=ENCODED_WORD, to=Mailbox("lead@example.com", ENCODED_WORD), headers={"X-T": ENCODED_WORD})
    assert "=?" not in str({**build_payload(email, "test"), "content": []})


def test_no_personal_data_goes_into_custom_args(sendgrid: FakeSendGrid, mailer: SendGridMailer) -> None:
    mailer.send([mail()], plenty())
    assert sendgrid.accepted[0].custom_args == {"env": "test", "msg": "message-1", "att": "attempt-1"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.update(bogus=1),
        lambda body: body["personalizations"][0].update(bogus=1),
        lambda body: body["personalizations"][0]["custom_args"].update(n=1),
        lambda body: body["personalizations"][0]["custom_args"].update(n=""),
        lambda body: body["personalizations"][0]["custom_args"].update(n="x" * 10_000),
        lambda body: body["personalizations"][0]["to"].append({"email": "LEAD-1@example.com"}),
        lambda body: body["personalizations"][0]["to"][0].update(name="a, b"),
        lambda body: body["personalizations"][0].update(to=[]),
        lambda body: body.pop("from"),
        lambda body: body.update(subject=""),
        lambda body: body["content"].reverse(),
        lambda body: body["content"][0].update(type="text/plain; charset=utf-8"),
        lambda body: body["content"][0].update(value=""),
        lambda body: body.update(content=[]),
        lambda body: body.update(headers={"Reply-To": "x@example.com"}),
        lambda body: body.update(headers={"X Y": "z"}),
        lambda body: body.update(headers={"X-N": 1}),
        lambda body: body.update(categories=["a"] * 2),
        lambda body: body.update(categories=["é"]),
        lambda body: body.update(reply_to_list=[{"email": "x@example.com"}]),
        lambda body: body["tracking_settings"]["open_tracking"].update(enable="false"),
    ],
)
def test_our_sendgrid_is_as_strict_as_the_real_one(spoil: Callable[[dict[str, object]], object]) -> None:
    """A fake that takes anything proves nothing."""
    payload = copy.deepcopy(build_payload(mail(), "test"))
    spoil(payload)
    assert find_errors(payload)


def test_in_the_sandbox_mail_is_accepted_and_not_sent(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test", sandbox=True)
    receipt = mailer.send([mail()], plenty())[0]
    mailer.close()
    assert (receipt.outcome, receipt.provider_id) == (Outcome.ACCEPTED, "")
    assert (sendgrid.posts, sendgrid.accepted) == (1, [])


# --- the set-up


@pytest.mark.parametrize("key", ["", "  ", "SG.a b", "SG.\x00", "SG.é"])
def test_a_missing_or_mangled_key_names_its_setting(key: str) -> None:
    with pytest.raises(SetupError, match="NURTURE_SENDGRID__API_KEY") as raised:
        SendGridMailer(key, "https://api.sendgrid.com", "test")
    assert not key.strip() or key not in str(raised.value)


def test_a_pasted_newline_around_the_key_does_no_harm(sendgrid: FakeSendGrid) -> None:
    mailer = SendGridMailer(f" {sendgrid.api_key}\n", sendgrid.url + "/", "test")
    assert mailer.send([mail()], plenty())[0].outcome is Outcome.ACCEPTED
    mailer.close()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "api.sendgrid.com",
        "http://api.sendgrid.com",
        "ftp://x",
        "https://",
        "https://x/v3",
        "https://[x",
        "https://x?y",
    ],
)
def test_a_host_must_be_a_whole_url_and_the_key_never_travels_in_the_clear(host: str) -> None:
    with pytest.raises(SetupError, match="NURTURE_SENDGRID__HOST"):
        SendGridMailer("SG.key", host, "test")


def test_the_doctor_is_told_that_all_is_well(sendgrid: FakeSendGrid) -> None:
    assert "may send mail" in check_account(sendgrid.api_key, sendgrid.url)


def test_the_doctor_is_told_what_to_mend(sendgrid: FakeSendGrid) -> None:
    with pytest.raises(SetupError, match=r"401.*NURTURE_SENDGRID__API_KEY"):
        check_account("SG.wrong", sendgrid.url)
    sendgrid.scopes = ["user.profile.read"]
    with pytest.raises(SetupError, match="may not send mail"):
        check_account(sendgrid.api_key, sendgrid.url)
    sendgrid.scopes = None
    with pytest.raises(SetupError, match=r"403.*Mail Send"):
        check_account(sendgrid.api_key, sendgrid.url)
    sendgrid.close()
    with pytest.raises(SetupError, match="cannot be reached"):
        check_account(sendgrid.api_key, sendgrid.url)


def test_the_doctor_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "TIMEOUT_SECONDS", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(SetupError, match=r"cannot be reached.*timed out"),
    ):
        check_account("SG.key", f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_the_key_is_never_logged(
    sendgrid: FakeSendGrid, mailer: SendGridMailer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    sendgrid.script(refuse(401))
    mailer.send(mails(2), plenty())
    check_account(sendgrid.api_key, sendgrid.url)
    with pytest.raises(SetupError) as raised:
        check_account("SG.other-secret", sendgrid.url)
    said = "".join([caplog.text, *capfd.readouterr(), str(raised.value), repr(mailer)])
    assert sendgrid.api_key not in said
    assert "SG.other-secret" not in said
