"""A rendered mail looked at as its reader's mail program will show it: each check says what it saw, good or bad.

Nothing here reads a file or knows a template: texts in, findings out. `preview` shows all of them beside the mail;
`validate` says where in the files the bad ones are mended (nurture.content.trial).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urlsplit

from nurture.content.templates import Rendered

#: characters; phones show some 40 of a subject, desktops some 60
MAX_SUBJECT = 60
#: characters; less, and the mail program fills the line up with the first words of the mail
MIN_PREVIEW, MAX_PREVIEW = 40, 110
#: bytes; Gmail shows no more than about 102 KB of a mail, and hides what stands at its foot
MAX_BYTES = 100_000
MIN_WORDS = 10
#: WCAG 2.2, 1.4.3: text on its ground
MIN_CONTRAST = 4.5

_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}")
#: what other tools fill in: *|FNAME|*, %FIRST_NAME%, [First Name], {first_name}, <<Company>>
_FOREIGN = re.compile(
    r"\*\|\w{2,30}\|\*"
    r"|(?:%|\[{1,2}|\{|<<|\$\{) ?(?:(?:contact|lead|recipient|subscriber|user)[._])?"
    r"(?:f_?name|l_?name|(?:(?:first|last|full|your|company)[ _]?)?name|company|e-?mail) ?(?:%|\]{1,2}|\}|>>)",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"""\b(href|src)\s*=\s*(["'])([^"'{}<>]{1,2000})\2""")
_NOT_SENT = re.compile(r"\{#.*?(?:#\}|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_HOME = re.compile(r"localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1")
_URL = re.compile(r"https?://[^\s<>\"')]+")
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
#: need not be closed: the next one of their kind does it
_SELF_CLOSING = frozenset(("li", "p", "td", "th", "tr"))
_PART_NAMES: dict[Part, str] = {"html": "HTML", "text": "text"}
_COLOR_NAMES = {"white": "#ffffff", "black": "#000000"}

Part = Literal["", "subject", "preview", "html", "text"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. `ok` is good; a warning costs readers, an error costs trust or breaks the law.

    `part` is where it saw it, "" for both bodies; `about` is the very link, image or words, as they arrive.
    """

    rule: str
    level: Literal["ok", "warning", "error"]
    message: str
    part: Part = ""
    about: str = ""


def check(
    mail: Rendered, *, unsubscribe_url: str, address: str, link_color: str = "#0000ee", typed: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """Every check, in the order in which a reader meets what it is about.

    `address` is the postal address; `link_color` what links without a color of their own have; `typed` is what the
    lead told of itself, which may look like anything.
    """
    page = _Page(mail.html, link_color)
    typed = sorted(filter(_LEFT_OVER.search, typed), key=len, reverse=True)
    return (
        check_subject(mail.subject),
        _preview(mail.preview),
        _size(mail.html),
        _language(page),
        *_images(page),
        *_links(page, mail.text),
        _contrast(page),
        _left_over((mail.subject, mail.preview, mail.text, *page.words, *page.links), typed),
        _text_part(mail.text),
        *_in_both("unsubscribe_link", "link to unsubscribe", unsubscribe_url, page.links, mail.text),
        *_in_both("postal_address", "postal address", address, " ".join(page.words), mail.text),
    )


def check_written(source: str) -> Iterator[Finding]:
    """The links and images of a template as they are written, in whichever branch: no lead may have taken it yet."""
    for kind, _, link in _WRITTEN.findall(_NOT_SENT.sub("", source)):
        if kind == "href" and (fault := _fault_of(link)):
            yield Finding("link", "error", f"the link '{link}' {fault}", "html", link)
        elif kind == "src" and (fault := _fault_of_image(link)):
            yield Finding("image_source", "error", f"the image {link[:60]} {fault}", "html", link)


def contrast(ink: str, paper: str) -> float:
    """How text in one color stands out from another, 1 to 21 (WCAG 2.2); colors as "#0B5D6B" or "#fff"."""
    dark, light = sorted((_luminance(ink), _luminance(paper)))
    return (light + 0.05) / (dark + 0.05)


def worst(findings: Iterable[Finding]) -> Literal["ok", "warning", "error"]:
    """The gravest level among findings; "ok" when there are none."""
    levels = {finding.level for finding in findings}
    return "error" if "error" in levels else "warning" if "warning" in levels else "ok"


def check_subject(subject: str) -> Finding:
    """Whether a subject is there, and can be read whole."""
    length = len(subject)
    if not length:
        return Finding("subject", "error", "the subject is empty", "subject")
    if length > MAX_SUBJECT:
        message = f"the subject has {length} characters; more than {MAX_SUBJECT} are cut off"
        return Finding("subject_length", "warning", message, "subject")
    return _ok("subject_length", f"the subject has {length} characters")


def _preview(preview: str) -> Finding:
    length = len(preview)
    if length < MIN_PREVIEW:
        message = f"the preview has {length} characters; below {MIN_PREVIEW}, mail programs fill it up themselves"
        return Finding("preview_length", "warning", message, "preview")
    if length > MAX_PREVIEW:
        message = f"the preview has {length} characters; more than {MAX_PREVIEW} are cut off"
        return Finding("preview_length", "warning", message, "preview")
    return _ok("preview_length", f"the preview has {length} characters")


def _size(html: str) -> Finding:
    size = len(html.encode())
    if size > MAX_BYTES:
        message = f"the HTML has {size / 1000:.0f} KB: Gmail cuts it off, footer and all"
        return Finding("html_size", "warning", message, "html")
    return _ok("html_size", f"the HTML has {size / 1000:.0f} KB")


def _language(page: _Page) -> Finding:
    if page.lang in ("", "und"):
        message = 'the language is not set, so it is read aloud wrongly: write <html lang="en">'
        return Finding("language", "warning", message, "html", "<html")
    return _ok("language", f"the language is set: {page.lang}")


def _images(page: _Page) -> Iterator[Finding]:
    for image in page.images:
        source = image.get("src") or ""
        if image.get("alt") is None:
            message = f'the image {source} has no alt text: say what it shows, or alt="" for mere ornament'
            yield Finding("image_alt", "error", message, "html", source)
        if fault := _fault_of_image(source):
            yield Finding("image_source", "error", f"the image {source[:60]} {fault}", "html", source)
    if page.images and all(image.get("alt") is not None for image in page.images):
        yield _ok("image_alt", "every image has an alt text")


def _links(page: _Page, text: str) -> Iterator[Finding]:
    places: dict[str, Part] = {}
    places |= dict.fromkeys(_URL.findall(text), "text")
    places |= dict.fromkeys(page.links, "html")
    faults = {link: fault for link in places if (fault := _fault_of(link))}
    for link, fault in faults.items():
        yield Finding("link", "error", f"the link '{link}' {fault}", places[link], link)
    if not faults:
        yield _ok("link", f"{len(places)} different links, all of them whole and https")


def _fault_of(link: str) -> str:
    """What is wrong with a link or the source of an image; empty if nothing is."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return "is no web address"
    if parts.scheme in ("mailto", "tel"):
        return ""
    if not parts.scheme or not parts.netloc:
        return "leads nowhere from a mail: write it whole, with https://"
    if _HOME.fullmatch(parts.hostname or ""):
        return "leads to the reader's own computer"
    return "" if parts.scheme == "https" else "is not https: mail programs warn of it"


def _fault_of_image(source: str) -> str:
    return "is inside the mail: Gmail hides it" if source.startswith("data:") else _fault_of(source)


def _contrast(page: _Page) -> Finding:
    found = {(ink, paper): words for ink, paper, words in page.colored if contrast(ink, paper) < MIN_CONTRAST}
    for (ink, paper), words in found.items():
        message = f"'{words[:40]}' is hard to read: {ink} on {paper} has a contrast of {contrast(ink, paper):.1f}"
        return Finding("contrast", "warning", f"{message}; at least {MIN_CONTRAST} is needed", "html", words)
    least = min((contrast(ink, paper) for ink, paper, _words in page.colored), default=21.0)
    return _ok("contrast", f"every text stands out from its ground: {least:.1f} or more")


def _left_over(texts: Iterable[str], typed: Iterable[str]) -> Finding:
    for text in texts:
        for told in typed:
            text = text.replace(told, "")  # noqa: PLW2901 - what is left when all that was typed is taken out
        if match := _LEFT_OVER.search(text):
            around = " ".join(text[max(match.start() - 20, 0) : match.end() + 20].split())
            code = text[match.start() : match.end() + 12]
            return Finding("left_over", "error", f"template code is left over: '{around}'", about=code)
        if match := _FOREIGN.search(text):
            message = f"'{match[0]}' is filled in by other tools, not here: write {{{{ lead.first_name or 'there' }}}}"
            return Finding("left_over", "error", message, about=match[0])
    return _ok("left_over", "no template code is left over")


def _text_part(text: str) -> Finding:
    words = len(text.split())
    if words < MIN_WORDS:
        return Finding("text_part", "error", "the text part is empty: filters take the mail for junk", "text")
    return _ok("text_part", f"the text part has {words} words")


def _in_both(rule: str, what: str, wanted: str, html: str | list[str], text: str) -> Iterator[Finding]:
    bodies: dict[Part, str | list[str]] = {"html": html, "text": text}
    missing = [part for part, body in bodies.items() if wanted not in body]
    for part in missing:
        yield Finding(rule, "error", f"the {what} is missing in the {_PART_NAMES[part]} part", part)
    if not missing:
        yield _ok(rule, f"the {what} is there, in both parts")


def _ok(rule: str, message: str) -> Finding:
    return Finding(rule, "ok", message)


def _luminance(color: str) -> float:
    digits = color.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True, slots=True)
class _Element:
    """An open tag and what its text looks like."""

    tag: str
    ink: str
    paper: str
    seen: bool


class _Page(HTMLParser):
    """A mail's HTML as its reader sees it: words, links, images, and the colors each text has by inline styles."""

    def __init__(self, html: str, link_color: str) -> None:
        super().__init__()
        self.lang = ""
        self.words: list[str] = []
        self.links: list[str] = []
        self.images: list[Mapping[str, str | None]] = []
        self.colored: list[tuple[str, str, str]] = []
        self._link_color = link_color
        self._open = [_Element("", "#000000", "#ffffff", seen=True)]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "html":
            self.lang = named.get("lang") or ""
        elif tag == "img":
            self.images.append(named)
        elif tag == "a" and "href" in named:
            self.links.append(named["href"] or "")
        if tag in _SELF_CLOSING and self._open[-1].tag == tag:
            self._open.pop()
        if tag not in _VOID:
            self._open.append(self._styled(tag, named))

    def handle_endtag(self, tag: str) -> None:
        opened = [number for number, element in enumerate(self._open) if element.tag == tag]
        if opened:
            del self._open[opened[-1] :]

    def handle_data(self, data: str) -> None:
        here, words = self._open[-1], " ".join(data.split())
        if not words or here.tag in ("style", "script", "title"):
            return
        self.words.append(words)
        if here.seen and re.search(r"\w", words):
            self.colored.append((here.ink, here.paper, words))

    def _styled(self, tag: str, named: Mapping[str, str | None]) -> _Element:
        around = self._open[-1]
        style = _style(named.get("style") or "")
        ink = self._link_color if tag == "a" and "href" in named else around.ink
        paper = style.get("background-color") or style.get("background") or named.get("bgcolor") or ""
        seen = around.seen and style.get("display") != "none"
        return _Element(tag, _color(style.get("color", "")) or ink, _color(paper) or around.paper, seen)


@lru_cache(maxsize=512)
def _style(text: str) -> Mapping[str, str]:
    pairs = (one.partition(":") for one in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}


@lru_cache(maxsize=512)
def _color(text: str) -> str:
    """The color in a value such as "#fff url(...)"; empty where there is none that can be told."""
    text = text.lower().replace("!important", "").strip()
    named = _COLOR_NAMES.get(text.split(" ")[0], text)
    match = re.match(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", named)
    return match[0] if match else ""
