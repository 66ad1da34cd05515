"""What people answer, in the mail programs and languages that they use, and mails of theirs that are broken."""

from __future__ import annotations

from nurture.mail.inbound import Intent
from tests.mail.inbound_mails import CALENDAR, FOOTER, LEAD, TO, gmail, outlook, quoted, raw

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
_INVITATION = CALENDAR.replace(b"method=REPLY", b"method=REQUEST").replace(b"Mona accepted.", b"Shall we meet then?")

#: answers of people: (name, mail, intent, own words)
PEOPLE: list[tuple[str, bytes, Intent, str]] = [
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
        raw(f"On 3 Mar 2026, Nora wrote:\n{quoted(FOOTER)}\n\nNot now, maybe later this year.\n"),
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
    ("only our own stop is quoted", raw(quoted(FOOTER)), Intent.OTHER, quoted(FOOTER)),
    ("thanks over our stop", gmail("Thanks, I enjoyed the guide."), Intent.OTHER, "Thanks, I enjoyed the guide."),
    (
        "wrong person",
        gmail("I am not responsible for this. Please contact my colleague Per."),
        Intent.WRONG_PERSON,
        "I am not responsible for this. Please contact my colleague Per.",
    ),
    ("left", outlook("Ola has left the company."), Intent.WRONG_PERSON, "Ola has left the company."),
    ("not interested", gmail("Not interested, thanks."), Intent.NOT_INTERESTED, "Not interested, thanks."),
    (
        "stop nl",
        outlook("Stop met mailen.", ("Van", "Verzonden", "Aan", "Onderwerp")),
        Intent.STOP,
        "Stop met mailen.",
    ),
    (
        "outlook it",
        outlook("Quanto costa?", ("Da", "Inviato", "A", "Oggetto")),
        Intent.QUESTION,
        "Quanto costa?",
    ),
    ("stop over a name", outlook("Stop\nBob Quuxbob\nMill Ltd"), Intent.STOP, "Stop\nBob Quuxbob\nMill Ltd"),
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
