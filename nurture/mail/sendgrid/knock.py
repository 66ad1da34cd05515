"""Does the Event Webhook's address reach us, and is it guarded? Asked from here, as the provider would ask."""

from __future__ import annotations

import base64
from datetime import datetime

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from nurture.errors import SetupError
from nurture.mail.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER

TIMEOUT_SECONDS = 10.0
_PATH = "/webhooks/sendgrid"
_NO_EVENTS = b"[]\r\n"


def knock(public_url: str, now: datetime) -> str:
    """Post an empty batch, signed with a key that nobody has, to the address that mails name; it must be refused.

    Returns what that shows, in words. Raises SetupError saying what is wrong. Changes nothing.
    """
    url = public_url + _PATH
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            status = client.post(url, content=_NO_EVENTS, headers=_forged(now)).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SetupError(
            f"{url} cannot be reached ({type(error).__name__}). Start `nurture serve`; look at DNS, the certificate "
            "and the proxy in front of it."
        ) from None
    if status != 403:
        raise SetupError(f"{url} {_meaning(status)}")
    return f"{url} reaches us, and refuses what the provider has not signed"


def _forged(now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    seal = ec.generate_private_key(ec.SECP256R1()).sign(stamp.encode() + _NO_EVENTS, ec.ECDSA(hashes.SHA256()))
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
    return (
        f"answers {status}, where the web app would answer 403. Something else listens there, or a proxy is in the way."
    )
