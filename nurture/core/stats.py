"""What a few numbers can tell, and what they cannot: shares with their interval, differences, medians."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import NormalDist

#: of fewer than so many, a share is not compared with another
LEAST = 30
#: how sure an interval is, and how often a difference that is there would be found
CONFIDENCE, POWER = 0.95, 0.8


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many: the share that was seen, and between which two the true one lies (95 %, Wilson).

    `share` is None of nothing. `tells` is False below 30, where the interval is all there is to say.
    """

    part: int
    whole: int
    share: float | None
    low: float
    high: float
    tells: bool

    @property
    def in_words(self) -> str:
        """ "43 % (34 to 53)", or that it cannot be told."""
        if self.share is None:
            return "none yet"
        span = f"{percent(self.low)} to {percent(self.high)}"
        if not self.tells:
            return f"too few to tell ({self.part} of {self.whole}: {span} %)"
        return f"{percent(self.share)} % ({span})"


def rate(part: int, whole: int) -> Rate:
    """The share of `part` in `whole`."""
    return Rate(part, whole, part / whole if whole else None, *wilson(part, whole), whole >= LEAST)


def wilson(part: int, whole: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Between which two the true share lies (Wilson's score interval, 1927); of nothing: between 0 and 1.

    Unlike the plain one it holds for few and for none: 0 of 30 may still be 11 %.
    """
    if not whole:
        return 0.0, 1.0
    z = _z(confidence)
    share, spread = part / whole, z * z / whole
    middle = share + spread / 2
    wide = z * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    low, high = (middle - wide) / (1 + spread), (middle + wide) / (1 + spread)
    return max(0.0, low) if part else 0.0, min(1.0, high) if part < whole else 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the first share lies above the second, and between which two that truly is."""

    seen: float
    low: float
    high: float


def newcombe(first: Rate, second: Rate, confidence: float = CONFIDENCE) -> Difference:
    """The difference of two shares (Newcombe 1998, method 10: from the Wilson intervals of both)."""
    one, other = first.share or 0.0, second.share or 0.0
    low, high = wilson(first.part, first.whole, confidence)
    low_other, high_other = wilson(second.part, second.whole, confidence)
    seen = one - other
    below = sqrt((one - low) ** 2 + (high_other - other) ** 2)
    above = sqrt((high - one) ** 2 + (other - low_other) ** 2)
    return Difference(seen, seen - below, seen + above)


def needed(one: float, other: float, confidence: float = CONFIDENCE) -> int | None:
    """How many each of two groups needs for a difference like this to be found (four times of five); None: no number
    is enough, because they do not differ."""
    if one == other:
        return None
    middle = (one + other) / 2
    alike = _z(confidence) * sqrt(2 * middle * (1 - middle))
    apart = NormalDist().inv_cdf(POWER) * sqrt(one * (1 - one) + other * (1 - other))
    return round(((alike + apart) / (one - other)) ** 2)


@dataclass(frozen=True, slots=True)
class Contest:
    """Two or more ways beside each other: which one is ahead, or how many more (in each) it takes to tell.

    `ahead` (from 0) is None as long as that cannot be told; `more` is None where no number would do.
    """

    ahead: int | None
    more: int | None
    difference: Difference | None = None


def contest(rates: tuple[Rate, ...]) -> Contest:
    """Is the best better than each of the others? Asked once for all: the more there are, the surer each must be.

    Looked at again and again, any two will differ some day by chance. So nobody is ahead before there are as many as
    the difference needs.
    """
    order = sorted(range(len(rates)), key=lambda number: -(rates[number].share or 0.0))
    best, second = rates[order[0]], rates[order[1]]
    pairs = len(list(combinations(rates, 2)))
    confidence = 1 - (1 - CONFIDENCE) / pairs
    size = needed(best.share or 0.0, second.share or 0.0, confidence)
    fewest = min(one.whole for one in rates)
    difference = newcombe(best, second, confidence)
    if size is None or fewest < max(size, LEAST):
        return Contest(None, None if size is None else max(size, LEAST) - fewest, difference)
    return Contest(order[0], 0, difference) if difference.low > 0 else Contest(None, None, difference)


def median(ended: Mapping[int, int], still: Mapping[int, int]) -> int | None:
    """After how long half are through (Kaplan and Meier 1958), from spans that ended and spans that still run.

    Both say how many there are of each length. Those that still run count as long as they have been seen. None: more
    than half are not through after the longest that was seen.
    """
    running = sum(ended.values()) + sum(still.values())
    left = 1.0
    for span in sorted({*ended, *still}):
        if through := ended.get(span, 0):
            left *= 1 - through / running
            if left <= 0.5 + 1e-12:
                return span
        running -= through + still.get(span, 0)
    return None


def percent(share: float) -> str:
    """A share as a number of hundredths; a small one is not none."""
    hundredths = 100 * share
    return f"{hundredths:.0f}" if hundredths >= 9.95 or hundredths == 0 else f"{hundredths:.1f}"


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
