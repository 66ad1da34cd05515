"""From a template and a lead to the mail that is handed over, with everything the law and mailbox providers ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nurture.content import Project
from nurture.mail import Email, Mailbox

#: from 78 bytes on SendGrid rewrites List-Unsubscribe in a way that Gmail and Outlook do not read
MAX_UNSUBSCRIBE = 77
#: letters of the token at the end of an unsubscribe link
TOKEN_LENGTH = 22


def compose(
    project: Project,
    *,
    template: str,
    subject: str | None = None,
    lead: Mapping[str, object],
    message_id: str,
    unsubscribe_url: str,
    categories: tuple[str, ...] = (),
    topic: str | None = None,
    by_owner: bool = False,
    reply_to: str | None = None,
) -> Email:
    """The mail `template` ("tofu/welcome") for one lead, ready but for its `attempt_id`.

    `subject` overrides the template's own. `categories` are the funnel stage and the name of the sequence, for the
    provider's statistics; nothing in them or in the headers is about the person. `topic` names the list a lead would
    leave. With `by_owner` the lead's sales rep writes, if it has one, and gets the answers. Other answers go to
    `reply_to`, else to where the project says. Raises RenderError.
    """
    rep = _rep(project, lead) if by_owner else None
    sender = project.config.sender
    reply_to = None if rep else reply_to or sender.reply_to
    signed = {"name": rep.name, "address": rep.address, "reply_to": rep.address} if rep else None
    mail = project.templates.render(template, project.templates.context(lead, unsubscribe_url, signed), subject)
    return Email(
        message_id=message_id,
        attempt_id="",
        sender=rep or Mailbox(sender.address, sender.name),
        to=Mailbox(str(lead["email"]), _full_name(lead)),
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        reply_to=Mailbox(reply_to) if reply_to else None,
        headers=_headers(project, unsubscribe_url, categories, topic),
        categories=categories,
    )


def unsubscribe_header_fits(public_url: str) -> bool:
    """Whether links below `public_url` stay short enough for List-Unsubscribe to arrive as it was written."""
    return len(f"<{public_url}/u/{'x' * TOKEN_LENGTH}>".encode()) <= MAX_UNSUBSCRIBE


def _rep(project: Project, lead: Mapping[str, object]) -> Mailbox | None:
    reps = (owner for owner in project.config.agreement.owners if owner.key == lead.get("owner"))
    return next((Mailbox(owner.address, owner.name) for owner in reps), None)


def _headers(project: Project, unsubscribe_url: str, categories: tuple[str, ...], topic: str | None) -> dict[str, str]:
    domain = project.config.brand.list_domain
    list_name = (topic,) if topic else categories[:1]
    stream = ":".join((*reversed(categories), "nurture"))
    return {
        # One click, no page in between (RFC 8058).
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{'.'.join((*list_name, domain))}>",
        # Gmail's postmaster tools group complaints by it; the last part names the sender, in 5 to 15 letters.
        "Feedback-ID": f"{stream}:{_sender_id(domain)}",
        # Out-of-office replies would look like answers.
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def _sender_id(domain: str) -> str:
    return re.sub(r"[^a-z0-9]", "", domain.lower())[:15].ljust(5, "0")


def _full_name(lead: Mapping[str, object]) -> str:
    return " ".join(str(part) for part in (lead.get("first_name"), lead.get("last_name")) if part)
