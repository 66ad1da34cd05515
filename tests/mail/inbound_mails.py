"""Mails as mail programs and servers write them, and as the provider posts them: the parts that samples are made of."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP

#: the end of every mail of ours, which is quoted in most answers
FOOTER = "You get this mail because you asked for our guide. Unsubscribe: https://nurture.acme.example/u/x\nStop these"
TO = "reply+7-abcdefghijklmnopqrst@in.acme.example"
LEAD = "mona@mill.example"


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


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def gmail(text: str, intro: str = "On Tue, Mar 3, 2026 at 10:00 AM Nora from Acme <nora@acme.example> wrote:") -> bytes:
    return raw(f"{text}\n\n{intro}\n\n{quoted('Hello Mona,' + chr(10) + FOOTER)}\n", message_id="<g1@mail.gmail.com>")


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


CALENDAR = (
    f"From: {LEAD}\nTo: {TO}\nSubject: A word on leaks\nMIME-Version: 1.0\n"
    "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nMona accepted.\n--x\n"
    'Content-Type: text/calendar; charset="utf-8"; method=REPLY\n\n'
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--x--\n"
).encode()


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
