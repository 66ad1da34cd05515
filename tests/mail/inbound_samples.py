"""Mails as they come back to us, made by hand after what mail programs and servers write: answers in six languages,
machines of all kinds, delivery reports, complaints, and mails that no program should send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from nurture.mail.inbound import Intent, Kind

#: the end of every mail of ours, which is quoted in most answers
FOOTER = "You get this mail because you asked for our guide. Unsubscribe: https://nurture.acme.example/u/x\nStop these"
TO = "reply+7-abcdefghijklmnopqrst@in.acme.example"
LEAD = "mona@mill.example"


@dataclass(frozen=True)
class Sample:
    """A raw mail, what it is, and of a person's what it asks for, its own words and the day to come back."""

    name: str
    raw: bytes
    kind: Kind = Kind.HUMAN
    intent: Intent | None = None
    own: str | None = None
    on: str = ""
    about: str = ""


def raw(
    text: str,
    *,
    subject: str = "Re: A word on leaks",
    sender: str = f"Mona Berg <{LEAD}>",
    to: str = TO,
    charset: str = "utf-8",
    html: str = "",
    **headers: str,
) -> bytes:
    """A mail as programs write it. Headers are given with _ for -."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = "Tue, 03 Mar 2026 12:00:00 +0100"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, charset=charset)
    if html:
        mail.add_alternative(html, subtype="html", charset=charset)
    return mail.as_bytes()


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def gmail(text: str, intro: str = "On Tue, Mar 3, 2026 at 10:00 AM Nora from Acme <nora@acme.example> wrote:") -> bytes:
    return raw(f"{text}\n\n{intro}\n\n{_quoted('Hello Mona,' + chr(10) + FOOTER)}\n", message_id="<g1@mail.gmail.com>")


def outlook(text: str, words: tuple[str, ...] = ("From", "Sent", "To", "Subject")) -> bytes:
    values = ("Nora from Acme <nora@acme.example>", "Tuesday, March 3, 2026 10:00 AM", LEAD, "A word on leaks")
    head = "\n".join(f"{word}: {value}" for word, value in zip(words, values, strict=True))
    return raw(f"{text}\n\n{head}\n\nHello Mona,\n{FOOTER}\n", x_mailer="Microsoft Outlook 16.0")


def report(kind: str, blocks: str, original: str = "", text: str = "Your message could not be delivered.") -> bytes:
    """A multipart/report by hand, as servers write it."""
    end = "Content-Type: message/rfc822\n\n" + original if original else "Content-Type: text/plain\n\n"
    block_type = "message/feedback-report" if kind == "feedback-report" else "message/delivery-status"
    return (
        (
            f"From: Mail Delivery System <MAILER-DAEMON@mx.mill.example>\nTo: {TO}\nSubject: Undelivered Mail\n"
            f"Message-ID: <dsn{len(blocks)}@mx.mill.example>\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n"
            f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
            f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: {block_type}\n\n{blocks}\n--b\n{end}\n--b--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


ORIGINAL = f"From: nora@acme.example\nTo: {LEAD}\nReply-To: {TO}\nSubject: A word on leaks\n\nHello Mona\n{FOOTER}\n"


def dsn(status: str, diagnostic: str, action: str = "failed", recipient: str = LEAD) -> bytes:
    return report(
        "delivery-status",
        "Reporting-MTA: dns; mx.mill.example\nArrival-Date: Tue, 3 Mar 2026 10:00:00 +0000\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {diagnostic}\n",
        ORIGINAL,
    )


def auto(text: str, subject: str = "Re: A word on leaks", **headers: str) -> bytes:
    return raw(text, subject=subject, **headers)


_AWAY = "I am out of the office until 20 March. For urgent matters call me on +47 99. Please stop by later?"
_DISCLAIMER = (
    "\n\nThis e-mail is confidential. If you are not the intended recipient, please notify the sender and delete it."
)
_HTML_ONLY = (
    b"From: Mona <mona@mill.example>\r\nTo: " + TO.encode() + b"\r\nSubject: Re: leaks\r\nMessage-ID: <h@x>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
    b'<html><head><style>p {stop: me}</style></head><body><p>Ring meg p\xe5 mobil&nbsp;!</p><div class="gmail_quote">'
    b"<blockquote>Unsubscribe</blockquote></div></body></html>"
)
_TWO_PARTS = (
    f"From: {LEAD}\nTo: {TO}\nSubject: Re: leaks\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    "--x\nContent-Type: text/plain\n\nSee the picture.\n--x\nContent-Type: image/png\n"
    "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x\nContent-Type: text/plain\n\nCan you mend that?\n--x--\n"
).encode()
_CALENDAR = (
    f"From: {LEAD}\nTo: {TO}\nSubject: A word on leaks\nMIME-Version: 1.0\n"
    "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nMona accepted.\n--x\n"
    'Content-Type: text/calendar; charset="utf-8"; method=REPLY\n\n'
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--x--\n"
).encode()
_INVITATION = _CALENDAR.replace(b"method=REPLY", b"method=REQUEST").replace(b"Mona accepted.", b"Shall we meet then?")
_ARF = report(
    "feedback-report",
    f"Feedback-Type: abuse\nUser-Agent: Yahoo!-Mail-Feedback/2.0\nVersion: 0.1\nOriginal-Rcpt-To: <{LEAD}>\n",
    ORIGINAL,
    "This is an email abuse report.",
)

#: answers of people: (name, mail, intent, own words)
_HUMAN: list[tuple[str, bytes, Intent, str]] = [
    ("gmail call", gmail("Please call me tomorrow."), Intent.CALL_ME, "Please call me tomorrow."),
    (
        "gmail wrapped intro",
        gmail("Sounds good, thanks!", "On Tue, Mar 3, 2026 at 10:00 AM Nora from Acme <\nnora@acme.example> wrote:"),
        Intent.OTHER,
        "Sounds good, thanks!",
    ),
    (
        "gmail nb",
        gmail("Kan du ringe meg i morgen?", "tir. 3. mar. 2026 kl. 10:00 skrev Nora <nora@acme.example>:"),
        Intent.CALL_ME,
        "Kan du ringe meg i morgen?",
    ),
    (
        "gmail sv",
        gmail("Kan ni ringa mig på fredag?", "Den tis 3 mars 2026 kl 10:00 skrev Nora <nora@acme.example>:"),
        Intent.CALL_ME,
        "Kan ni ringa mig på fredag?",
    ),
    (
        "gmail de",
        gmail("Bitte rufen Sie mich an.", "Am Di., 3. März 2026 um 10:00 Uhr schrieb Nora <nora@acme.example>:"),
        Intent.CALL_ME,
        "Bitte rufen Sie mich an.",
    ),
    (
        "gmail fr",
        gmail("Rappelez-moi demain.", "Le mar. 3 mars 2026 à 10:00, Nora <nora@acme.example> a écrit :"),
        Intent.CALL_ME,
        "Rappelez-moi demain.",
    ),
    (
        "gmail es",
        gmail("Llámeme mañana, por favor.", "El mar, 3 mar 2026 a las 10:00, Nora (<nora@acme.example>) escribió:"),
        Intent.CALL_ME,
        "Llámeme mañana, por favor.",
    ),
    ("outlook en", outlook("Do you deliver to Iceland?"), Intent.QUESTION, "Do you deliver to Iceland?"),
    (
        "outlook de",
        outlook("Liefern Sie nach Wien?", ("Von", "Gesendet", "An", "Betreff")),
        Intent.QUESTION,
        "Liefern Sie nach Wien?",
    ),
    (
        "outlook nb",
        outlook("Leverer dere til Bodø?", ("Fra", "Sendt", "Til", "Emne")),
        Intent.QUESTION,
        "Leverer dere til Bodø?",
    ),
    ("outlook sv", outlook("Vad kostar det?", ("Från", "Skickat", "Till", "Ämne")), Intent.QUESTION, "Vad kostar det?"),
    (
        "outlook fr",
        outlook("Quel est le prix ?", ("De", "Envoyé", "À", "Objet")),
        Intent.QUESTION,
        "Quel est le prix ?",
    ),
    (
        "outlook es",
        outlook("¿Cuánto cuesta?", ("De", "Enviado el", "Para", "Asunto")),
        Intent.QUESTION,
        "¿Cuánto cuesta?",
    ),
    (
        "outlook divider",
        raw("Thanks.\n\n-----Original Message-----\nFrom: Nora\nStop these mails"),
        Intent.OTHER,
        "Thanks.",
    ),
    ("outlook line", raw(f"Thanks.\n\n{'_' * 32}\nFrom: Nora\nSent: today\nUnsubscribe me"), Intent.OTHER, "Thanks."),
    (
        "iphone",
        raw(
            "Yes, call me\n\nSent from my iPhone\n\n> On 3 Mar 2026, at 10:00, Nora <n@acme.example> wrote:\n> \n"
            "> Unsubscribe"
        ),
        Intent.CALL_ME,
        "Yes, call me\n\nSent from my iPhone",
    ),
    (
        "iphone nb",
        raw(
            "Ikke nå, men ta kontakt igjen etter påske\n\nSendt fra min iPhone\n\n"
            "> 3. mar. 2026 kl. 10:00 skrev Nora <n@acme.example>:\n> \n> Meld meg av"
        ),
        Intent.NOT_NOW,
        "Ikke nå, men ta kontakt igjen etter påske\n\nSendt fra min iPhone",
    ),
    (
        "bottom posting",
        raw(f"On 3 Mar 2026, Nora wrote:\n{_quoted(FOOTER)}\n\nNot now, maybe later this year.\n"),
        Intent.NOT_NOW,
        "Not now, maybe later this year.",
    ),
    (
        "answers in between",
        raw("> How many machines do you have?\n\nEleven.\n\n> Which make?\n\nSeveral, why?\n"),
        Intent.QUESTION,
        "Eleven.\nSeveral, why?",
    ),
    ("no quote", raw("STOP"), Intent.STOP, "STOP"),
    (
        "stop politely",
        gmail("Please take me off your list. Thank you."),
        Intent.STOP,
        "Please take me off your list. Thank you.",
    ),
    ("stop in a subject", raw("\n", subject="Unsubscribe"), Intent.STOP, ""),
    (
        "stop de",
        outlook("Bitte nehmen Sie mich aus Ihrem Verteiler.", ("Von", "Gesendet", "An", "Betreff")),
        Intent.STOP,
        "Bitte nehmen Sie mich aus Ihrem Verteiler.",
    ),
    ("stop no", gmail("Vennligst meld meg av."), Intent.STOP, "Vennligst meld meg av."),
    ("stop fr", gmail("Merci de me désinscrire."), Intent.STOP, "Merci de me désinscrire."),
    ("only our own stop is quoted", raw(_quoted(FOOTER)), Intent.OTHER, _quoted(FOOTER)),
    ("thanks over our stop", gmail("Thanks, I enjoyed the guide."), Intent.OTHER, "Thanks, I enjoyed the guide."),
    (
        "wrong person",
        gmail("I am not responsible for this. Please contact my colleague Per."),
        Intent.WRONG_PERSON,
        "I am not responsible for this. Please contact my colleague Per.",
    ),
    ("left", outlook("Ola has left the company."), Intent.WRONG_PERSON, "Ola has left the company."),
    ("disclaimer", raw("Thanks a lot." + _DISCLAIMER), Intent.OTHER, "Thanks a lot." + _DISCLAIMER),
    (
        "windows-1252",
        raw("Können Sie mich zurückrufen?", charset="windows-1252"),
        Intent.CALL_ME,
        "Können Sie mich zurückrufen?",
    ),
    ("latin-1 html only", _HTML_ONLY, Intent.CALL_ME, "Ring meg på mobil !"),
    ("text around a picture", _TWO_PARTS, Intent.QUESTION, "See the picture.\nCan you mend that?"),
    ("html beside text", raw("Call me.", html="<p>Something <b>else</b></p>"), Intent.CALL_ME, "Call me."),
    (
        "from another address",
        raw("Call me please", sender="Assistant <pa@mill.example>"),
        Intent.CALL_ME,
        "Call me please",
    ),
    (
        "answer to a machine",
        raw("I am back, call me", subject="Re: Automatic reply: leaks"),
        Intent.CALL_ME,
        "I am back, call me",
    ),
    ("an invitation", _INVITATION, Intent.QUESTION, "Shall we meet then?"),
    ("auto-submitted: no", raw("Thanks!", auto_submitted="no"), Intent.OTHER, "Thanks!"),
    ("no headers but From", b"From: mona@mill.example\n\nWhy?", Intent.QUESTION, "Why?"),
    (
        "unknown charset",
        b"From: a@mill.example\nContent-Type: text/plain; charset=klingon\n\nCall me",
        Intent.CALL_ME,
        "Call me",
    ),
    ("broken base64", b"From: a@mill.example\nContent-Transfer-Encoding: base64\n\nCall?me=", Intent.OTHER, None),
    (
        "broken header words",
        b"From: a@mill.example\nSubject: =?utf-8?b?####?= =?x?q?=ZZ?=\n\nWhy?",
        Intent.QUESTION,
        "Why?",
    ),
    ("nothing at all", b"", Intent.OTHER, ""),
    (
        "a boundary that never comes",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=zz\n\nNo parts. Why?",
        Intent.OTHER,
        None,
    ),
    (
        "NUL and surrogates",
        b"From: a@mill.example\nSubject: \xff\xfe\x00\n\nCall \x00me \xed\xa0\x80",
        Intent.CALL_ME,
        None,
    ),
    (
        "thousand parts",
        b"From: a@mill.example\nContent-Type: multipart/mixed; boundary=q\n\n"
        + b"--q\nContent-Type: text/plain\n\nWhy?\n" * 1000
        + b"--q--\n",
        Intent.QUESTION,
        None,
    ),
    (
        "nested thousandfold",
        b"From: a@mill.example\nContent-Type: multipart/mixed; boundary=b0\n\n"
        + b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(2000)),
        Intent.OTHER,
        None,
    ),
    ("quotes without end", raw("> " * 400 + "\n" + "> On 1, On 2, wrote:\n" * 3000), Intent.OTHER, None),
]

_MACHINES: list[tuple[str, bytes]] = [
    ("exchange away", auto(_AWAY, "Automatic reply: A word on leaks", x_auto_response_suppress="All")),
    ("rfc 3834", auto(_AWAY, auto_submitted="auto-replied (vacation)")),
    ("gmail away", auto(_AWAY, "Out of office Re: A word on leaks", precedence="bulk")),
    ("away de", auto("Ich bin nicht im Büro. Bitte rufen Sie mich später an.", "Automatische Antwort: Lecks")),
    ("away de 2", auto("Ich bin nicht im Büro.", "Abwesenheitsnotiz: Lecks")),
    ("away fr", auto("Je suis absent.", "Réponse automatique : fuites")),
    ("away es", auto("Estoy fuera.", "Respuesta automática: fugas")),
    ("away no", auto("Jeg er på ferie.", "Automatisk svar: lekkasjer")),
    ("away no 2", auto("Jeg er på ferie.", "Fravær: lekkasjer")),
    ("away sv", auto("Jag är ledig.", "Autosvar: läckor")),
    ("away sv 2", auto("Jag är ledig.", "Frånvaro: läckor")),
    ("away, header only", auto(_AWAY, x_autoreply="yes")),
    ("ticket", auto("We got your request. Call us?", "Ticket 7 opened", auto_submitted="auto-generated")),
    ("list", auto("Digest", list_id="<all.mill.example>")),
    ("noreply", raw("Do not answer. Stop.", sender="no-reply@mill.example")),
    ("empty return path", auto("Gone fishing", return_path="<>")),
    ("calendar", _CALENDAR),
    ("accepted", auto("", "Accepted: A word on leaks")),
    ("read receipt", report("disposition-notification", "Disposition: automatic-action/MDN-sent; displayed\n")),
    ("delay", dsn("4.4.1", "Connection timed out", "delayed")),
    ("challenge", auto("Please prove that you are a person.", precedence="auto_reply")),
]

_BOUNCES: list[tuple[str, bytes, Kind, str]] = [
    ("postfix unknown", dsn("5.1.1", "550 5.1.1 User unknown"), Kind.BOUNCED, LEAD),
    (
        "gmail unknown",
        dsn("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist."),
        Kind.BOUNCED,
        LEAD,
    ),
    ("exchange unknown", dsn("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"), Kind.BOUNCED, LEAD),
    ("disabled", dsn("5.2.1", "550 mailbox disabled"), Kind.BOUNCED, LEAD),
    ("full", dsn("5.2.2", "552 5.2.2 mailbox full"), Kind.BLOCKED, LEAD),
    ("policy", dsn("5.7.1", "550 5.7.1 rejected as spam"), Kind.BLOCKED, LEAD),
    ("temporary", dsn("4.4.7", "message expired"), Kind.BLOCKED, LEAD),
    (
        "forwarded",
        dsn("5.1.1", "550 no such user", recipient="old@elsewhere.example"),
        Kind.BOUNCED,
        "old@elsewhere.example",
    ),
    (
        "exim",
        raw(
            "A message you sent could not be delivered.\n550 5.1.1 no such user",
            sender="Mailer-Daemon@mx.example",
            subject="Mail delivery failed: returning message to sender",
            x_failed_recipients=LEAD,
        ),
        Kind.BOUNCED,
        LEAD,
    ),
    ("feedback loop", _ARF, Kind.COMPLAINED, LEAD),
]

SAMPLES = [
    *(Sample(name, mail, Kind.HUMAN, intent, own) for name, mail, intent, own in _HUMAN),
    *(Sample(name, mail, Kind.AUTOMATIC) for name, mail in _MACHINES),
    *(Sample(name, mail, kind, about=about) for name, mail, kind, about in _BOUNCES),
]


def posted(mail: bytes, **fields: str) -> bytes:
    """The body in which the provider posts a raw mail."""
    told = {"envelope": json.dumps({"to": [TO], "from": LEAD})} | fields
    return form({"email": mail, **{name: value.encode() for name, value in told.items()}})


def form(fields: dict[str, bytes]) -> bytes:
    """A multipart form."""
    parts = [
        b'--xYzZY\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    ]
    return b"".join(parts) + b"--xYzZY--\r\n"
