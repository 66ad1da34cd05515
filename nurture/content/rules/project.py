"""What nurture.yaml says."""

from __future__ import annotations

from nurture.content.rules.rule import Rule

_BRAND = (
    "brand:\n  name: Fjordlight\n  site: {site}\n  address: Strandgaten 18, 5013 Bergen, Norway\n  list_id: {list_id}\n"
)
_MQL = (
    "agreement:\n  mql:\n    - {{text: Could be our customer, {fit}: 30}}\n"
    "    - {{text: Is engaged, score_at_least: 15}}\n"
)
_ASSETS = (
    "assets:\n  - {{title: Energy in food, url: https://www.example.com/food{first}}}\n"
    "  - {{title: Ten slides, url: https://www.example.com/deck}}\n"
)
_SITE, _LIST_ID = "https://www.example.com", "news.example.com"

PROJECT: dict[str, Rule] = {
    "cap": Rule(
        "A frequency cap is a number of mails per span of time.",
        "It protects leads that are in several sequences at once from a mail a day.",
        "caps: [twice a week]\n",
        "caps: [2 per 7 days]\n",
        kind="project",
    ),
    "address": Rule(
        "A mail address has a name, an @ and a domain.",
        "Mail from an address that does not exist is refused, and answers to it are lost.",
        "sender:\n  name: Nora Lie\n  address: nora at example.com\n",
        "sender:\n  name: Nora Lie\n  address: nora@example.com\n",
        kind="project",
    ),
    "url": Rule(
        "A web address begins with https://.",
        "Every link in every mail starts with it; without https, browsers warn the reader.",
        _BRAND.format(site="www.example.com", list_id=_LIST_ID),
        _BRAND.format(site=_SITE, list_id=_LIST_ID),
        kind="project",
    ),
    "list_id": Rule(
        "A list id is written like a domain (RFC 2919).",
        "Mail programs sort by it and show their own button to unsubscribe.",
        _BRAND.format(site=_SITE, list_id="our news"),
        _BRAND.format(site=_SITE, list_id=_LIST_ID),
        kind="project",
    ),
    "color": Rule(
        "A color is a # with six digits, in quotes.",
        "Outlook knows neither short forms nor most names, and shows black; without quotes the # begins a comment.",
        _BRAND.format(site=_SITE, list_id=_LIST_ID) + "  colors: {primary: teal}\n",
        _BRAND.format(site=_SITE, list_id=_LIST_ID) + '  colors: {primary: "#0B5D6B"}\n',
        kind="project",
    ),
    "text": Rule(
        "What becomes part of a mail's head is one line without control characters.",
        "A second line in a head is another header, such as a Bcc that nobody meant.",
        'sender:\n  name: "Nora\\nLie"\n  address: nora@example.com\n',
        'sender:\n  name: "Nora Lie"\n  address: nora@example.com\n',
        kind="project",
    ),
    "network": Rule(
        "A network of scanners is its first address and its size, at most /8 (/32 for IPv6).",
        "Every click from it is taken for a machine's: in a network that is too large, people click as well.",
        "scanners:\n  networks: [12.0.0.0/6]\n",
        "scanners:\n  networks: [12.34.56.0/24]\n",
        kind="project",
    ),
    "program": Rule(
        "The name of a scanner is a word of at least 4 characters that no browser calls itself.",
        "Every click of a program with it in its name is taken for a machine's.",
        "scanners:\n  agents: [Mozilla]\n",
        "scanners:\n  agents: [AcmeLinkCheck]\n",
        kind="project",
    ),
    "assets": Rule(
        "Of the assets the last one, and no other, asks for nothing: it is the master. None is there twice.",
        "A lead of a trade or a role that nobody thought of gets the master; what stands behind it is never sent.",
        _ASSETS.format(first=""),
        _ASSETS.format(first=", industries: [food]"),
        kind="project",
    ),
    "alert_channel": Rule(
        "A channel has a name of its own, and is for a rep of the agreement, team, manager or marketing.",
        "What is for nobody is told to nobody, and nobody notices.",
        "alerts:\n  - {name: sales-slack, for: everyone}\n",
        "alerts:\n  - {name: sales-slack, for: team}\n",
        kind="project",
    ),
    "rule_kind": Rule(
        "A rule of the agreement has a `text`, and asks one known thing.",
        "Both departments sign the words of the rule; the other key is what is checked in their name.",
        _MQL.format(fit="fits_at_least"),
        _MQL.format(fit="fit_at_least"),
        kind="project",
    ),
}
