"""One mail to oneself, by the mailer that carries the real ones. Nothing is recorded."""

from __future__ import annotations

from dataclasses import replace

from nurture.clock import Budget, Clock
from nurture.content import Project
from nurture.mail import Email, Mailbox, Mailer, Receipt
from nurture.preview.choice import Item
from nurture.preview.people import Person
from nurture.render import TOKEN_LENGTH, compose

#: what events of such mails say they belong to: no installation takes them for its own
ENVIRONMENT = "test"
#: nobody's token: its page opts nobody out
_NO_TOKEN = "test".ljust(TOKEN_LENGTH, "-")
_SECONDS = 30.0


def compose_test(project: Project, item: Item, person: Person, to: str, name: str, public_url: str) -> Email:
    """What `person` would get, addressed to `to` instead and marked in its subject. Raises RenderError.

    `name` is the id of this one mail; each test has its own, so that an outbox keeps them all.
    """
    template = item.template_for(person, project)
    email = compose(
        project,
        template=template,
        subject=item.subject,
        topic=item.topic,
        by_owner=item.by_owner,
        lead=person.fields,
        message_id=f"test-{name}",
        unsubscribe_url=f"{public_url}/u/{_NO_TOKEN}",
        categories=("test",),
    )
    return replace(email, attempt_id=f"test-{name}", to=Mailbox(to), subject=f"[test] {email.subject}")


def send(mailer: Mailer, email: Email, clock: Clock) -> Receipt:
    """Hand it over once, whatever comes of it."""
    return mailer.send([email], Budget.of(clock, _SECONDS))[0]
