"""The QMM domain: maturity of the establishments, carried up the stages of supply.

Source: methodology.md, "QMM domain".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frames import STAGES, EffectiveInputs
from .rules import Methodology
from .supply import SupplyFacts, per_stage

__all__ = ["QmmResult", "rate_qmm"]


@dataclass(frozen=True, slots=True)
class QmmResult:
    """S are `methodology.qmm_stages`; values are points 0..100, coverages 0..1."""

    node_points: NDArray[np.float64]  # [N] an unassessed establishment counts as the lowest level
    stage_values: NDArray[np.float64]  # [P, S]
    value: NDArray[np.float64]  # [P]
    coverage: NDArray[np.float64]  # [P]


def rate_qmm(effective: EffectiveInputs, supply: SupplyFacts, methodology: Methodology) -> QmmResult:
    """Share-weighted mean within a stage, geometric mean over the stages: a weak stage is not rescued."""
    assessed = ~np.isnan(effective.node_level)
    node_points = np.where(assessed, effective.node_level * methodology.qmm.points_per_level, methodology.lowest_qmm)

    columns = [STAGES.index(stage) for stage in methodology.qmm_stages]
    weights = np.array(list(methodology.qmm.stage_weights.values()))
    products = len(effective.product_ids)
    mean = per_stage(supply.node_cell, supply.node_weight * node_points, products)
    known = per_stage(supply.node_cell, supply.node_weight * assessed, products)
    stage_values = np.where(supply.has_stage, mean, methodology.lowest_qmm)[:, columns]
    return QmmResult(
        node_points=node_points,
        stage_values=stage_values,
        value=np.exp((np.log(stage_values) * weights).sum(axis=1)),
        coverage=(known[:, columns] * weights).sum(axis=1),
    )
