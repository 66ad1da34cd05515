"""Who clicked: a person, perhaps a person, or a machine that follows every link in a mail.

Mail gateways open links to look for malware, mostly 20 to 60 seconds after delivery and all links at once.
Such a hit is no engagement. Verdicts are judged anew whenever another hit of the message arrives, so it does
not matter in which order hits come, or how often the same one is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

VerdictKind = Literal["human", "suspect", "machine"]

#: links followed within this time belong to one burst
BURST = timedelta(seconds=2)
#: so many different links within `BURST` of each other are a scanner's work
LINKS_OF_A_MACHINE = 3
#: a click so soon after delivery is more often a scanner than a reader
TOO_SOON = timedelta(seconds=60)
#: a hit this much later is another occasion
ANOTHER_TIME = timedelta(minutes=10)

#: what link scanners and fetchers call themselves; "bot" not in CUBOT, which makes phones
_MACHINES = re.compile(
    r"(?<!cu)bot\b|crawler|spider|scanner|preview|existence discovery"
    r"|barracuda|mimecast|proofpoint|trendmicro|forcepoint"
    r"|headlesschrome|python-|aiohttp|curl/|wget|go-http-client|okhttp|apache-httpclient|java/|libwww",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One click as the provider told it. `user_agent` None: not told; empty: the clicker sent none.

    `machine` says that the provider itself marked it as automatic.
    """

    key: bytes
    at: datetime
    url: str
    user_agent: str | None = None
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hit is taken for, and why. Only "human" counts as engagement."""

    kind: VerdictKind
    reasons: tuple[str, ...] = ()


def judge(
    hits: Sequence[Hit], delivered_at: datetime | None, proved_human_at: datetime | None = None
) -> dict[bytes, Verdict]:
    """A verdict for each hit of one message, by key.

    `delivered_at` None: not known (yet), and nothing is concluded from it. `proved_human_at` is when the lead last
    did something only a person does, such as sending a form: it clears suspicion of earlier hits, as does a
    plain human hit at another time. What is certainly a machine's stays so.
    """
    first_told = {hit.key: hit for hit in sorted(hits, key=_canonical, reverse=True)}
    ordered = sorted(first_told.values(), key=_canonical)
    verdicts = {hit.key: _alone(hit, burst, delivered_at) for burst in _bursts(ordered) for hit in burst}
    proofs = [hit.at - ANOTHER_TIME for hit in ordered if verdicts[hit.key].kind == "human"]
    if proved_human_at is not None:
        proofs.append(proved_human_at)
    last_proof = max(proofs, default=None)
    return {hit.key: _cleared(verdicts[hit.key], hit, last_proof) for hit in ordered}


def _canonical(hit: Hit) -> tuple[datetime, bytes, str, bool, str, bool]:
    return hit.at, hit.key, hit.url, hit.user_agent is None, hit.user_agent or "", hit.machine


def _bursts(ordered: Sequence[Hit]) -> Iterator[list[Hit]]:
    """Runs of hits in which each follows the one before within `BURST`."""
    burst = list(ordered[:1])
    for before, hit in pairwise(ordered):
        if hit.at - before.at > BURST:
            yield burst
            burst = []
        burst.append(hit)
    if burst:
        yield burst


def _alone(hit: Hit, burst: Sequence[Hit], delivered_at: datetime | None) -> Verdict:
    """The verdict on a hit by itself and its burst, before later hits are asked."""
    if certain := tuple(_certainties(hit, burst)):
        return Verdict("machine", certain)
    doubts = tuple(_doubts(hit, burst, delivered_at))
    return Verdict("suspect" if doubts else "human", doubts)


def _certainties(hit: Hit, burst: Sequence[Hit]) -> Iterator[str]:
    if hit.machine:
        yield "the provider marked it as a machine"
    if hit.user_agent is not None and not hit.user_agent.strip():
        yield "came without a user agent"
    elif _MACHINES.search(hit.user_agent or ""):
        yield "came from a known scanner"
    if _most_links(burst) >= LINKS_OF_A_MACHINE:
        yield "part of a burst: three or more links within 2 seconds"


def _doubts(hit: Hit, burst: Sequence[Hit], delivered_at: datetime | None) -> Iterator[str]:
    if _most_links(burst) == 2:
        yield "two links within 2 seconds"
    if delivered_at is not None and hit.at < delivered_at:
        yield "before the mail was delivered"
    elif delivered_at is not None and hit.at - delivered_at <= TOO_SOON:
        yield "within 60 seconds of delivery"


def _most_links(burst: Sequence[Hit]) -> int:
    """The most different links that were hit within `BURST`, anywhere in a burst."""
    return max(len({hit.url for hit in burst if timedelta() <= hit.at - start.at <= BURST}) for start in burst)


def _cleared(verdict: Verdict, hit: Hit, last_proof: datetime | None) -> Verdict:
    if verdict.kind == "suspect" and last_proof is not None and hit.at <= last_proof:
        return Verdict("human", (*verdict.reasons, "but a person came later"))
    return verdict
