"""What an indicator is: a function with its code, its words and the questions that it reads."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..questionnaire import KPI_COLUMN
from ..rules import Methodology
from ..supply import SupplyFacts

__all__ = ["Evidence", "Indicator", "Team", "indicator"]

Values = NDArray[np.float64]


class Team:
    """The functional teams of a manufacturer, as the questionnaire addresses them."""

    SUPPLY_NETWORK = "Supply network planning and strategy"
    DEMAND_AND_SUPPLY = "Demand and supply planning"
    LOGISTICS = "Logistics and distribution"
    FINANCE = "Finance"
    CUSTOMER_SERVICE = "Customer service and patient engagement"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that an indicator may read of P products."""

    kpis: NDArray[np.float64]  # [P, len(KPI_FIELDS)]
    supply: SupplyFacts
    methodology: Methodology

    def figure(self, column: str) -> Values:
        """A column of the questionnaire [P], NaN = not disclosed."""
        return self.kpis[:, KPI_COLUMN[column]]

    def rate(self, code: str) -> Values:
        """Numerator / denominator of a question asked in counts [P]; NaN where withheld or 0 of 0."""
        return self.figure(f"{code}_numerator") / self.figure(f"{code}_denominator")

    @property
    def lines(self) -> Values:
        """Qualified finished-dose lines [P]; the methodology's default where the manufacturer does not say."""
        lines = self.figure("qualified_lines")
        return np.where(np.isnan(lines), self.methodology.supply.default_lines, lines)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `measure` gives the values [P] that the methodology's curve turns into points; NaN = withheld.

    `definition` says formula, unit and window; `remedy` what a manufacturer can do about lost points.
    `kpis` are the codes of the questions that it reads; an indicator without any is read from the supply nodes.
    """

    code: str
    label: str
    unit: str
    team: str
    definition: str
    remedy: str
    kpis: tuple[str, ...]
    measure: Callable[[Evidence], Values]


def indicator(
    *, label: str, unit: str, team: str, definition: str, remedy: str, kpis: tuple[str, ...] = ()
) -> Callable[[Callable[[Evidence], Values]], Indicator]:
    """Turns a function into the indicator of the same name."""

    def define(measure: Callable[[Evidence], Values]) -> Indicator:
        return Indicator(measure.__name__, label, unit, team, definition, remedy, kpis, measure)

    return define
