"""Where a webhook goes and what it is signed with: nurture.yaml has the address, the environment the secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from nurture.core.project import ProjectConfig
from nurture.settings import variable

_PREFIX = "whsec_"
#: bytes of a secret, by the standard
_SHORTEST, _LONGEST = 24, 64


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver that can be posted to. While its secret changes there are several, and each signs."""

    name: str
    url: str = field(repr=False)
    signers: tuple[Webhook, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why nothing can be posted to a webhook, and how to mend it."""

    what: str
    do: str


def endpoint(config: ProjectConfig, secrets: Mapping[str, SecretStr], name: str) -> Endpoint | Missing:
    """The receiver of that name in nurture.yaml, with its secret from NURTURE_WEBHOOK_SECRETS__<NAME>."""
    webhook = config.webhooks.get(name)
    if webhook is None:
        return Missing("nurture.yaml does not have it", f"put {name} under webhooks: in nurture.yaml")
    secret = secrets.get(_key(name))
    if secret is None or not secret.get_secret_value().strip():
        return Missing("it has no secret", f"set {secret_variable(name)} (whsec_...), the same as at the receiver")
    try:
        signers = tuple(_signer(part.strip()) for part in secret.get_secret_value().split(","))
    except ValueError as error:
        return Missing(f"its secret is not one: {error}", f"set {secret_variable(name)} anew")
    return Endpoint(name, str(webhook.url), signers)


def secret_variable(name: str) -> str:
    """The environment variable with the secret of a webhook; several secrets with commas."""
    return variable(("webhook_secrets", _key(name)))


def unused_secrets(config: ProjectConfig, secrets: Mapping[str, SecretStr]) -> set[str]:
    """The variables whose webhook nurture.yaml does not have."""
    return {secret_variable(name) for name in secrets.keys() - {_key(name) for name in config.webhooks}}


def _key(name: str) -> str:
    """Variables of the environment know neither case nor dashes."""
    return name.lower().replace("-", "_")


def _signer(text: str) -> Webhook:
    """Raises ValueError, without a word of the secret."""
    if not text.startswith(_PREFIX):
        raise ValueError(f"it does not begin with {_PREFIX}")
    bare = text.removeprefix(_PREFIX).rstrip("=")
    try:
        secret = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        raise ValueError(f"what follows {_PREFIX} is not base64") from None
    if not _SHORTEST <= len(secret) <= _LONGEST:
        raise ValueError(f"it has {len(secret)} bytes, where {_SHORTEST} to {_LONGEST} are right")
    return Webhook(secret)
