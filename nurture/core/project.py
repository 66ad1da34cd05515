"""nurture.yaml: who we are, when we write, how often at most, and the agreement of marketing and sales."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from nurture.core.agreement import Agreement
from nurture.core.announced import Announced
from nurture.core.assets import Asset, with_master
from nurture.core.cadence import parse_cap
from nurture.core.channels import Channel, in_order
from nurture.core.entries import Name
from nurture.core.fields import FormField
from nurture.core.sales import Absence
from nurture.core.scanners import Scanners, program, span_of_net
from nurture.core.schema import CapText, SendRules, Strict, Text, fault, text_as
from nurture.core.signals import EventName
from nurture.core.steps import SendWindow
from nurture.core.suggest import did_you_mean

_ADDRESS = re.compile(r"[^@\s<>\",;]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_DOMAIN = re.compile(r"[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def folded(words: str) -> str:
    """Words in small letters with one space between them: as what people type in two places is compared."""
    return " ".join(words.casefold().split())


def _mail_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise fault("address", f"'{text}' is not a mail address; write it like 'nora@example.com'")
    return text


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    at_home = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if (parts.scheme != "https" and not at_home) or not parts.netloc or re.search(r"\s", text):
        raise fault("url", f"'{text}' is not a webhook's address; write it like 'https://crm.example.com/hooks'")
    return text


def _site(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.netloc or re.search(r"\s", text):
        raise fault("url", f"'{text}' is not a web address; write it like 'https://www.example.com'")
    return text.rstrip("/")


def _list_id(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise fault("list_id", f"'{text}' is not a list id; write it like a domain: 'news.example.com' (RFC 2919)")
    return text


def _color(text: str) -> str:
    if not _COLOR.fullmatch(text):
        raise fault("color", f"'{text}' is not a color; write it in quotes like '#0B5D6B'")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise fault("text", "this must be one line without control characters: it becomes part of a mail's head")
    return text


Color = Annotated[Text, AfterValidator(_color)]
MailAddress = Annotated[Text, AfterValidator(_mail_address)]
Line = Annotated[Text, AfterValidator(_one_line)]


class Colors(Strict):
    """The few colors a mail needs; each pair is readable in light and in dark mode."""

    primary: Color = Field(default="#0B5D6B", description="Buttons and links.", examples=["#0B5D6B"])
    on_primary: Color = Field(default="#FFFFFF", description="Text on a button.", examples=["#FFFFFF"])
    ink: Color = Field(default="#1C2B33", description="Text.", examples=["#1C2B33"])
    paper: Color = Field(default="#F3F6F7", description="What the mail lies on.", examples=["#F3F6F7"])


class Brand(Strict):
    """The company as its mails show it."""

    name: Line = Field(description="What the company is called.", examples=["Fjordlight"])
    site: Annotated[Text, AfterValidator(_site)] = Field(
        description="The company's site; links in mails start with it.", examples=["https://www.example.com"]
    )
    address: Line = Field(
        description="Postal address, at the foot of every mail (CAN-SPAM and others ask for it).",
        examples=["Fjordlight AS, Strandgaten 18, 5013 Bergen, Norway"],
    )
    colors: Colors = Field(default=Colors(), description="Colors of the mails.")
    list_id: Annotated[Text, AfterValidator(_list_id)] | None = Field(
        default=None,
        description="Name of the mailing list for mail programs; the site's host when left out.",
        examples=["news.example.com"],
    )

    @property
    def list_domain(self) -> str:
        """What List-Id ends with (RFC 2919)."""
        return self.list_id or urlsplit(self.site).hostname or ""


class Sender(Strict):
    """The person or department the mails come from."""

    name: Line = Field(description="Name in the From line.", examples=["Nora from Fjordlight"])
    address: MailAddress = Field(
        description="Address in the From line; its domain must be signed by the mail provider (DKIM).",
        examples=["nora@example.com"],
    )
    reply_to: MailAddress | None = Field(
        default=None, description="Where answers go, when not to the sender.", examples=["hello@example.com"]
    )


class Quota(Strict):
    """How much mail may leave the house."""

    per_day: int = Field(
        default=20000, ge=1, strict=True, description="Mails in 24 hours, all sequences.", examples=[20000]
    )


class Webhook(Strict):
    """Another system that is told what happens to leads (Standard Webhooks, signed with a secret of its own)."""

    url: Annotated[Text, AfterValidator(_endpoint)] = Field(
        description="Where it is told. The secret stands in NURTURE_WEBHOOK_SECRETS__<NAME>.",
        examples=["https://crm.example.com/hooks/nurture"],
    )
    events: tuple[Announced, ...] = Field(
        default=(),
        description="What it is told as it happens, whatever sequences say.",
        examples=[["lead.promoted", "handoff.accepted"]],
    )


class Form(Strict):
    """A form of the site, where its fields go by other names than ours."""

    fields: dict[Text, FormField] = Field(
        default={},
        description="Field of the form -> what it is here.",
        examples=[{"E-Mail": "email", "Firma": "company"}],
    )
    asset: Text | None = Field(
        default=None,
        description="What it asks for: the lead's `asset`, where it is the first.",
        examples=["night-load"],
    )


class ConsentRules(Strict):
    """How people agree to mail."""

    double_opt_in: bool = Field(
        default=False,
        strict=True,
        description="Whoever agrees by a form is asked by mail to confirm it, and gets no other mail before that.",
    )
    wording: Line = Field(
        default="Yes, send me mail. I can leave the list at any time.",
        description="What stands beside the box of your forms; kept with each consent as proof.",
        examples=["Yes, send me news and advice by mail. I can leave the list at any time."],
    )


class Sunset(Strict):
    """When the quiet are let go."""

    days: int = Field(
        default=180,
        ge=30,
        le=1000,
        strict=True,
        description="Days without anything the lead did itself.",
        examples=[180],
    )
    mails: int = Field(
        default=6, ge=1, strict=True, description="Mails that arrived in those days, at least.", examples=[6]
    )
    after: Name | None = Field(
        default=None,
        description="The sequence that asks the quiet ones first: who is under way in it is not let go.",
        examples=["still-useful"],
    )


Network = Annotated[str, *text_as("network", span_of_net)]
Program = Annotated[str, *text_as("program", program)]


class OwnScanners(Strict):
    """Scanners that you know of, beside those that everybody knows. Clicks of theirs are a machine's."""

    agents: tuple[Program, ...] = Field(
        default=(),
        description="Words in what a scanner calls itself (user agent), in any case.",
        examples=[["AcmeLinkCheck"]],
    )
    networks: tuple[Network, ...] = Field(
        default=(),
        description="Networks that a scanner comes from and no person does (CIDR).",
        examples=[["192.0.2.0/24", "2001:db8::/48"]],
    )


class Retention(Strict):
    """For how many days what is personal and no longer needed is kept."""

    requests: int = Field(
        default=30, ge=3, strict=True, description="Requests as they arrived: events, forms, replies.", examples=[30]
    )
    network: int = Field(
        default=90, ge=3, strict=True, description="IP addresses and browsers of who clicked.", examples=[90]
    )
    strangers: int = Field(
        default=90,
        ge=3,
        strict=True,
        description="Visits of people who never said who they are, mails of people who are no lead.",
        examples=[90],
    )
    orphans: int = Field(default=7, ge=3, strict=True, description="Events about mail nobody knows of.", examples=[7])
    delivered: int = Field(
        default=90, ge=7, strict=True, description="Alerts and webhook events that arrived.", examples=[90]
    )
    links: int = Field(default=90, ge=30, strict=True, description="Links to confirm an address.", examples=[90])


_CAPS = tuple(parse_cap(text) for text in ("1 per 48 hours", "2 per 7 days", "6 per 30 days"))


class ProjectConfig(Strict):
    """nurture.yaml as a whole."""

    brand: Brand = Field(description="The company.")
    sender: Sender = Field(description="Who the mails come from.")
    send: SendRules = Field(default=SendRules(), description="When mail goes out, unless a sequence says otherwise.")
    caps: tuple[CapText, ...] = Field(
        default=_CAPS,
        description="At most so many mails to one lead, across all sequences.",
        examples=[["1 per 48 hours", "2 per 7 days", "6 per 30 days"]],
    )
    quota: Quota = Field(default=Quota(), description="At most so many mails in all.")
    topics: dict[Name, Line] = Field(
        default={},
        description="What mails can be about, each with the words that leads read: they may decline one alone.",
        examples=[{"product-news": "What is new in the product"}],
    )
    consent: ConsentRules = Field(default=ConsentRules(), description="How people agree to mail.")
    sunset: Sunset = Field(default=Sunset(), description="When those who stay quiet are not mailed any more.")
    alert_to: MailAddress | None = Field(
        default=None, description="Where `alert: marketing` goes.", examples=["marketing@example.com"]
    )
    webhooks: dict[Name, Webhook] = Field(
        default={},
        description="Systems that `webhook` steps tell, by name.",
        examples=[{"crm": {"url": "https://crm.example.com/hooks"}}],
    )
    forms: dict[Name, Form] = Field(
        default={},
        description="Forms of the site whose fields go by other names, or that nothing scores.",
        examples=[{"ebook": {"fields": {"E-Mail": "email"}, "asset": "night-load"}}],
    )
    events: dict[EventName, Line] = Field(
        default={},
        description="What the site tells beside pages, in words; it can be a `trigger:` and asked for with did().",
        examples=[{"trial_started": "started a trial"}],
    )
    retention: Retention = Field(
        default=Retention(), description="For how many days what is personal and no longer needed is kept."
    )
    absences: tuple[Absence, ...] = Field(
        default=(),
        description="When reps are away and take no leads. Nobody has to sign a holiday.",
        examples=[[{"owner": "kari", "from": "2026-07-06", "until": "2026-07-24"}]],
    )
    assets: Annotated[tuple[Asset, ...], AfterValidator(with_master)] = Field(
        default=(),
        description="What reps send or show, the first that fits; the last is the master, for everybody.",
        examples=[[{"title": "Fjordlight in 10 slides", "url": "https://www.example.com/deck"}]],
    )
    scanners: OwnScanners = Field(
        default=OwnScanners(), description="Scanners you know of: what they call themselves, where they come from."
    )
    agreement: Agreement = Field(
        description="What marketing and sales agree on: scoring, criteria, times, reasons, owners."
    )
    crm_reasons: dict[Line, Line] = Field(
        default={},
        description="What your CRM calls the reasons of lost deals, and which of `reject_reasons` each is.",
        examples=[{"Lost to competitor": "competitor_chosen", "Price": "no_budget"}],
    )
    alerts: tuple[Channel, ...] = Field(
        default=(),
        description="Chat channels that alerts go to as well, beside the mail.",
        examples=[[{"name": "sales-slack", "for": "team", "about": ["handoff", "sla"]}]],
    )

    @field_validator("alerts")
    @classmethod
    def _channels_are_in_order(cls, channels: tuple[Channel, ...], info: ValidationInfo) -> tuple[Channel, ...]:
        agreement: Agreement | None = info.data.get("agreement")
        if agreement is not None:
            in_order(channels, [owner.key for owner in agreement.owners])
        return channels

    @field_validator("crm_reasons")
    @classmethod
    def _reasons_are_agreed(cls, named: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        agreement: Agreement | None = info.data.get("agreement")
        seen: set[str] = set()
        for words, code in named.items():
            if folded(words) in seen:
                reason = f"{words!r} stands here twice: small letters are as good as capitals"
                raise fault("value", reason, key=words)
            seen.add(folded(words))
            if agreement and code not in agreement.reject_reasons:
                hint = f"{did_you_mean(code, agreement.reject_reasons) or '.'} There are: "
                known = ", ".join(agreement.reject_reasons)
                raise fault("value", f"{code!r} is no reason of the agreement{hint}{known}", at=(words,))
        return named

    @property
    def tracked(self) -> frozenset[str]:
        """The events of the site that are known here: those above, and those that score."""
        scored = {event for signal in self.agreement.signals.values() for event in signal.events}
        return frozenset(scored | set(self.events))

    @property
    def reason_names(self) -> Mapping[str, str]:
        """The codes of `reject_reasons` by what a CRM calls them (`folded`), as far as they are in force."""
        known = self.agreement.reject_reasons
        return {folded(words): code for words, code in self.crm_reasons.items() if code in known}

    @cached_property
    def known_scanners(self) -> Scanners:
        """Who is known to follow links for safety: everybody's list and the one here."""
        return Scanners(self.scanners.agents, self.scanners.networks)

    @property
    def window(self) -> SendWindow:
        """The send window of sequences that say nothing of their own."""
        return self.send.window(SendWindow())
