"""Mails that come in: read whatever state they are in, told apart, and a person's own words found in them."""

from __future__ import annotations

import json
import time
import tracemalloc
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.fields import REPLIES
from nurture.mail.inbound import Intent, Kind, own_words, read_intent, read_mail, reply_address, sort_mail, tokens_in
from nurture.mail.inbound.form import read_form, without_attachments
from nurture.mail.inbound.optouts import BARE, LIKELY
from nurture.mail.inbound.parse import Mail
from nurture.mail.inbound.phrases import RULES
from tests.mail.inbound_samples import LEAD, SAMPLES, TO, Sample, form, posted, raw

TODAY = date(2026, 3, 3)


def test_there_are_samples_of_every_kind_and_intent() -> None:
    assert len(SAMPLES) >= 70
    assert {sample.kind for sample in SAMPLES} == set(Kind) - {"ours"}, (
        "whose people wrote is not told by the mail alone"
    )
    assert {sample.intent for sample in SAMPLES if sample.intent} == set(Intent)
    assert [*REPLIES] == [*Intent]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_each_sample_is_what_it_is(sample: Sample) -> None:
    """No machine's mail is taken for a person's, and no person's for a machine's."""
    mail = read_mail(posted(sample.raw))
    told = sort_mail(mail)
    assert (told.kind, told.about) == (sample.kind, sample.about), told.because
    if sample.kind is Kind.HUMAN:
        words, own = own_words(mail.text)
        subject = "" if mail.subject.startswith("Re:") else mail.subject
        reading = read_intent(words if own else "", TODAY, subject)
        assert reading.intent is sample.intent, (reading, words)
        if sample.own is not None:
            assert words == sample.own


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.kind is Kind.HUMAN], ids=lambda sample: sample.name)
def test_the_same_mail_posted_in_fields_reads_the_same(sample: Sample) -> None:
    mail = read_mail(posted(sample.raw))
    head = sample.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields = read_mail(form({"headers": head, "text": mail.text.encode(), "charsets": b'{"text":"UTF-8"}'}))
    assert (fields.sender, fields.subject, fields.text) == (mail.sender, mail.subject, mail.text)
    assert sort_mail(fields).kind is Kind.HUMAN


def test_each_field_is_read_in_the_charset_that_is_named_for_it() -> None:
    fields = {
        "charsets": json.dumps({"text": "windows-1252", "subject": "cp850", "from": "utf-8"}).encode(),
        "from": "Søren <soren@mill.example>".encode(),
        "subject": "Spørsmål".encode("cp850"),
        "text": "Können Sie – bitte – zurückrufen?".encode("windows-1252"),
        "envelope": json.dumps({"to": [TO], "from": "soren@mill.example"}).encode(),
        "dkim": b"{@mill.example : pass}",
    }
    mail = read_mail(form(fields))
    assert (mail.sender, mail.subject) == ("soren@mill.example", "Spørsmål")
    assert mail.text == "Können Sie – bitte – zurückrufen?"
    assert mail.recipients == (TO,)
    assert mail.is_from_its_domain


def test_a_report_posted_in_fields_is_a_report() -> None:
    failed = b"Final-Recipient: rfc822; mona@mill.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    status = b"Reporting-MTA: dns; x\r\n\r\n" + failed
    body = form({"headers": b"From: postmaster@x.example\r\n", "text": b"no such user"})
    part = b'--xYzZY\r\nContent-Disposition: form-data; name="attachment1"; filename="d"\r\n'
    body = body.removesuffix(b"--xYzZY--\r\n") + part + b"Content-Type: message/delivery-status\r\n\r\n" + status
    told = sort_mail(read_mail(body + b"\r\n--xYzZY--\r\n"))
    assert (told.kind, told.about) == (Kind.BOUNCED, LEAD)


@pytest.mark.parametrize(
    ("fields", "vouched"),
    [
        ({"dkim": "{@mill.example : pass}"}, True),
        ({"dkim": "{@mail.mill.example : fail}+{@mill.example : pass}"}, True),
        ({"SPF": "pass\n"}, True),
        ({"SPF": "pass", "envelope": '{"from":"x@evil.example"}'}, False),
        ({"dkim": "{@evil.example : pass}"}, False),
        ({"dkim": "{@ill.example : pass}"}, False),
        ({"SPF": "softfail"}, False),
        ({}, False),
    ],
)
def test_a_sender_is_believed_only_where_its_domain_vouches_for_it(fields: dict[str, str], vouched: bool) -> None:
    assert read_mail(posted(raw("Hello"), **fields)).is_from_its_domain is vouched


@pytest.mark.parametrize("body", [b"", b"{}", b"a=b", b"--x\r\n", b"--x\r\n\r\n--x--", b"\r\n\r\n", b"\xff" * 100])
def test_what_is_no_form_says_so(body: bytes) -> None:
    with pytest.raises(ValueError, match="form"):
        read_mail(body)


def test_a_form_without_a_mail_says_so() -> None:
    with pytest.raises(ValueError, match="neither"):
        read_mail(form({"hello": b"there"}))


@given(st.dictionaries(st.sampled_from(["email", "headers", "from", "text", "html", "envelope", "charsets", "dkim"]),
                       st.binary(max_size=300), min_size=1))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_no_content_of_fields_fails_but_as_no_mail(fields: dict[str, bytes]) -> None:
    try:
        mail = read_mail(form(fields))
    except ValueError as error:
        assert "form" in str(error)  # noqa: PT017
        return
    assert_it_can_be_worked(mail)


def assert_it_can_be_worked(mail: Mail) -> None:
    """Whatever it is: it is sorted and read without a fault, and its texts fit into any database."""
    sort_mail(mail)
    words, _ = own_words(mail.text)
    read_intent(words, TODAY, mail.subject)
    assert "\0" not in mail.text + mail.subject
    (mail.text + mail.subject + mail.sender).encode()


@pytest.mark.parametrize(
    ("word", "subject"),
    [("=?utf-8?b?/###?=", "=?utf-8?b?/###?="), ("=?utf-8?b?A?=", "=?utf-8?b?A?="), ("=?no-such?q?a?=", "a")],
)
def test_an_encoded_word_is_read_as_far_as_it_can_be(word: str, subject: str) -> None:
    mail = read_mail(posted(f"From: a@mill.example\r\nSubject: {word}\r\n\r\nPlease call me\r\n".encode()))
    assert mail.text.strip() == "Please call me"
    assert mail.subject == subject


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_cut_or_flipped_sample_fails(data: st.DataObject) -> None:
    small = [one.raw for one in SAMPLES if len(one.raw) < 5000 and one.raw]
    mail = bytearray(data.draw(st.sampled_from(small)))
    for _ in range(data.draw(st.integers(0, 8))):
        mail[data.draw(st.integers(0, len(mail) - 1))] = data.draw(st.integers(0, 255))
    assert_it_can_be_worked(read_mail(posted(bytes(mail[: data.draw(st.integers(0, len(mail)))]))))


def test_thirty_megabytes_are_read_in_little_more_memory_than_they_have() -> None:
    attachment = (
        b"--q\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 7_000_000
    )
    head = b"From: a@mill.example\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    body = posted(head + b"--q\r\nContent-Type: text/plain\r\n\r\nCall me\r\n" + attachment + b"\r\n--q--\r\n")
    tracemalloc.start()
    mail = read_mail(body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert mail.text.strip() == "Call me"
    assert most < 20_000_000


def test_many_fields_are_not_read_to_the_end() -> None:
    assert len(read_form(form({f"f{n}": b"x" for n in range(5000)}))) == 200


# --- the address that answers come back to


@given(st.integers(1, 10**17), st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_an_address_names_its_message_in_any_case_and_tells_nothing_else(id_: int, secret: str, other: str) -> None:
    address = reply_address("in.acme.example", id_, secret)
    assert address == address.lower() and len(address.partition("@")[0]) <= 64
    ((found, letters),) = tokens_in([f"Acme <{address.upper()}>"])
    assert found == id_ and letters == address.partition("-")[2][:20]
    if other != secret:
        assert reply_address("in.acme.example", id_, other) != address


def test_what_only_looks_like_an_address_of_ours_names_nothing() -> None:
    assert tokens_in(["reply@in.acme.example", "reply+7@x", "reply+0-abcdefghijklmnopqrst@x", "reply+7-short@x"]) == ()


# --- intents: sentence -> intent, language by language

_SAYINGS: dict[Intent, tuple[str, ...]] = {
    Intent.STOP: (
        "Stop!", "please unsubscribe me", "UNSUBSCRIBE", "Remove me from your list", "Do not contact me again.",
        "Please don't email me anymore", "No more emails please", "I don't want to receive these", "Opt out",
        "Bitte melden Sie mich ab.", "Abmelden", "Keine weiteren E-Mails bitte", "Löschen Sie meine Daten",
        "Bitte nicht mehr kontaktieren", "Meld meg av", "Vennligst slutt å sende meg e-post", "Stopp", "Fjern meg",
        "Jeg vil ikke ha flere mailer", "Avregistrera mig", "Ta bort mig från listan", "Sluta skicka mejl",
        "Désinscrivez-moi", "Je ne souhaite plus recevoir vos mails", "Arrêtez d'écrire", "Darme de baja",
        "No me envíen más correos", "Quiero darme de baja", "Baja",
    ),
    Intent.CALL_ME: (
        "Could you call me on Friday?", "Give me a ring", "I'd like a demo", "Let's talk next week",
        "Can we schedule a short call?", "Please send me a quote", "Can I speak to someone?", "Please call back",
        "Rufen Sie mich bitte an", "Ich bitte um Rückruf", "Können wir einen Termin vereinbaren?",
        "Bitte schicken Sie uns ein Angebot", "Ring meg", "Kan noen ringe meg?", "Vi vil gjerne avtale et møte",
        "Send oss et tilbud", "Ring mig", "Kan vi boka ett möte?", "Skicka en offert", "Appelez-moi",
        "Pouvez-vous me rappeler ?", "Je voudrais une démo", "Envoyez-nous un devis", "Llámame",
        "¿Pueden llamarme?", "Quiero una demo", "Envíenme un presupuesto",
    ),
    Intent.WRONG_PERSON: (
        "You have the wrong person", "I am not in charge of this", "I no longer work there",
        "She has left the company",
        "Not my department",
        "Falscher Ansprechpartner", "Ich bin nicht zuständig", "Wenden Sie sich bitte an Frau Kern",
        "Feil person", "Hun har sluttet", "Fel person", "Han har slutat", "Je ne suis pas la personne",
        "Mauvaise adresse",
        "No soy la persona indicada", "Ya no trabajo ahí",
    ),
    Intent.NOT_NOW: (
        "Not now", "Maybe later", "We have no budget this year", "Get back to me in May", "It is too early for us",
        "Contact me again after the summer", "Try again next quarter", "Im Moment nicht", "Noch nicht",
        "Melden Sie sich bitte im Herbst wieder", "Ikke nå", "Kontakt meg igjen etter ferien", "Kanskje senere",
        "Inte nu", "Återkom i höst", "Pas maintenant", "Recontactez-moi en mai", "Ahora no", "Más adelante",
    ),
    Intent.QUESTION: ("What does it cost?", "Was kostet das?", "Hva koster det?", "¿Qué cuesta?", "Combien ?"),
    Intent.OTHER: (
        "Thanks!", "Interesting read.", "Please don't call me", "Don't unsubscribe me, I like it",
        "We stopped by your booth", "We can't stop talking about it", "Danke, sehr nett", "Takk for sist", "Merci",
        "I called you yesterday", "The meeting was good", "We may buy", "Our machines run non-stop",
        "Bitte rufen Sie mich nicht an", "Ikke ring meg",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("intent", "saying"), [(each, one) for each, some in _SAYINGS.items() for one in some])
def test_a_sentence_asks_for(intent: Intent, saying: str) -> None:
    reading = read_intent(saying, TODAY)
    assert reading.intent is intent, reading


def test_every_language_has_rules_for_every_wish() -> None:
    languages = {"en", "de", "no", "sv", "fr", "es", "nl", "it"}
    assert set(RULES) == set(Intent) - {Intent.QUESTION, Intent.OTHER}
    assert all(set(by_language) == languages for by_language in [*RULES.values(), BARE, LIKELY])


def test_the_longest_lasting_wish_wins_and_says_where_it_was_read() -> None:
    wishes = ["Please call me tomorrow.", "Unsubscribe me.", "Not interested.", "Not now.", "Wrong person.", "Why?"]
    order = []
    while wishes:
        reading = read_intent(" ".join(wishes), TODAY)
        order.append(reading.intent)
        wishes = [one for one in wishes if read_intent(one, TODAY).intent is not reading.intent]
    assert order == [one for one in Intent if one is not Intent.OTHER]
    assert read_intent("Hi. Please call me back!", TODAY).because == 'says "call me" (en)'


def test_what_stands_below_the_signature_is_not_read() -> None:
    assert read_intent("Thanks.\n-- \nCall me on 55, unsubscribe me", TODAY).intent is Intent.OTHER


@pytest.mark.parametrize(
    ("saying", "on"),
    [
        ("Not now, get back to me in June", "2026-06-01"),
        ("Not now, maybe in January", "2027-01-01"),
        ("Not now, try again on 15 May", "2026-05-15"),
        ("Not now, come back May 5th, 2027", "2027-05-05"),
        ("Not now, try 2026-09-30", "2026-09-30"),
        ("Not now, try after 1.10.", "2026-10-01"),
        ("Not now, in three months", "2026-06-01"),
        ("Not now, in 6 weeks", "2026-04-14"),
        ("Not now. Next quarter please", "2026-04-01"),
        ("Not now. Next year", "2027-01-07"),
        ("Not now, Q4 is better", "2026-10-01"),
        ("Not now, after the summer", "2026-09-01"),
        ("Im Moment nicht, melden Sie sich im Oktober wieder", "2026-10-01"),
        ("Jetzt nicht, in zwei Monaten", "2026-05-02"),
        ("Noch nicht, nach dem 15. August", "2026-08-15"),
        ("Ikke nå, ta kontakt om tre måneder", "2026-06-01"),
        ("Ikke nå, kanskje etter påske", "2026-04-15"),
        ("Inte nu, hör av dig i september", "2026-09-01"),
        ("Pas maintenant, recontactez-moi en septembre", "2026-09-01"),
        ("Pas maintenant, dans 2 mois", "2026-05-02"),
        ("Ahora no, en octubre", "2026-10-01"),
        ("Ahora no, el 5 de mayo", "2026-05-05"),
        ("Not now, it may take long", "2026-06-01"),  # 90 days: no day is named
        ("Not now, 31.2. or so", "2026-06-01"),
        ("Not now, try in 2090-01-01", "2028-03-02"),  # two years are the most
    ],
)
def test_not_now_names_the_day_to_come_back(saying: str, on: str) -> None:
    reading = read_intent(saying, TODAY)
    assert reading.intent is Intent.NOT_NOW
    assert str(reading.on) == on


@given(st.text(max_size=400), st.dates(date(2025, 1, 1), date(2040, 12, 31)))
@settings(deadline=None)
def test_any_text_is_read_and_any_day_lies_ahead(text: str, today: date) -> None:
    reading = read_intent(f"not now, {text}", today)
    assert reading.on is None or 0 < (reading.on - today).days <= 731


@given(st.dictionaries(st.text("abc", min_size=1), st.binary(max_size=50), min_size=1), st.integers(0, 3))
def test_without_attachments_a_form_reads_the_same(fields: dict[str, bytes], large: int) -> None:
    """However large they were."""
    body = form({**fields, **{f"attachment{n}": b"\r\n--x" * 250_000 for n in range(large)}})
    kept = without_attachments(body)
    assert read_form(kept) == read_form(body)
    assert kept == body if not large else len(kept) < 4_000_000


def test_of_what_is_no_form_little_is_kept() -> None:
    assert without_attachments(b"x" * 30_000_000) == b"x" * 1_000_000


#: what costs Python's own parsers quadratic time, or all of their stack
_HOSTILE = {
    "options": b"Content-Type: multipart/mixed" + b";" * 900_000 + b"\n\nx",
    "folded options": b"Content-Type: text/plain" + b"\r\n ;;;;;;;;;" * 80_000 + b"\n\nx",
    "options after CR": b"Content-Type: text/plain" + b"\r ;;;;;;;;;" * 80_000 + b"\n\nx",
    "comments": b"To: " + b"(" * 900_000 + b"\n\nx",
    "headers": b"x:1\n" * 200_000 + b"\nx",
    "words": b"Subject: " + b"=?utf-8?q?a?= " * 60_000 + b"\n\nx",
    "parts": b"Content-Type: multipart/mixed; boundary=q\n\n" + b"--q\n\nx\n" * 120_000,
    "blocks": b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * 150_000,
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 30_000,
    "charset": b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * 400_000,
    "codec": b"Content-Type: text/plain; charset=bz2\n\nBZh91AY",
    "tags": b"Content-Type: text/html\n\n" + b"<!--" * 200_000 + b"<style><a<" * 20_000,
    "wishes": b"\n" + b"please stop sending me these these mich aus dem if you are " * 20_000,
    "thanks": b"\n" + b"thanks, " * 50_000,
    "heads": b"\n" + b"x: a@b.example 1\n" * 20_000,
    "quotes": b"\n" + b"on on on 1 wrote " * 50_000,
    "dates": b"\n" + b"not now 1.1.1.1.1.1." * 40_000,
}


@pytest.mark.parametrize("mail", _HOSTILE.values(), ids=_HOSTILE.keys())
def test_no_mail_takes_long(mail: bytes) -> None:
    """A second or so of one core at the most, where it would be minutes; measured in time of this process alone."""
    started = time.process_time()
    read = read_mail(posted(mail))
    sort_mail(read)
    words, _ = own_words(read.text)
    read_intent(words, TODAY, read.subject)
    assert time.process_time() - started < 8
