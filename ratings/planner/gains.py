"""The gain of every action: all of them scored at once, as copies of their products, by the real scorer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ratings.planner.catalogue import Action
from ratings.planner.changes import Change, changed
from ratings.planner.kpi_actions import kpi_actions
from ratings.planner.supply_actions import Node, Supply, supply_actions
from ratings.scoring import RATED, EffectiveInputs, Methodology, ScoreTable
from ratings.scoring.bands import gates_in
from ratings.scoring.scorer import score_effective

SHOWN = 0.05  # points: what one decimal shows


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rating as far as a plan needs it; without a score the band is 0."""

    is_rated: bool
    score: float | None
    exact: float | None
    band: int
    band_uncapped: int
    gates: tuple[str, ...]
    coverage: float

    def gain_over(self, other: "Outcome") -> float | None:
        """In exact points; None where one of the two has no score."""
        return None if self.exact is None or other.exact is None else self.exact - other.exact


@dataclass(frozen=True, slots=True)
class Gain:
    """What one action brings. Of an open kind `after` is the least and `best` the most that it can bring."""

    action: Action
    before: Outcome
    after: Outcome
    best: Outcome | None = None

    @property
    def exact(self) -> float | None:
        return self.after.gain_over(self.before)

    @property
    def points(self) -> float | None:
        """Between the scores as shown, to one decimal."""
        return _shown(self.before, self.after)

    @property
    def most(self) -> float | None:
        return None if self.best is None else _shown(self.before, self.best)

    @property
    def lifts(self) -> tuple[str, ...]:
        """Gates that no longer hold."""
        return tuple(gate for gate in self.before.gates if gate not in self.after.gates)

    @property
    def is_worth_it(self) -> bool:
        """It shows in the score, the band or the gates; or a score comes of it."""
        return _better(self.before, self.after) or (self.best is not None and _better(self.before, self.best))


def _shown(before: Outcome, after: Outcome) -> float | None:
    if before.score is None or after.score is None:
        return None
    return round(after.score - before.score, 1)


def _better(before: Outcome, after: Outcome) -> bool:
    if not (before.is_rated and after.is_rated):
        return after.is_rated > before.is_rated or after.coverage > before.coverage + 1e-9
    gain = after.gain_over(before) or 0.0
    return gain >= SHOWN or after.band > before.band or len(after.gates) < len(before.gates)


@dataclass(frozen=True, slots=True)
class ProductPlan:
    """Single actions of one product: `gains` those that gain most first, `open_gains` those that depend on what will
    be reported. `proposed` are all, also those that bring nothing alone, as they were proposed."""

    row: int
    now: Outcome
    proposed: tuple[Gain, ...]
    gains: tuple[Gain, ...]
    open_gains: tuple[Gain, ...]


def plans(
    inputs: EffectiveInputs, methodology: Methodology, hidden: frozenset[int], names: dict[int, str]
) -> list[ProductPlan]:
    """One for every product of `inputs`, which are as the reader may know them (masking.py)."""
    proposed = [proposals(inputs, row, methodology, hidden, names) for row in range(len(inputs.product_ids))]
    rows: list[int] = []
    changes: list[Sequence[Change]] = []
    for row, actions in enumerate(proposed):
        rows.append(row)
        changes.append(())
        for action in actions:
            for wanted in filter(None, (action.changes, action.at_best)):
                rows.append(row)
                changes.append(wanted)
    found = iter(outcomes(changed(inputs, np.array(rows, dtype=np.int64), changes), methodology))
    made = []
    for row, actions in enumerate(proposed):
        now = next(found)
        gains = [Gain(action, now, next(found), next(found) if action.at_best else None) for action in actions]
        worth = [gain for gain in gains if gain.is_worth_it]
        made.append(
            ProductPlan(
                row,
                now,
                tuple(gains),
                tuple(sorted((gain for gain in worth if not gain.action.is_open), key=_order)),
                tuple(sorted((gain for gain in worth if gain.action.is_open), key=_open_order)),
            )
        )
    return made


def _order(gain: Gain) -> tuple:
    return (-gain.after.is_rated, -round(gain.exact or 0.0, 9), -gain.after.band, gain.action.code)


def _open_order(gain: Gain) -> tuple:
    best = gain.best or gain.after
    return (
        -gain.after.is_rated,
        -best.is_rated,
        -round(best.gain_over(gain.before) or best.exact or 0.0, 9),
        gain.action.code,
    )


def proposals(
    inputs: EffectiveInputs, row: int, methodology: Methodology, hidden: frozenset[int], names: dict[int, str]
) -> list[Action]:
    """Every action of the catalogue that fits the product in that row."""
    kpis = inputs.kpis[row]
    supply = Supply(_nodes(inputs, row, hidden), names)
    return [*kpi_actions(kpis.tolist(), methodology), *supply_actions(supply, kpis, methodology)]


def _nodes(inputs: EffectiveInputs, row: int, hidden: frozenset[int]) -> tuple[Node, ...]:
    first, end = np.searchsorted(inputs.node_product, [row, row + 1])
    columns = (
        inputs.node_stage,
        inputs.node_establishment_id,
        inputs.node_share,
        inputs.node_qualified,
        inputs.node_country,
        inputs.node_level,
        inputs.node_oai,
    )
    rows = zip(*(column[first:end].tolist() for column in columns), strict=True)
    return tuple(Node(*values, is_hidden=values[1] in hidden) for values in rows)


def outcomes(inputs: EffectiveInputs, methodology: Methodology) -> list[Outcome]:
    """Each product of `inputs`, scored. A faulty product counts as one without a score."""
    return read_outcomes(score_effective(inputs, methodology))


def read_outcomes(table: ScoreTable) -> list[Outcome]:
    rated: NDArray[np.bool_] = table.status == RATED
    columns = (rated, table.score, table.exact, table.band, table.band_uncapped, table.gates, table.coverage)
    return [
        Outcome(
            is_rated,
            score if is_rated else None,
            exact if is_rated else None,
            band,
            uncapped,
            tuple(gates_in(gates)),
            coverage,
        )
        for is_rated, score, exact, band, uncapped, gates, coverage in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]
