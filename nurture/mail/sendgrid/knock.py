"""Do the addresses that the provider posts to reach us, and are they guarded? Asked from here, as it would ask."""

from __future__ import annotations

import base64
from datetime import datetime

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from nurture.errors import SetupError
from nurture.mail.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER

TIMEOUT_SECONDS = 10.0
_EVENTS, _REPLIES = "/webhooks/sendgrid", "/webhooks/inbound"
_NO_EVENTS = b"[]\r\n"
#: where a mail would be: whoever knows the secret path and posts this asks whether we listen there
KNOCK = b'{"knock": "throw this away"}\r\n'
#: how it is answered, which no mail is
HEARD = 202


def knock(public_url: str, now: datetime) -> str:
    """Post an empty batch, signed with a key that nobody has, to the address that mails name; it must be refused.

    Returns what that shows, in words. Raises SetupError saying what is wrong. Changes nothing.
    """
    url = public_url + _EVENTS
    status = _post(url, url, _NO_EVENTS, now)
    if status != 403:
        raise SetupError(f"{url} {_meaning(status)}")
    return f"{url} reaches us, and refuses what the provider has not signed"


def knock_replies(public_url: str, secret_path: str, signed: bool, now: datetime) -> str:
    """Post what is no mail to the address that answers come to (Inbound Parse), signed with a key that nobody has.

    Where mails are `signed` it must be refused, otherwise recognized, and thrown away. Returns what that shows, in
    words without the secret. Raises SetupError saying what is wrong. Changes nothing.
    """
    url, shown = public_url + _REPLIES, public_url + _REPLIES
    if secret_path:
        url, shown = f"{url}/{secret_path}", f"{url}/<secret>"
    status = _post(url, shown, KNOCK, now)
    if status != (403 if signed else HEARD):
        raise SetupError(f"{shown} {_meaning_of_reply(status, signed)}")
    return f"{shown} reaches us" + (", and refuses what the provider has not signed" if signed else "")


def _post(url: str, shown: str, body: bytes, now: datetime) -> int:
    """The status of the answer. Raises SetupError where there is none."""
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            return client.post(url, content=body, headers=_forged(body, now)).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SetupError(
            f"{shown} cannot be reached ({type(error).__name__}). Start `nurture serve`; look at DNS, the certificate "
            "and the proxy in front of it."
        ) from None


def _forged(body: bytes, now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    seal = ec.generate_private_key(ec.SECP256R1()).sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "Content-Type": "application/json",
        SIGNATURE_HEADER: base64.b64encode(seal).decode(),
        TIMESTAMP_HEADER: stamp,
    }


def _meaning(status: int) -> str:
    if 200 <= status < 300:
        return "takes events that nobody has signed. Set a key, unset NURTURE_SENDGRID__WEBHOOK_INSECURE."
    if 300 <= status < 400:
        return "redirects, which the provider does not follow. Set NURTURE_PUBLIC_URL to the address behind it."
    if status == 503:
        return "has no key to check events with. Set NURTURE_SENDGRID__WEBHOOK_KEY where `nurture serve` runs."
    return _else(status, 403)


def _meaning_of_reply(status: int, signed: bool) -> str:
    if status == HEARD:
        return "takes mails that nobody has signed. Set NURTURE_INBOUND__KEY where `nurture serve` runs, too."
    if 300 <= status < 400:
        return "redirects, at which mails are lost. Set NURTURE_PUBLIC_URL to the address behind it."
    if status == 403:
        return "asks for a signature. Set NURTURE_INBOUND__KEY here as it is where `nurture serve` runs."
    if status == 404:
        return (
            "knows nothing of this path. Set NURTURE_INBOUND__SECRET_PATH to the same here, where `nurture serve` "
            "runs, and at the provider."
        )
    if status == 503:
        return "is not set up. Set NURTURE_INBOUND__SECRET_PATH or NURTURE_INBOUND__KEY where `nurture serve` runs."
    return _else(status, 403 if signed else HEARD)


def _else(status: int, expected: int) -> str:
    return (
        f"answers {status}, where the web app would answer {expected}. Something else listens there, or a proxy is in "
        "the way."
    )
