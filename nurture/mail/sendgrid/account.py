"""Is SendGrid set up? The questions asked before the first mail, and by `nurture doctor`."""

from __future__ import annotations

import http.client
import logging
from typing import Any
from urllib.parse import urlsplit

import orjson

from nurture.errors import SetupError

TIMEOUT_SECONDS = 10

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HELP = {
    401: "The key is wrong, was deleted, or is of another region (host {host}). Make a new one in SendGrid under"
    " Settings, API Keys, and set NURTURE_SENDGRID__API_KEY.",
    403: "The key may not do this, or the account is blocked. Look at the account in SendGrid, and give the key"
    " full access or the permission Mail Send.",
}


def require_key(api_key: str) -> str:
    """The key, trimmed. Raises SetupError when there is none."""
    key = api_key.strip()
    if not key:
        raise SetupError("There is no SendGrid API key. Set NURTURE_SENDGRID__API_KEY (it begins with SG.).")
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise SetupError("NURTURE_SENDGRID__API_KEY holds characters that no API key has. Copy it anew.")
    return key


def require_host(host: str) -> str:
    """The base URL without a trailing slash. Raises SetupError unless it is https, or http on this machine."""
    try:
        parts = urlsplit(host.strip())
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        whole = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        parts, plain, whole = urlsplit(""), False, ""
    if not parts.hostname or not (plain or parts.scheme == "https") or host.strip().rstrip("/") != whole:
        raise SetupError(f"NURTURE_SENDGRID__HOST is {host!r}; it must be a URL such as https://api.sendgrid.com.")
    return whole


def check_account(api_key: str, host: str) -> str:
    """Ask SendGrid whether the key may send mail, in one sentence. Raises SetupError that says how to mend it."""
    key, host = require_key(api_key), require_host(host)
    scopes = _fetch_scopes(key, host)
    if "mail.send" not in scopes:
        raise SetupError("SendGrid knows the key, but it may not send mail. Give it the permission Mail Send.")
    return f"SendGrid at {host} knows the key, and it may send mail."


def _fetch_scopes(key: str, host: str) -> list[str]:
    # Imported here because it takes 0.15 s, and only this check uses it.
    from python_http_client.exceptions import HTTPError

    try:
        answer = orjson.loads(_client(key, host).scopes.get().body)
        return list(answer["scopes"])
    except HTTPError as error:
        hint = _HELP.get(error.status_code, "Try again later, and look at status.sendgrid.com.").format(host=host)
        raise SetupError(f"SendGrid answered {error.status_code}. {hint}") from None
    except (OSError, http.client.HTTPException) as error:
        raise SetupError(
            f"SendGrid cannot be reached at {host}: {error}. Check the network, any proxy, and NURTURE_SENDGRID__HOST."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise SetupError(f"What answers at {host} is not SendGrid. Check NURTURE_SENDGRID__HOST.") from None


def _client(key: str, host: str) -> Any:
    from sendgrid import SendGridAPIClient

    # At DEBUG this logger prints the key.
    logging.getLogger("python_http_client").setLevel(logging.INFO)
    client = SendGridAPIClient(key, host=host).client
    client.timeout = TIMEOUT_SECONDS  # not settable in its constructor, and without it a dead peer hangs us for ever
    return client
