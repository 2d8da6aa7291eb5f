"""On every day the shares of a stage add up to 1; a stage without any node is allowed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from products.models import SupplyNode

TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Period:
    """One node's share of its stage in the half-open period [start, end)."""

    stage: str
    share: float
    start: date
    end: date | None
    site: str = ""

    def meets(self, other: "Period") -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def adds_up(shares: Iterable[float]) -> bool:
    """Whether the shares of one stage are all of its supply; none at all is not given, which is allowed."""
    given = list(shares)
    return not given or abs(sum(given) - 1) <= TOLERANCE + 1e-9


def share_problems(periods: Sequence[Period], today: date) -> list[str]:
    """One sentence for every stage and date from today on where the sum changes to something other than 1.

    Sums change only where a period begins or ends, so today and those dates are all there is to check.
    """
    labels = dict(SupplyNode.Stage.choices)
    problems = []
    for stage in labels:
        nodes = [period for period in periods if period.stage == stage]
        for day in _boundaries(nodes, today):
            there = [period.share for period in nodes if period.holds_on(day)]
            if not adds_up(there):
                problems.append(
                    f"{labels[stage]}: on {day:%B} {day.day}, {day.year} the shares add up to "
                    f"{sum(there):.3f}, not 1. Change a share or a date so that they do."
                )
    return problems


def overlap_problems(periods: Sequence[Period]) -> list[str]:
    """One sentence for every two rows of one form that put an establishment twice at a stage at one time."""
    labels = dict(SupplyNode.Stage.choices)
    same = (
        (one, other)
        for one, other in combinations(periods, 2)
        if (one.stage, one.site) == (other.stage, other.site) and one.meets(other)
    )
    return [
        f"{labels[one.stage]}: {one.site} stands there twice from {max(one.start, other.start):%Y-%m-%d} on. "
        "End one before the other begins."
        for one, other in same
    ]


def _boundaries(nodes: Iterable[Period], today: date) -> list[date]:
    ahead = {day for node in nodes for day in (node.start, node.end) if day and day > today}
    return [today, *sorted(ahead)]
