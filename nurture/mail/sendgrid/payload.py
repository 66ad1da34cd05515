"""An `Email` as the JSON body of POST /v3/mail/send, to the letter of Twilio's OpenAPI description.

One personalization with one recipient per request: bodies differ from lead to lead, and so acceptance, failure
and retry are each lead's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nurture.mail import Email, Mailbox
from nurture.mail.headers import defuse

#: limits of SendGrid on categories
MAX_CATEGORIES = 10
MAX_CATEGORY = 255

#: Our names among the custom args. SendGrid merges them flat into each event, where "attempt" (of a deferral),
#: "status" and "type" are its own.
ENVIRONMENT_ARG, MESSAGE_ARG, ATTEMPT_ARG = "env", "msg", "att"

# Opens are not counted (Apple's proxy opens everything), links in the text part stay readable, and opting out
# is ours: SendGrid's own footer and headers would stand beside those of RFC 8058 that we write.
_TRACKING = {
    "click_tracking": {"enable": True, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}


def build_payload(email: Email, environment: str, sandbox: bool = False) -> dict[str, Any]:
    """The request body. In sandbox mode SendGrid checks the mail, answers 200, and sends nothing."""
    payload: dict[str, Any] = {
        "personalizations": [_personalization(email, environment)],
        "from": _mailbox(email.sender),
        "subject": defuse(email.subject),
        "content": _content(email),
        "tracking_settings": _TRACKING,
    }
    if email.reply_to:
        payload["reply_to"] = _mailbox(email.reply_to)
    if email.headers:
        payload["headers"] = {name: defuse(value) for name, value in email.headers.items()}
    if email.categories:
        payload["categories"] = _categories(email.categories)
    if sandbox:
        payload["mail_settings"] = {"sandbox_mode": {"enable": True}}
    return payload


def _personalization(email: Email, environment: str) -> dict[str, Any]:
    # SendGrid refuses a recipient's name with a comma or a semicolon in it.
    name = email.to.name.replace(",", " ").replace(";", " ")
    return {
        "to": [_mailbox(Mailbox(email.to.address, " ".join(name.split())))],
        # Kept by SendGrid for good and in sight of its staff: opaque ids, never personal data.
        "custom_args": {ENVIRONMENT_ARG: environment, MESSAGE_ARG: email.message_id, ATTEMPT_ARG: email.attempt_id},
    }


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    return {"email": mailbox.address} | ({"name": defuse(mailbox.name)} if mailbox.name else {})


def _content(email: Email) -> list[dict[str, str]]:
    parts = (("text/plain", email.text), ("text/html", email.html))
    return [{"type": kind, "value": value} for kind, value in parts if value]


def _categories(names: Iterable[str]) -> list[str]:
    fitting = (name.encode("ascii", "replace").decode()[:MAX_CATEGORY] for name in names if name)
    return list(dict.fromkeys(fitting))[:MAX_CATEGORIES]
