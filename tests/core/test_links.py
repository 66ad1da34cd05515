"""The links of a mail: which a reader may follow, and which are the same."""

from __future__ import annotations

import pytest

from nurture.core.links import TRAP, bare, is_to_read, links_of, places, polls_of

OURS = "https://nurture.acme.example"
MAIL = f"""
<a href="https://acme.example"><img src="https://acme.example/logo.png"></a>
<A HREF='https://acme.example/guide?a=1&amp;b=2'>Guide</A> <a class=x href="https://acme.example">Home</a>
<a href="{OURS}/a/T0ken/timing">This year</a> <a href="{OURS}/u/T0ken">No more mails</a>
<a href="{OURS}{TRAP}" style="display:none">-</a> <a href="mailto:nora@acme.example">Nora</a> <a href="#top">Up</a>
"""


def test_a_reader_may_follow_what_does_not_answer_for_it_and_is_not_hidden() -> None:
    assert links_of(MAIL) == ("https://acme.example", "https://acme.example/guide?a=1&b=2")
    assert polls_of(MAIL) == (f"{OURS}/a/T0ken/timing",)
    assert [is_to_read(url) for url in (f"{OURS}/u/T0ken", f"{OURS}/a/T0ken/need", f"{OURS}{TRAP}")] == [False] * 3


@pytest.mark.parametrize(
    ("urls", "count"),
    [
        (["https://acme.example", "https://acme.example/"], 1),
        (["https://acme.example/guide?utm_source=mail", "https://acme.example/guide#peaks"], 1),
        (["https://acme.example/guide?n=1", "https://acme.example/guide?n=2"], 2),
        (["https://acme.example/guide", f"{OURS}/u/T0ken"], 1),
        (["http://[broken", ""], 1),
        ([], 0),
    ],
)
def test_what_leads_to_one_place_is_one_link(urls: list[str], count: int) -> None:
    assert len(places(urls)) == count


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?utm_source=m&utm_medium=email", "https://a.example/x"),
        ("https://a.example/x?b=1&utm_term=q&c=#top", "https://a.example/x?b=1&c=#top"),
        ("", ""),
        ("not a url at all", "not%20a%20url%20at%20all"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_links_are_kept_without_the_noise(url: str, kept: str) -> None:
    assert bare(url).replace(" ", "%20") == kept
