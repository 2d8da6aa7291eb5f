"""Time as an input: the next date on which a result can change by itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FAR = np.datetime64("9999-12-31", "D")


class Ageing:
    """Collects dates for `count` rows; only those after `today` matter, and of those the first."""

    def __init__(self, today: np.datetime64, count: int) -> None:
        self.today = today
        self.first = np.full(count, FAR)

    def change(self, rows: NDArray[Any], on: NDArray[np.datetime64]) -> None:
        """Something begins or ends on that date."""
        ahead = on > self.today  # false for NaT
        np.minimum.at(self.first, rows[ahead], on[ahead])

    def end(self, rows: NDArray[Any], last_day: NDArray[np.datetime64]) -> None:
        """Something still holds on that date and no longer on the next."""
        self.change(rows, last_day + np.timedelta64(1, "D"))

    def next_change_on(self) -> NDArray[np.datetime64]:
        """[count] datetime64[D], NaT where nothing is ahead."""
        return np.where(self.first == FAR, np.datetime64("NaT", "D"), self.first)
