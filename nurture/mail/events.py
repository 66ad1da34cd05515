"""What a mail system reports back about a mail: one vocabulary, whoever the provider is.

Delivery events say what the mail system did (delivered, bounced); opens, clicks and complaints say what the
reader did. A provider's module reads its own wire form into these; nothing else knows that form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import orjson


class DeliveryKind(StrEnum):
    """What happened to a mail after the provider took it."""

    #: the provider has it and will try: proof that a hand-over was accepted
    PROCESSED = "processed"
    #: the receiving server put it off; the provider goes on trying
    DEFERRED = "deferred"
    #: the receiving server took it
    DELIVERED = "delivered"
    #: refused for good (hard): the address is suppressed
    BOUNCED = "bounced"
    #: refused for now, for reasons of content, reputation or volume: the address stays good
    BLOCKED = "blocked"
    #: accepted by the provider, then not sent (an earlier bounce, an opt-out, spam content)
    DROPPED = "dropped"
    #: a tracking image was fetched, most often by a machine: never counted as interest
    OPENED = "opened"
    #: a link was fetched, by the reader or by a scanner
    CLICKED = "clicked"
    #: the reader pressed "this is spam": a global opt-out
    COMPLAINED = "complained"
    #: the reader opted out at the provider
    OPTED_OUT = "opted_out"
    #: the reader opted in again at the provider
    RESUBSCRIBED = "resubscribed"
    #: the provider suspended or reinstated our account: nobody is mailed until a person has looked
    ACCOUNT_CHANGED = "account_changed"
    #: a kind that this version does not know: kept, and otherwise ignored
    OTHER = "other"


# a tuple, because thousands are made in a second
class DeliveryEvent(NamedTuple):
    """One report about one mail. Text fields are empty when the provider left them out.

    `attempt_id` proves acceptance of that attempt; `environment` tells our events from those of a staging
    system on the same account. An asynchronous bounce carries neither: match it by `smtp_id`.
    """

    kind: DeliveryKind
    #: when it happened (UTC, whole seconds), not when we heard of it
    occurred_at: datetime
    environment: str
    message_id: str
    attempt_id: str
    #: the provider's name for the mail; begins with the `provider_id` of the receipt
    provider_id: str
    #: the Message-ID under which the receiver saw it
    smtp_id: str
    address: str
    #: the link that was clicked, and which of the mail's links it is (from 0)
    url: str
    url_offset: int | None
    #: why it bounced, was dropped or put off, in the words of the server that said so
    reason: str
    #: the provider's class of a bounce, such as "Invalid Address" or "Reputation"
    classification: str
    #: the provider itself says that a machine did it (Apple Mail fetching images ahead)
    machine: bool
    ip: str
    user_agent: str
    #: the provider's own word for which of its kind, such as "compliance_suspend" of an account change
    subtype: str
    #: of a mail that was dropped: what put its address on the provider's own list; we should have known
    listed: DeliveryKind | None
    #: 16 bytes, equal for every copy of the same event and ordered by time: the key for dedupe
    key: bytes


@dataclass(frozen=True, slots=True)
class BadEvent:
    """An entry that cannot be read as an event: quarantined, while the rest of its batch goes on."""

    reason: str


def content_key(occurred: int, *content: str) -> bytes:
    """A dedupe key: 4 bytes of Unix time, big-endian, so that keys sort by time, then 12 bytes of SHA-256."""
    seconds = min(max(occurred, 0), 2**32 - 1)
    return seconds.to_bytes(4, "big") + hashlib.sha256(orjson.dumps([occurred, *content])).digest()[:12]
