"""What is read of an HTML mail: the writer's words, whatever else the mail holds."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.inbound.markup import MOST_MARKUP, MOST_TAGS, text_of

RUN = "alert(1)"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>Call <b>me</b><br>please</p>", "Call me\nplease"),
        ("<div>one</div>two", "one\ntwo"),
        ("<p>We need:</p><ul><li>a price<li>a date</ul>Thanks", "We need:\n\n- a price\n\n- a date\n\nThanks"),
        ("5 &lt; 6 &amp; 7 &nbsp; 8", "5 < 6 & 7 8"),
        ("&lt;script&gt;", "<script>"),
        (
            "<!DOCTYPE html><html><head><title>Re: x</title><style>p{}</style></head><body><p>Yes</p></body></html>",
            "Yes",
        ),
        # a link is worth nothing to who cannot see where it leads
        ('Book me <a href="https://cal.example/mona">here</a>.', "Book me here (https://cal.example/mona)."),
        ('<a href="https://mill.example/">mill.example</a>', "mill.example"),
        ('Ask <a href="mailto:ola@mill.example">Ola</a>', "Ask Ola (ola@mill.example)"),
        ('<a href="mailto:ola@mill.example">ola@mill.example</a>', "ola@mill.example"),
        ('<a href="https://mill.example"><img src="cid:logo" alt=""></a>Mona', "Mona"),
        (f'<a href="https://mill.example/{"x" * 999}">here</a>', "here"),
        # the mail it answers
        ('Yes<div class="gmail_quote">On Tue Nora wrote: Unsubscribe</div>', "Yes"),
        ('Yes<blockquote style="x" type="cite">Unsubscribe</blockquote>', "Yes"),
        ('<p>Yes</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Nora</div>', "Yes"),
        ('<div class="gmail_quote">Shall we?</div><p>Yes</p>', "Shall we?\nYes"),
        ("we call it gmail_quote", "we call it gmail_quote"),
    ],
)
def test_the_writers_words_are_read(written: str, read: str) -> None:
    assert re.sub(r"\n+", "\n", text_of(written)) == re.sub(r"\n+", "\n", read)


_URLS = [
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f" javascript:{RUN}", f"java\tscript:{RUN}", f"java\nscript:{RUN}",
    f"\x01javascript:{RUN}", f"&#106;avascript:{RUN}", f"&#x6A;avascript&colon;{RUN}", f"javascript&NewLine;:{RUN}",
    f"vbscript:{RUN}", "data:text/html;base64,PHNjcmlwdD4=", f"data:text/html,<b>{RUN}</b>",
    f"view-source:javascript:{RUN}", f"blob:{RUN}", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("url", _URLS)
def test_only_links_to_the_web_and_to_mailboxes_are_written_out(url: str) -> None:
    assert text_of(f'<a href="{url}">x</a>') == text_of(f"<a href='{url}'>x</a>") == "x"
    assert text_of(f'<a xlink:href="{url}">x</a>') == "x"


_UNSEEN = [
    f"<script>{RUN}</script>", f"<SCRIPT\n>{RUN}</script >", f"<style>{RUN}</style>", f"<!--{RUN}-->",
    f"<!--[if mso]><p>{RUN}</p><![endif]-->", f"<title>{RUN}</title>", f"<img src=x onerror={RUN}>",
    f"<p onclick={RUN}>", f"<svg><style>{RUN}</style></svg>", f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<p style='background:url(javascript:{RUN})'>", f"<a href='https://x.example' ping='{RUN}'></a>",
]  # fmt: skip


@pytest.mark.parametrize("markup", _UNSEEN)
def test_what_a_reader_would_not_see_is_not_read(markup: str) -> None:
    assert text_of(f"one {markup} two").split() == ["one", "two"]


@given(st.lists(st.sampled_from([*_UNSEEN, *_URLS, "<a href='", "<", ">", '"', "'", "--", "</p>", "<p", "&", "\x00"]),
                max_size=8))  # fmt: skip
def test_any_markup_can_be_read(parts: list[str]) -> None:
    assert len(text_of("".join(parts))) < MOST_MARKUP


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read = text_of(text)
    assert len(read) < MOST_MARKUP
    assert "\0" not in read


#: what costs a browser's parser quadratic time
_SLOW = {
    "nested": "<div>" * 40_000,
    "formats in tables": "".join(f"<table><font a={n}>" for n in range(10_000)),
    "formats over blocks": "".join(f"<b a={n}>" for n in range(9_000)) + "<div>" * 20_000,
    "wrongly closed": "".join(f"<b a={n}><div></b>" for n in range(10_000)),
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(25_000)) + ">",
    "entities": "&" * 200_000,
    "spaces": "\xa0" * 200_000,
    "half a quote": "<blockquote " * 15_000,
    "two halves of a quote": "<" + "blockquote type" * 13_000,
    "spaces of a border": "<p border:none;" + " " * 190_000,
}


@pytest.mark.parametrize("markup", _SLOW.values(), ids=_SLOW.keys())
def test_no_markup_takes_long(markup: str) -> None:
    """A fraction of a second; measured in time of this process alone."""
    started = time.process_time()
    text_of(markup)
    assert time.process_time() - started < 1.5


def test_of_a_long_mail_the_beginning_is_read() -> None:
    assert text_of("<p>word</p>" * MOST_TAGS).count("word") == MOST_TAGS / 2
    assert len(text_of("word " * MOST_MARKUP)) == MOST_MARKUP - 1
    assert text_of(f"<head><style>{'p {} ' * MOST_MARKUP}</style></head><body>Yes</body>") == "Yes"
