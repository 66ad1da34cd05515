"""Assets: what a rep sends or shows to a lead, such as a deck, a case study, a price sheet; one register for all.

There is one master, for everybody; what stands before it is for a market, a role, an interest, or a stage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from nurture.core.matching import any_word
from nurture.core.schema import Strict, Text, fault
from nurture.core.steps import FunnelStage


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.netloc or re.search(r"\s", text):
        raise fault("url", f"'{text}' is not an asset's address; write it like 'https://www.example.com/deck'")
    return text


class Asset(Strict):
    """One of them. It fits a lead if everything that it asks for does; the master asks for nothing."""

    title: Text = Field(description="What it is called.", examples=["Energy in bakeries, 12 slides"])
    url: Annotated[Text, AfterValidator(_address)] = Field(
        description="Where the current version is.", examples=["https://www.example.com/decks/bakeries"]
    )
    industries: tuple[Text, ...] = Field(
        default=(), description="Words in the lead's trade, any of them.", examples=[["food", "bakery"]]
    )
    titles: tuple[Text, ...] = Field(
        default=(),
        description="Words in the lead's job title, or what it means: a function, a seniority.",
        examples=[["finance", "c_level"]],
    )
    about: tuple[Text, ...] = Field(
        default=(),
        description="Words in what the lead asked for, looked at or told us it needs.",
        examples=[["compressed air", "pricing"]],
    )
    stages: tuple[FunnelStage, ...] = Field(
        default=(), description="Where the lead stands: tofu, mofu, bofu, loyalty.", examples=[["bofu"]]
    )

    @property
    def is_master(self) -> bool:
        return not (self.industries or self.titles or self.about or self.stages)

    def fits(self, lead: Mapping[str, str]) -> bool:
        """Whether it is for a lead of whom this text is known: `industry`, `title`, `about`, `stage`."""
        asked = {"industry": self.industries, "title": self.titles, "about": self.about, "stage": self.stages}
        return all(any_word(words).search(lead.get(name, "")) for name, words in asked.items() if words)


def with_master(assets: tuple[Asset, ...]) -> tuple[Asset, ...]:
    """Assets that are in order: the master stands last, and nothing is there twice. Raises a fault otherwise."""
    if assets and [asset.is_master for asset in assets] != [False] * (len(assets) - 1) + [True]:
        raise fault("assets", "the last asset, and no other, is the master: one that asks for nothing")
    urls = [asset.url for asset in assets]
    if twice := next((url for url in urls if urls.count(url) > 1), None):
        raise fault("assets", f"'{twice}' is here twice; one asset may be for several trades, titles or interests")
    return assets


def suggest(assets: Sequence[Asset], lead: Mapping[str, str]) -> Asset | None:
    """The first that fits, so at last the master; None where there are no assets."""
    return next((asset for asset in assets if asset.fits(lead)), None)
