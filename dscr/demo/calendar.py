"""The program's two years, counted back from the day on which the demonstration is loaded."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

QUARTERS = 8


@dataclass(frozen=True)
class Calendar:
    today: date

    @cached_property
    def quarter_ends(self) -> tuple[date, ...]:
        """The last eight quarter ends before today, oldest first."""
        ends = [self._first_of_quarter() - timedelta(days=1)]
        while len(ends) < QUARTERS:
            first_of_its_quarter = date(ends[-1].year, ends[-1].month - 2, 1)
            ends.append(first_of_its_quarter - timedelta(days=1))
        return tuple(reversed(ends))

    def _first_of_quarter(self) -> date:
        return date(self.today.year, (self.today.month - 1) // 3 * 3 + 1, 1)

    @cached_property
    def opening(self) -> date:
        """The day on which the program began to enrol products, six weeks before the first quarter end."""
        return self.quarter_ends[0] - timedelta(days=42)

    def ago(self, days: float) -> date:
        return self.today - timedelta(days=round(days))

    def progress(self, day: date) -> float:
        """0 at the opening or before, 1 today."""
        return min(1.0, max(0.0, (day - self.opening).days / (self.today - self.opening).days))
