"""Where the points went: the loss of a product, shared out to domains, indicators, stages and establishments.

The losses add up to 100 - exact score. Source: methodology.md, "Explanation: where the points went".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frames import STAGES
from .qmm import QmmResult
from .rules import QMM, Methodology
from .supply import SupplyFacts, per_stage

__all__ = ["Losses", "share_out"]

_Array = NDArray[np.float64]
_TOP = 100.0


@dataclass(frozen=True, slots=True)
class Losses:
    domains: _Array  # [P, D]
    indicators: _Array  # [P, I]
    stages: _Array  # [P, S]
    nodes: _Array  # [N]


def share_out(
    exact: _Array, floored: _Array, points: _Array, qmm: QmmResult, supply: SupplyFacts, methodology: Methodology
) -> Losses:
    """`exact` [P], `floored` domain values [P, D], `points` [P, I] with NaN where an indicator does not apply."""
    weights = np.array([domain.weight for domain in methodology.domains])
    domains = _proportional(_TOP - exact, weights * (np.log(_TOP) - np.log(floored)))

    indicators = np.full_like(points, np.nan)
    for number, domain in enumerate(methodology.domains):
        columns = list(methodology.indicators_of(domain.code))
        rule_weights = np.array([methodology.indicators[column].weight for column in columns])
        indicators[:, columns] = _proportional(domains[:, number], rule_weights * (_TOP - points[:, columns]))

    stage_weights = np.array(list(methodology.qmm.stage_weights.values()))
    qmm_loss = domains[:, [domain.code for domain in methodology.domains].index(QMM)]
    stages = _proportional(qmm_loss, stage_weights * (np.log(_TOP) - np.log(qmm.stage_values)))
    return Losses(domains, indicators, stages, _node_losses(stages, qmm, supply, methodology))


def _node_losses(stages: _Array, qmm: QmmResult, supply: SupplyFacts, methodology: Methodology) -> _Array:
    """A stage's loss goes to its nodes by share * (100 - QMM); stages without QMM weight have none to give."""
    products = len(stages)
    of_all_stages = np.zeros((products, len(STAGES)))
    of_all_stages[:, [STAGES.index(stage) for stage in methodology.qmm_stages]] = stages
    part = supply.node_weight * (_TOP - qmm.node_points)
    whole = per_stage(supply.node_cell, part, products)
    per_part = _quotient(of_all_stages, whole).ravel()
    return part * per_part[supply.node_cell]


def _proportional(total: _Array, parts: _Array) -> _Array:
    """`total` [P] shared out in proportion to `parts` [P, K]; NaN parts get NaN, parts that sum to 0 get 0."""
    return parts * _quotient(total, np.nansum(parts, axis=1))[:, np.newaxis]


def _quotient(numerator: _Array, denominator: _Array) -> _Array:
    return np.divide(numerator, denominator, out=np.zeros(denominator.shape), where=denominator > 0)
