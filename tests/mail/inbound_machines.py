"""What machines send: absences, tickets, calendars and lists; bounces, and complaints."""

from __future__ import annotations

from nurture.mail.inbound import Kind
from tests.mail.inbound_mails import CALENDAR, LEAD, ORIGINAL, auto, dsn, raw, report

_AWAY = "I am out of the office until 20 March. For urgent matters call me on +47 99. Please stop by later?"
_ARF = report(
    "feedback-report",
    f"Feedback-Type: abuse\nUser-Agent: Yahoo!-Mail-Feedback/2.0\nVersion: 0.1\nOriginal-Rcpt-To: <{LEAD}>\n",
    ORIGINAL,
    "This is an email abuse report.",
)

MACHINES: list[tuple[str, bytes]] = [
    ("exchange away", auto(_AWAY, "Automatic reply: A word on leaks", x_auto_response_suppress="All")),
    ("rfc 3834", auto(_AWAY, auto_submitted="auto-replied (vacation)")),
    ("gmail away", auto(_AWAY, "Out of office Re: A word on leaks", precedence="bulk")),
    ("away de", auto("Ich bin nicht im Büro. Bitte rufen Sie mich später an.", "Automatische Antwort: Lecks")),
    ("away de 2", auto("Ich bin nicht im Büro.", "Abwesenheitsnotiz: Lecks")),
    ("away fr", auto("Je suis absent.", "Réponse automatique : fuites")),
    ("away es", auto("Estoy fuera.", "Respuesta automática: fugas")),
    ("away no", auto("Jeg er på ferie.", "Automatisk svar: lekkasjer")),
    ("away no 2", auto("Jeg er på ferie.", "Fravær: lekkasjer")),
    ("away nl", auto("Ik ben met vakantie.", "Afwezig: lekken")),
    ("away it", auto("Sono in ferie.", "Fuori ufficio: perdite")),
    ("away sv", auto("Jag är ledig.", "Autosvar: läckor")),
    ("away sv 2", auto("Jag är ledig.", "Frånvaro: läckor")),
    ("away, header only", auto(_AWAY, x_autoreply="yes")),
    ("ticket", auto("We got your request. Call us?", "Ticket 7 opened", auto_submitted="auto-generated")),
    ("list", auto("Digest", list_id="<all.mill.example>")),
    ("noreply", raw("Do not answer. Stop.", sender="no-reply@mill.example")),
    ("empty return path", auto("Gone fishing", return_path="<>")),
    ("calendar", CALENDAR),
    ("accepted", auto("", "Accepted: A word on leaks")),
    ("read receipt", report("disposition-notification", "Disposition: automatic-action/MDN-sent; displayed\n")),
    ("delay", dsn("4.4.1", "Connection timed out", "delayed")),
    ("challenge", auto("Please prove that you are a person.", precedence="auto_reply")),
]

BOUNCES: list[tuple[str, bytes, Kind, str]] = [
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
