"""From template and lead to the mail that is handed over."""

from __future__ import annotations

import pytest

from nurture.content.samples import SAMPLE_LEADS
from nurture.errors import RenderError
from nurture.mail import Email, Mailbox
from nurture.render import compose, unsubscribe_header_fits
from tests.content.projects import shipped

LEAD = SAMPLE_LEADS["a lead of whom everything is known"]
URL = "https://go.example.com/u/abcdefghijklmnopqrstuv"


def _mail(subject: str | None = None, template: str = "tofu/night-load") -> Email:
    return compose(
        shipped(),
        template=template,
        subject=subject,
        lead=LEAD,
        message_id="m-1",
        unsubscribe_url=URL,
        categories=("tofu", "first-interest"),
    )


def test_a_mail_goes_from_the_brand_to_the_lead() -> None:
    mail = _mail()
    assert mail.sender == Mailbox("nora@fjordlight.example.com", "Nora Lie, Fjordlight")
    assert mail.reply_to == Mailbox("hello@fjordlight.example.com")
    assert mail.to == Mailbox("lead@example.com", "Ingrid Solheim")
    assert (mail.message_id, mail.attempt_id) == ("m-1", "")
    assert mail.categories == ("tofu", "first-interest")


def test_the_step_may_override_the_subject() -> None:
    assert _mail("For {{ lead.company }}").subject == "For Nordvik Bakeri AS"


def test_a_mail_from_the_lead_s_rep_is_signed_by_the_rep() -> None:
    mail = compose(
        shipped(),
        template="tofu/night-load",
        lead={**LEAD, "owner": "kari"},
        message_id="m-1",
        unsubscribe_url=URL,
        by_owner=True,
    )
    assert (mail.sender, mail.reply_to) == (Mailbox("kari.lund@fjordlight.example.com", "Kari Lund"), None)
    assert all("Kari Lund" in part and "Nora Lie" not in part for part in (mail.text, mail.html))
    assert "Nora Lie" in _mail().text


def test_the_headers_let_mail_programs_unsubscribe_with_one_click() -> None:
    headers = _mail().headers
    assert headers["List-Unsubscribe"] == f"<{URL}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Id"] == "<tofu.news.fjordlight.example.com>"
    assert URL in _mail().text
    assert f'href="{URL}"' in _mail().html


def test_nothing_in_the_headers_is_about_the_person() -> None:
    headers = _mail().headers
    assert headers["Feedback-ID"] == "first-interest:tofu:nurture:newsfjordlighte"
    told = {str(LEAD[field]).lower() for field in ("email", "first_name", "last_name", "company", "phone")}
    assert not any(word in f"{name}: {value}".lower() for word in told for name, value in headers.items())


def test_headers_are_plain_ascii_on_one_line() -> None:
    assert all(value.isascii() and value.isprintable() for value in _mail().headers.values())


@pytest.mark.parametrize(
    ("public_url", "fits"),
    [
        ("https://go.example.com", True),
        ("https://" + "a" * 42, True),  # 77 bytes with the brackets and the token
        ("https://" + "a" * 43, False),
    ],
)
def test_a_long_public_url_makes_the_unsubscribe_header_too_long(public_url: str, fits: bool) -> None:
    assert unsubscribe_header_fits(public_url) is fits


def test_a_mail_that_cannot_be_composed_is_an_error_of_its_own() -> None:
    with pytest.raises(RenderError, match="there is no template"):
        _mail(template="tofu/nothing")
