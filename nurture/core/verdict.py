"""Who clicked: a person, perhaps a person, or a machine that follows every link in a mail.

Mail gateways open links to look for malware, mostly 20 to 60 seconds after delivery and all links at once.
Such a hit is no engagement. Verdicts are judged anew whenever another hit of the message arrives, so it does
not matter in which order hits come, or how often the same one is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Literal
from urllib.parse import urlsplit

from nurture.core.crowds import crowded
from nurture.core.links import TRAP, places
from nurture.core.scanners import KNOWN, Scanners

VerdictKind = Literal["human", "suspect", "machine"]
#: address on the net and program
_Caller = tuple[str | None, str | None]

#: links followed within this time belong to one burst
BURST = timedelta(seconds=2)
#: so many different links within `BURST` of each other are a scanner's work
LINKS_OF_A_MACHINE = 3
#: a slower one: so many different links within this time
SWEEP, LINKS_OF_A_SWEEP = timedelta(seconds=10), 4
#: a click so soon after delivery is more often a scanner than a reader
TOO_SOON = timedelta(seconds=60)
#: a hit this much later is another occasion
ANOTHER_TIME = timedelta(minutes=10)
#: who followed the hidden link is a machine for this long, before and after, and each further hit prolongs it
TAINT = timedelta(minutes=15)
#: links followed each so soon after the one before were followed in one go
PACE = timedelta(seconds=4)
#: who goes through a mail with two links so soon after delivery has not read it
UNREAD = timedelta(minutes=5)
#: why a click is doubted that came early at a domain whose gateway follows links (`nurture.core.domains`)
AT_A_SCANNED_DOMAIN = "among the first in the mail, at a domain whose mail is scanned"

_link = attrgetter("url")


@dataclass(frozen=True, slots=True)
class Hit:
    """One click as the provider told it. `user_agent` None: not told; empty: the clicker sent none.

    `machine` says that the provider itself marked it as automatic, `crowd` that its caller came to many leads at once,
    `scanned` that machines were known to follow the links in most mails to this lead's domain.
    """

    key: bytes
    at: datetime
    url: str
    user_agent: str | None = None
    machine: bool = False
    ip: str | None = None
    crowd: bool = False
    scanned: bool = False

    @property
    def trapped(self) -> bool:
        """Whether it followed the link that is hidden from readers."""
        return TRAP in self.url and urlsplit(self.url).path.endswith(TRAP)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hit is taken for, and why. Only "human" counts as engagement."""

    kind: VerdictKind
    reasons: tuple[str, ...] = ()


def judge(
    hits: Sequence[Hit],
    delivered_at: datetime | None,
    proved_human_at: datetime | None = None,
    scanners: Scanners = KNOWN,
    links: int | None = None,
) -> dict[bytes, Verdict]:
    """A verdict for each hit of one message, by key.

    `delivered_at` None: not known (yet), and nothing is concluded from it. `proved_human_at` is when the lead last
    did something only a person does, such as sending a form: it clears suspicion of earlier hits, as does a
    plain human hit at another time. What is certainly a machine's stays so. `links` is how many different links the
    mail has for its reader to follow; None: not known.
    """
    first_told = {hit.key: hit for hit in sorted(hits, key=_canonical, reverse=True)}
    ordered = sorted(first_told.values(), key=_canonical)
    certain = _certain(ordered, scanners)
    for hit in _through_the_whole_mail(ordered, delivered_at, links):
        certain[hit.key].append("went through all links of the mail in one go")
    doubts = _doubts(ordered, certain, delivered_at)
    human = [hit.at for hit in ordered if not certain[hit.key] and not doubts[hit.key]]
    proofs = [at - ANOTHER_TIME for at in human] + ([proved_human_at] if proved_human_at else [])
    last_proof = max(proofs, default=None)
    return {hit.key: _verdict(hit, certain[hit.key], doubts[hit.key], last_proof) for hit in ordered}


def _canonical(hit: Hit) -> tuple[datetime, bytes, str, bool, str, bool, str, bool, bool]:
    told = hit.at, hit.key, hit.url, hit.user_agent is None, hit.user_agent or "", hit.machine, hit.ip or ""
    return (*told, hit.crowd, hit.scanned)


def _verdict(hit: Hit, certain: Sequence[str], doubts: Sequence[str], last_proof: datetime | None) -> Verdict:
    if certain:
        return Verdict("machine", tuple(certain))
    if doubts and last_proof is not None and hit.at <= last_proof:
        return Verdict("human", (*doubts, "but a person came later"))
    return Verdict("suspect" if doubts else "human", tuple(doubts))


# --- what only a machine does


def _certain(ordered: Sequence[Hit], scanners: Scanners) -> dict[bytes, list[str]]:
    """Why each hit is certainly a machine's; nothing for the others."""
    reasons = {hit.key: list(_by_itself(hit, scanners)) for hit in ordered}
    if len(ordered) == 1:  # most mails: there is nothing to compare it with
        return reasons
    for hit in _in_runs(ordered, crowded(ordered, BURST, LINKS_OF_A_MACHINE, _link)):
        reasons[hit.key].append("part of a burst: three or more links within 2 seconds")
    for hit in crowded(ordered, SWEEP, LINKS_OF_A_SWEEP, _link):
        reasons[hit.key].append("part of a burst: four or more links within 10 seconds")
    for hit in dict.fromkeys(_tainted(ordered)):
        reasons[hit.key].append("came with a click on the hidden link")
    return reasons


def _by_itself(hit: Hit, scanners: Scanners) -> Iterator[str]:
    if hit.machine:
        yield "the provider marked it as a machine"
    if hit.user_agent is not None and not hit.user_agent.strip():
        yield "came without a user agent"
    elif scanners.is_agent(hit.user_agent or ""):
        yield "came from a known scanner"
    if hit.ip and scanners.is_network(hit.ip):
        yield "came from the network of a mail security service"
    if hit.trapped:
        yield "followed the hidden link"


def _in_runs(ordered: Sequence[Hit], some: Sequence[Hit]) -> Iterator[Hit]:
    """All hits of the runs that `some` are in: what began slowly belongs to its burst."""
    wanted = {hit.key for hit in some}
    for run in _runs(ordered) if wanted else ():
        if any(hit.key in wanted for hit in run):
            yield from run


def _through_the_whole_mail(ordered: Sequence[Hit], delivered_at: datetime | None, links: int | None) -> Iterator[Hit]:
    """Hits of the runs that left out no link of the mail, or one of four and more. A mail with two links is gone
    through by readers as well, but not before they can have read it."""
    if links is None or links < 2 or len(ordered) < 2:
        return
    enough = links if links < LINKS_OF_A_SWEEP else links - 1
    for run in _runs(ordered, PACE):
        if links == 2 and (delivered_at is None or run[0].at - delivered_at > UNREAD):
            continue
        if len(run) >= enough and len(places(hit.url for hit in run)) >= enough:
            yield from run


def _runs(ordered: Sequence[Hit], pace: timedelta = BURST) -> Iterator[list[Hit]]:
    """Runs of hits in which each follows the one before within `pace`."""
    run = list(ordered[:1])
    for before, hit in pairwise(ordered):
        if hit.at - before.at > pace:
            yield run
            run = []
        run.append(hit)
    if run:
        yield run


def _tainted(ordered: Sequence[Hit]) -> Iterator[Hit]:
    """Other hits of whoever followed the hidden link: from the same address on the net, or the same program where the
    address is not told."""
    trappers = {_visitor(hit) for hit in ordered if hit.trapped}
    for visitor in sorted(trappers):
        own = [hit for hit in ordered if _visitor(hit) == visitor]
        for direction in (own, own[::-1]):
            last: datetime | None = None
            for hit in direction:
                if hit.trapped or (last is not None and abs(hit.at - last) <= TAINT):
                    last = hit.at
                    if not hit.trapped:
                        yield hit


def _visitor(hit: Hit) -> tuple[str, str]:
    return ("ip", hit.ip) if hit.ip else ("agent", hit.user_agent or "")


# --- what a machine does more often than a person


def _doubts(
    ordered: Sequence[Hit], certain: dict[bytes, list[str]], delivered_at: datetime | None
) -> dict[bytes, list[str]]:
    pairs = {hit.key for hit in _in_runs(ordered, crowded(ordered, BURST, 2, _link))}
    machines: set[_Caller] = {(hit.ip, hit.user_agent) for hit in ordered if certain[hit.key] and hit.ip}
    doubts = {hit.key: list(_doubts_on(hit, pairs, machines, delivered_at)) for hit in ordered}
    for hit in _where_a_scanner_must_have_been(ordered, certain):
        doubts[hit.key].append(AT_A_SCANNED_DOMAIN)
    return doubts


def _doubts_on(hit: Hit, pairs: set[bytes], machines: set[_Caller], delivered_at: datetime | None) -> Iterator[str]:
    if hit.key in pairs:
        yield "two links within 2 seconds"
    if (hit.ip, hit.user_agent) in machines:
        yield "from where a machine came, by the same program"
    if hit.crowd:
        yield "one program opened mails of five or more leads within two minutes"
    if delivered_at is not None and hit.at < delivered_at:
        yield "before the mail was delivered"
    elif delivered_at is not None and hit.at - delivered_at <= TOO_SOON:
        yield "within 60 seconds of delivery"


def _where_a_scanner_must_have_been(ordered: Sequence[Hit], certain: dict[bytes, list[str]]) -> Iterator[Hit]:
    """The first clicks in a mail to a domain that scans, where no machine has given itself away: in a mail with a
    single link there is no burst to know it by. Who comes later is a reader."""
    if any(certain.values()):
        return
    for hit in ordered:
        if hit.scanned and hit.at - ordered[0].at <= ANOTHER_TIME:
            yield hit
