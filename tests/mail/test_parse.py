"""Mails that are made to be dear: reading them takes no more than any other."""

from __future__ import annotations

import time

import pytest

from nurture.mail.inbound import read_mail
from tests.mail.inbound_samples import form, posted

TEXT = b"please call me " * 17_000


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "zlib_codec", "rot13", "utf-16", "no-such"])
def test_a_charset_that_no_mail_has_costs_nothing(charset: str) -> None:
    """Punycode takes quadratic time: a quarter of a megabyte of it took eleven seconds."""
    mail = b"From: a@mill.example\r\nContent-Type: text/plain; charset=%s\r\n\r\n%s" % (charset.encode(), TEXT)
    fields = {"headers": b"From: a@mill.example", "text": TEXT, "charsets": b'{"text": "%s"}' % charset.encode()}
    begun = time.process_time()
    read = [read_mail(posted(mail)), read_mail(form(fields))]
    assert time.process_time() - begun < 2
    assert all(one.text.startswith("please call me") for one in read) or charset == "utf-16"
