"""Chat channels that alerts also go to, beside the mail: Slack, Teams and whatever else apprise knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Literal

from pydantic import Field

from nurture.core.entries import Name
from nurture.core.schema import Strict, Text, fault
from nurture.core.suggest import did_you_mean

#: what an alert is about: a lead for sales, a promise that runs out, a company that warms up, a marketer's note, our
#: account at the mail provider
About = Literal["handoff", "sla", "surge", "note", "account"]
#: whose a channel can be, beside a rep's
TEAM, MANAGER, MARKETING = "team", "manager", "marketing"
ROLES = (TEAM, MANAGER, MARKETING)


class Channel(Strict):
    """One of them. Its address is a secret: it stands in NURTURE_ALERT_CHANNELS__<NAME>, never here."""

    name: Name = Field(description="Short and for good.", examples=["sales-slack"])
    for_: Annotated[Text, Field(alias="for", description="Who reads it: a rep's key, team, manager or marketing.")] = (
        TEAM
    )
    about: tuple[About, ...] = Field(
        default=("handoff", "sla"), min_length=1, description="Which alerts go there.", examples=[["handoff", "surge"]]
    )
    personal: bool = Field(
        default=False,
        strict=True,
        description="Whether names are told there; else only that there is something, and the link.",
    )


def in_order(channels: Sequence[Channel], reps: Collection[str]) -> None:
    """Raises a fault where two have one name, or one is for nobody."""
    for number, channel in enumerate(channels):
        if any(channel.name == other.name for other in channels[:number]):
            raise fault("alert_channel", f"'{channel.name}' is here twice", key=number)
        if channel.for_ not in (*ROLES, *reps):
            known = [*ROLES, *reps]
            hint = did_you_mean(channel.for_, known)
            told = f"'{channel.for_}' is nobody here{hint}; there are: {', '.join(known)}"
            raise fault("alert_channel", told, key=number)
