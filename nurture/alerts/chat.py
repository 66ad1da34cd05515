"""All we know of apprise: a chat service by its address, and posting one message to it.

It is imported when something is posted, and never where no channel is set: it takes half a second.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from pydantic import SecretStr

from nurture.netguard import Reach
from nurture.settings import variable

#: seconds to reach a service, and to wait for its answer
CONNECT_SECONDS, READ_SECONDS = 4.0, 6.0
UNKNOWN = "its address is none that apprise knows"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a channel is: "slack://TokenA/TokenB/TokenC", "workflows://..." for Teams, and many more."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why nothing can be posted to a channel, and how to mend it."""

    what: str
    do: str


def find(addresses: Mapping[str, SecretStr], name: str) -> Address | Missing:
    """The address of a channel from NURTURE_ALERT_CHANNELS__<NAME>."""
    secret = addresses.get(_key(name))
    if secret is None or not secret.get_secret_value().strip():
        return Missing("it has no address", f"set {address_variable(name)}, such as slack://TokenA/TokenB/TokenC")
    return Address(name, secret.get_secret_value().strip())


def examine(addresses: Mapping[str, SecretStr], name: str, reach: Reach) -> str | Missing:
    """The service of a channel ("Slack"), or what is wrong with its address."""
    found = find(addresses, name)
    if isinstance(found, Missing):
        return found
    chat = Chat(found, reach)
    return chat.service or Missing(UNKNOWN, f"set {address_variable(name)} anew: https://github.com/caronc/apprise")


def address_variable(name: str) -> str:
    """The environment variable with the address of a channel."""
    return variable(("alert_channels", _key(name)))


def unused(addresses: Mapping[str, SecretStr], names: Collection[str]) -> set[str]:
    """The variables whose channel nurture.yaml does not have."""
    return {address_variable(name) for name in addresses.keys() - {_key(name) for name in names}}


def _key(name: str) -> str:
    """Variables of the environment know neither case nor dashes."""
    return name.lower().replace("-", "_")


class Chat:
    """One service, ready to be posted to. Hosts of one's own are only reached where `reach` allows."""

    def __init__(self, address: Address, reach: Reach) -> None:
        import apprise

        # what it logs holds tokens, and texts with names
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._reach = reach
        self._plugin: Any = apprise.Apprise.instantiate(address.url, suppress_exceptions=True)
        if self._plugin is not None:
            self._plugin.socket_connect_timeout, self._plugin.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
            # a service that moves us on could move us inside
            self._plugin.redirects = False

    @property
    def service(self) -> str:
        """What it is: "Slack"; empty for an address that nobody understands."""
        return str(self._plugin.service_name) if self._plugin is not None else ""

    def post(self, title: str, body: str) -> str:
        """Post it, once. Why it was not taken, without a word of the address; empty when it was."""
        import apprise

        if self._plugin is None:
            return UNKNOWN
        if refusal := self._refusal():
            return refusal
        way = apprise.Apprise()
        way.add(self._plugin)
        try:
            taken = way.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        # Whatever it is, the other channels go on. Only the type: a text may hold the address.
        except Exception as error:  # noqa: BLE001
            return f"did not answer ({type(error).__name__})"
        return "" if taken else "did not take it"

    def _refusal(self) -> str:
        """Why a host of one's own must not be reached; services of the internet have none in their address."""
        if "host" not in self._plugin.template_tokens:
            return ""
        scheme = "https" if self._plugin.secure else "http"
        port = self._plugin.port or (443 if self._plugin.secure else 80)
        try:
            found = socket.getaddrinfo(self._plugin.host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return "its name could not be looked up"
        refused = (self._reach.refusal(scheme, port, ip_address(str(entry[4][0]))) for entry in found)
        return next(filter(None, refused), "")
