"""One line of the bench table."""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Measured(NamedTuple):
    """A figure. With `limit_ratio`, `reference` is the floor of the same run; without, it is the limit itself.

    value, reference: seconds unless the name says otherwise.
    """

    name: str
    value: float
    reference: float
    limit_ratio: float | None
    note: str

    @property
    def ratio(self) -> float:
        return self.value / self.reference

    @property
    def reached(self) -> bool:
        return self.ratio <= (self.limit_ratio or 1.0)


def median_of(work: Callable[[], Any], times: int) -> float:
    """Median wall seconds of `times` runs after one that is not counted."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def table(rows: list[Measured]) -> str:
    lines = [f"{'measure':<48}{'value':>10}{'floor':>10}{'ratio':>8}{'limit':>8}  reached"]
    for row in rows:
        floor = f"{row.reference:.3f}" if row.limit_ratio else "-"
        limit = f"{row.limit_ratio:g}x" if row.limit_ratio else f"{row.reference:g}"
        ratio = f"{row.ratio:.2f}" if row.limit_ratio else "-"
        word = "yes" if row.reached else "NO"
        lines.append(f"{row.name:<48}{row.value:>10.3f}{floor:>10}{ratio:>8}{limit:>8}  {word:<4} {row.note}")
    return "\n".join(lines)
