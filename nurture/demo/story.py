"""What happens in the demo: a Tuesday morning from the first mail to sales' answers, and the days after it.

    import -> mails -> deliveries, clicks, a scanner, a bounce, an opt-out, a complaint -> forms, a call for a person
    -> promotions, alerts -> one accepted, one rejected -> the next mornings, a deal that is won

Every step is the real one: flows, mails in the outbox, signed events and forms over HTTP, links out of alerts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from models.queries import ledger
from nurture.clock import VirtualClock
from nurture.demo.cast import SEED, Actor, Cast, choose
from nurture.demo.provider import Mail, Provider
from nurture.demo.site import Site, serving
from nurture.demo.stage import TUESDAY, bring_in
from nurture.leads import ImportReport
from nurture.ports import Ports
from nurture.rounds import run_round

Flow = Literal["advance", "sales"]
#: runs a flow to its end on the ports of this process; returns what is to be said of the run
RunFlow = Callable[[Flow], str]
Say = Callable[[str], None]

#: somebody nobody had heard of before
NEWCOMER = {
    "email": "ines.moreau@atelier-rhone.example.org",
    "first_name": "Inès",
    "last_name": "Moreau",
    "company": "Atelier Rhône SARL",
    "title": "Directrice générale",
    "country": "FR",
    "consent": "yes",
}
MESSAGE = "Our winter contract ends in January. Could somebody call me today?"
NOTE = "Good fit, but the budget is set in February."

_HANDOFF_LINK = re.compile(r"https?://\S+/h/[\w-]+")


@dataclass(frozen=True, slots=True)
class Told:
    """The story, for whoever sums it up."""

    start: datetime
    imported: ImportReport
    cast: Cast
    #: what was said of each run of a flow
    runs: tuple[str, ...]


@dataclass(slots=True)
class Story:
    """The demo while it runs: one virtual clock, one web app, one mail provider."""

    ports: Ports
    clock: VirtualClock
    outbox: Path
    site: Site
    provider: Provider
    run_flow: RunFlow
    say: Say
    runs: list[str]

    def run(self, flow: Flow) -> None:
        """A run of a flow, as the scheduler would start it at this moment."""
        said = self.run_flow(flow)
        self.runs.append(said)
        self.say(f"{self.clock.now():%a %H:%M}  {said}")

    def until(self, days: int, hour: int, minute: int) -> None:
        """Let time pass until then (UTC, days after Tuesday); what mail systems and readers did is reported."""
        self.clock.move_to(self._moment(days, hour, minute))
        self.provider.report(self.clock.now(), self.site.webhook)

    def quietly_until(self, days: int, hour: int, minute: int) -> None:
        """Let time pass, and do each hour what `nurture run --every 1h` does."""
        until = self._moment(days, hour, minute)
        while self.clock.now() < until:
            self.clock.move_to(min(until, self.clock.now() + timedelta(hours=1)))
            run_round(self.ports)
            self.deliver_all(self.provider.pick_up())
            self.provider.report(self.clock.now(), self.site.webhook)

    def _moment(self, days: int, hour: int, minute: int) -> datetime:
        tuesday = self.clock.now() - timedelta(days=self.clock.now().weekday() - TUESDAY)
        return tuesday.replace(hour=hour, minute=minute) + timedelta(days=days)

    def deliver_all(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            self.provider.deliver(mail, self.clock.now())


def tell(ports: Ports, clock: VirtualClock, outbox: Path, run_flow: RunFlow, say: Say) -> Told:
    """Play it, from an empty database to Friday morning."""
    start = clock.now()
    imported = bring_in(ports, start)
    say(f"{start:%a %H:%M}  {imported.created} leads imported, {imported.left_out} rows with faults left out")
    with ports.database.reading() as connection:
        environment = connection.execute(ledger.INSTALLATION).one().environment
    provider = Provider(outbox, environment)
    with serving(ports, provider.public_key) as site:
        story = Story(ports, clock, outbox, site, provider, run_flow, say, [])
        cast = first_mails(story)
        reactions(story, cast)
        visits(story, cast)
        answers(story, cast)
        days_after(story, cast)
    return Told(start, imported, cast, tuple(story.runs))


def first_mails(story: Story) -> Cast:
    """Whoever may be mailed at this hour is; then we know who can play which part."""
    story.run("sales")
    story.run("advance")
    mails = story.provider.pick_up()
    cast = choose(story.ports, mails, story.clock.now())
    story.deliver_all([mail for mail in mails if mail != cast.bounces.mail])
    story.provider.bounce(cast.bounces.mail, story.clock.now())
    return cast


def reactions(story: Story, cast: Cast) -> None:
    """What machines, mail programs and readers do with the first mail."""
    sent_at, chance = story.clock.now(), random.Random(SEED)
    for actor in cast.scanned:
        scan(story, actor.mail, sent_at + timedelta(seconds=31))
    for actor in (*cast.readers, *cast.returning, cast.price_hunter, cast.buyer):
        read_at = sent_at + timedelta(seconds=chance.randint(150, 3300))
        story.provider.click(actor.mail, read_at, _guide(actor.mail))
    story.until(0, 8, 31)
    story.site.one_click(cast.opts_out.mail.unsubscribe)
    story.provider.expect(cast.complains.mail, "spamreport", sent_at + timedelta(minutes=39))
    story.until(0, 9, 5)
    story.say("Tue 09:05  deliveries, clicks, a scanner, a bounce, an opt-out and a complaint came back, signed")
    story.run("advance")
    story.deliver_all(story.provider.pick_up())


def scan(story: Story, mail: Mail, at: datetime) -> None:
    """A mail gateway follows every link within two seconds, the one for opting out too. A GET changes nothing."""
    for number, link in enumerate(mail.links):
        story.provider.click(mail, at + timedelta(seconds=number % 2), link)
    story.site.look(mail.unsubscribe)


def visits(story: Story, cast: Cast) -> None:
    """Forms on the site, and one call for a person."""
    for minute, actor in zip((12, 19, 33), cast.returning, strict=True):
        story.until(0, 9, minute)
        story.site.submit("comparison", {"email": actor.address, "consent": "yes"})
    forms = [(36, "roi-calculator", cast.buyer), (41, "pricing", cast.buyer), (44, "pricing", cast.price_hunter)]
    forms.append((52, "roi-calculator", cast.first_timer))
    for minute, form, actor in forms:
        story.until(0, 9, minute)
        story.site.submit(form, {"email": actor.address})
    story.until(0, 9, 58)
    story.site.submit("webinar", NEWCOMER)
    story.until(0, 10, 41)
    story.site.submit("call-me", {"email": cast.caller.address, "message": MESSAGE})
    story.say("Tue 10:41  forms came in, the last one says: call me")
    story.until(0, 10, 43)
    story.run("sales")


def answers(story: Story, cast: Cast) -> None:
    """Sales opens the links in its alerts."""
    story.until(0, 10, 44)
    called = handoff_link(alert_about(story.outbox, cast.caller))
    story.site.look(called)
    story.site.accept(called)
    story.until(0, 13, 10)
    story.site.reject(handoff_link(alert_about(story.outbox, cast.buyer)), "not_ready", NOTE)
    story.say("Tue 13:10  sales accepted one handoff and rejected one")


def days_after(story: Story, cast: Cast) -> None:
    """Until Friday: who lives elsewhere is mailed in their own morning, then everybody gets what comes next. Whoever
    asked for a person has bought by then, and is welcomed."""
    _morning(story, 2)
    story.until(2, 11, 0)
    story.site.won(handoff_link(alert_about(story.outbox, cast.caller)), "2260", "EUR")
    story.say("Thu 11:00  the deal was won: the lead is a customer, and mail for prospects ends")
    _morning(story, 3)
    story.until(3, 8, 20)


def _morning(story: Story, days: int) -> None:
    story.quietly_until(days, 7, 35)
    story.until(days, 8, 5)
    story.run("sales")
    story.run("advance")
    story.deliver_all(story.provider.pick_up())


def alert_about(outbox: Path, actor: Actor) -> Path:
    """The first alert that sales got about this lead."""
    alerts = sorted(outbox.glob("alert-*.eml"), key=lambda path: int(path.stem.removeprefix("alert-")))
    return next(path for path in alerts if actor.address in read_text(path))


def handoff_link(alert: Path) -> str:
    """The link in an alert, to sales' page about the lead."""
    link = _HANDOFF_LINK.search(read_text(alert))
    assert link is not None
    return link[0]


def read_text(path: Path) -> str:
    """The text part of a mail in the outbox."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def _guide(mail: Mail) -> str:
    """The link that a reader of this mail is most likely to follow."""
    return next((link for link in mail.links if "/guides/" in link), mail.links[0])
