"""Where a site stands among the sites of other organizations, told so that nobody is told apart.

Each organization counts once, by the mean of its sites. From five of them on the quartiles are told, in tenths of a
level; the lowest and the highest never are, for each is one organization's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import quantiles

FEWEST = 5  # organizations


def told_as_of(today: date) -> date:
    """The first day of the calendar quarter. That a firm was assessed is public on the day its scores change: quartiles
    of every day, subtracted, would tell that one firm's levels. Where too few changed in a quarter, the last telling
    stands (qmm/queries/peers.py)."""
    return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle half of the other organizations' levels, and their median."""

    low: float
    median: float
    high: float

    def standing(self, level: float) -> str:
        """Of a level, against the middle half as it is shown."""
        level = round(level, 1)
        return "below" if level < self.low else "above" if level > self.high else "within"


@dataclass(frozen=True, slots=True)
class Peers:
    """By code of practice area and of element. `as_of`: of the areas; an element may be told as of an earlier quarter.
    `organizations`: how many have an assessment that counts; 0 where they
    are too few, and then nothing is told of them."""

    as_of: date
    organizations: int = 0
    areas: Mapping[str, Spread] = field(default_factory=dict)
    elements: Mapping[str, Spread] = field(default_factory=dict)


def spread_of(levels: Iterable[float]) -> Spread | None:
    """Of one level for each organization; None for fewer than five."""
    given = list(levels)
    if len(given) < FEWEST:
        return None
    return Spread(*(round(one, 1) for one in quantiles(given, n=4, method="inclusive")))
