"""A crowd of known nature: mails with the clicks that readers and scanners make in them, each labelled with who did it.

Times of scanners are those measured on 836 bursts: 0.5 % began within 10 s, 2.2 % at 10 to 20 s, 66 % at 20 to 60 s,
28 % at 1 to 5 minutes, the rest later; all links within a second. Readers click minutes to days after delivery
(log-normal, median 2 h), one to three links, some seconds or more apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from nurture.core.links import TRAP
from nurture.core.verdict import Hit

DELIVERED = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
SITE = "https://acme.example"

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
EDGE = CHROME + " Edg/141.0.0.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
#: what scanners wear: browsers of today, some of yesterday
DISGUISES = (
    CHROME,
    EDGE,
    CHROME.replace("141", "139"),
    CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hits of one mail, people's and machines' apart. `burst`: the machine opened three links or more. `links`: how
    many the mail has."""

    people: tuple[Hit, ...] = ()
    machines: tuple[Hit, ...] = ()
    burst: bool = True
    links: int = 5


def reader(random: Random, links: int = 5, ip: str | None = None, agent: str | None = None) -> list[Hit]:
    """One to three links, now and then by a double click or twice."""
    ip, agent = ip or _ip(random), agent or random.choice((CHROME, EDGE, PHONE))
    at, hits = max(random.lognormvariate(8.9, 1.6), 75), list[Hit]()
    for link in random.sample(range(links), min(links, random.choice((1, 1, 1, 2, 2, 3)))):
        hits.append(_hit(random, at, link, ip, agent))
        if random.random() < 0.15:
            hits.append(_hit(random, at + random.uniform(0.1, 0.6), link, ip, agent))
        at += 3 + random.lognormvariate(3.2, 1)
    return hits


def scanner(random: Random, links: int = 5, ip: str | None = None) -> list[Hit]:
    """Every link within a second, often from several addresses of a cloud."""
    first, last = random.choices([(0, 10), (10, 20), (20, 60), (60, 300), (300, 4000)], [0.5, 2.2, 66, 28, 3.3])[0]
    start, agent, cloud = random.uniform(first, last), random.choice(DISGUISES), random.random() < 0.4
    ip = ip or _ip(random)
    return [_hit(random, start + random.random(), link, _ip(random) if cloud else ip, agent) for link in range(links)]


def _hit(random: Random, seconds: float, link: int, ip: str, agent: str) -> Hit:
    at = DELIVERED + timedelta(seconds=int(seconds))  # whole seconds, as the provider tells them
    return Hit(random.randbytes(8), at, f"{SITE}/{link}", agent, False, ip)


def _ip(random: Random) -> str:
    return f"198.51.{random.randrange(100, 200)}.{random.randrange(256)}"


# --- mails


def read(random: Random) -> Labelled:
    return Labelled(tuple(reader(random)))


def phone_and_desktop(random: Random) -> Labelled:
    return Labelled((*reader(random, agent=PHONE), *reader(random, agent=CHROME)))


def forwarded(random: Random) -> Labelled:
    return Labelled(tuple(hit for _ in range(random.randint(2, 4)) for hit in reader(random)))


def behind_one_address(random: Random) -> Labelled:
    """An office with one address on the net, and a gateway in that office: the scanner comes from there as well."""
    ip = _ip(random)
    people = [hit for _ in range(2) for hit in reader(random, ip=ip, agent=random.choice((EDGE, PHONE)))]
    return Labelled(
        tuple(people), tuple(replace(hit, user_agent=DISGUISES[2]) for hit in scanner(random, 6, ip)), links=6
    )


def scanned(random: Random) -> Labelled:
    links = random.randint(3, 10)
    return Labelled(machines=tuple(scanner(random, links)), links=links)


def scanned_then_read(random: Random) -> Labelled:
    return Labelled(tuple(reader(random)), tuple(scanner(random)))


def scanned_twice(random: Random) -> Labelled:
    """Again hours later, when a list of bad sites has grown."""
    later = timedelta(hours=random.uniform(1, 40))
    again = [replace(hit, key=random.randbytes(8), at=hit.at + later) for hit in scanner(random)]
    return Labelled(machines=(*scanner(random), *again))


def trapped(random: Random) -> Labelled:
    """It takes its time from link to link, and follows the hidden one like any other."""
    ip, start = _ip(random), random.uniform(20, 300)
    hits = [_hit(random, start + 5 * n, n, ip, CHROME) for n in range(4)]
    hits[2] = replace(hits[2], url=f"https://nurture.acme.example{TRAP}")
    return Labelled(machines=tuple(hits))


def called_by_name(random: Random) -> Labelled:
    agent = random.choice(
        ("Barracuda Sentinel (EE)", "python-requests/2.32", "", "Mozilla/5.0 (compatible; bingbot/2.0)")
    )
    return Labelled(machines=tuple(replace(hit, user_agent=agent) for hit in scanner(random, 2)))


def one_link(random: Random) -> Labelled:
    """A mail with a single link: its scanner looks like a quick reader, and is doubted, not caught."""
    return Labelled(tuple(reader(random, 1)), tuple(scanner(random, 1)), burst=False, links=1)


def short_and_read(random: Random) -> Labelled:
    """A mail with two or three links, most of which are followed by who reads it."""
    links = random.choice((2, 3))
    return Labelled(tuple(reader(random, links)), links=links)


def carefully_scanned(random: Random) -> Labelled:
    """A gateway that leaves the hidden link alone and follows the two or three of a short mail one by one, every two
    seconds or so."""
    links = random.choice((2, 3))
    ip, agent, hits = _ip(random), random.choice(DISGUISES), list[Hit]()
    first, last = random.choices([(10, 20), (20, 60), (60, 300), (300, 4000)], [2.7, 66, 28, 3.3])[0]
    at = random.uniform(first, last)
    for link in range(links):
        hits.append(_hit(random, at, link, ip, agent))
        at += random.uniform(1.2, 3)
    return Labelled(machines=tuple(hits), burst=False, links=links)


MAILS: dict[Callable[[Random], Labelled], int] = {
    read: 32, phone_and_desktop: 8, forwarded: 4, behind_one_address: 5, scanned: 14, scanned_then_read: 14,
    scanned_twice: 5, trapped: 3, called_by_name: 3, one_link: 4, short_and_read: 4, carefully_scanned: 4,
}  # fmt: skip


def crowd(seed: int, mails: int) -> list[tuple[str, Labelled]]:
    """So many mails of every kind, with the kind's name."""
    random = Random(seed)
    kinds = random.choices(list(MAILS), list(MAILS.values()), k=mails)
    return [(kind.__name__, kind(random)) for kind in kinds]


# --- what shows only across mails


@dataclass(frozen=True, slots=True)
class Company:
    """What came back of mails to one company, mail by mail. `scans`: its gateway was known to follow links."""

    mails: tuple[Labelled, ...]
    scans: bool = False


def one_gateway(random: Random) -> Company:
    """One address opens the links of many recipients at once, slowly enough for each: some of them read later."""
    ip, agent, start = _ip(random), random.choice(DISGUISES), random.uniform(90, 4000)
    mails = []
    for _ in range(random.randint(8, 30)):
        at = start + random.uniform(0, 100)
        scan = tuple(_hit(random, at + 12 * n, n, ip, agent) for n in range(random.randint(1, 2)))
        mails.append(Labelled(_later(random, at) if random.random() < 0.3 else (), scan, burst=False))
    return Company(tuple(mails))


def scanned_single_links(random: Random) -> Company:
    """Mails with one link, each scanned from another address of a cloud after minutes; half of them are read."""
    mails = []
    for _ in range(random.randint(5, 20)):
        at = random.uniform(75, 300)
        scan = (_hit(random, at, 0, _ip(random), random.choice(DISGUISES)),)
        mails.append(Labelled(_later(random, at) if random.random() < 0.5 else (), scan, burst=False))
    return Company(tuple(mails), scans=True)


def office_at_nine(random: Random) -> Company:
    """Colleagues with the same browser behind one address, who read the mailing when they come in, and some of them
    again when there is time."""
    ip, came = _ip(random), random.uniform(600, 80_000)
    mails = []
    for _ in range(random.randint(30, 60)):
        at = came + random.uniform(0, 1500)
        agent = random.choice((CHROME, EDGE, PHONE))
        again = [_hit(random, at + random.uniform(700, 90_000), 1, ip, agent)] * (random.random() < 0.5)
        mails.append(Labelled((_hit(random, at, 0, ip, agent), *again)))
    return Company(tuple(mails))


def office_in_a_hurry(random: Random) -> Company:
    """The same, but all within two minutes, as after a meeting: like a gateway, until more is known."""
    ip, came = _ip(random), random.uniform(600, 80_000)
    return Company(
        tuple(Labelled((_hit(random, came + random.uniform(0, 110), 0, ip, CHROME),)) for _ in range(8)),
    )


def _later(random: Random, after: float) -> tuple[Hit, ...]:
    """A reader, on another occasion than the scanner."""
    delay = timedelta(seconds=after + 600)
    return tuple(replace(hit, at=hit.at + delay) for hit in reader(random, 2))
