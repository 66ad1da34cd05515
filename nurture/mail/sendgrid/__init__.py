"""All that nurture knows of SendGrid: the mail it takes, the answers it gives, the events it sends back.

payload.py    an Email as the body of POST /v3/mail/send
outcomes.py   what an answer, or the lack of one, says about the mail
transport.py  the connections
mailer.py     the mailer: a chunk of mails in, receipts out
signature.py  is this webhook body really SendGrid's?
events.py     its webhook events in nurture's words
account.py    does the key work?
knock.py      do events and answers reach us, and only the provider's?
"""

from nurture.mail.sendgrid.account import check_account
from nurture.mail.sendgrid.events import read_events
from nurture.mail.sendgrid.mailer import SendGridMailer
from nurture.mail.sendgrid.outcomes import classify
from nurture.mail.sendgrid.payload import build_payload
from nurture.mail.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, could_be_signed, verify

__all__ = [
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    "SendGridMailer",
    "build_payload",
    "check_account",
    "classify",
    "could_be_signed",
    "read_events",
    "verify",
]
