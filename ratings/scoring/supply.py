"""What the supply nodes say about a product: shares per stage, sources, countries.

Source: methodology.md, "From the supply nodes".
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .frames import STAGES, EffectiveInputs, pack_country
from .rules import Methodology

__all__ = ["API", "FDF", "SupplyFacts", "per_stage", "supply_facts"]

API, FDF = STAGES.index("api"), STAGES.index("fdf")


@dataclass(frozen=True, slots=True)
class SupplyFacts:
    """Facts per product [P], per product and stage [P, len(STAGES)] and per node [N]."""

    node_cell: NDArray[np.int64]  # [N] product row * len(STAGES) + stage
    node_weight: NDArray[np.float64]  # [N] share of its stage, adding up to 1
    share_sum: NDArray[np.float64]  # [P, stages] as given
    has_stage: NDArray[np.bool_]  # [P, stages]
    sources: NDArray[np.int64]  # [P, stages] qualified establishments without unresolved official action
    api_countries: NDArray[np.int64]  # [P] distinct known countries of the API sources
    nearshore_share: NDArray[np.float64]  # [P] 0..1
    supplied_under_action: NDArray[np.bool_]  # [P] part of the supply comes from a site under official action


def per_stage(cell: NDArray[np.int64], values: NDArray[np.float64] | None, products: int) -> NDArray:
    """Sums of `values` [N] (or the number of nodes) per product and stage: [products, len(STAGES)]."""
    stages = len(STAGES)
    return np.bincount(cell, weights=values, minlength=products * stages).reshape(products, stages)


def supply_facts(effective: EffectiveInputs, methodology: Methodology) -> SupplyFacts:
    """Reads the nodes once. An establishment is expected once per stage; what breaks that is in `faults.py`."""
    products = len(effective.product_ids)
    product = effective.node_product.astype(np.int64)
    cell = product * len(STAGES) + np.clip(effective.node_stage, 0, len(STAGES) - 1)
    share_sum = per_stage(cell, effective.node_share, products)
    node_weight = effective.node_share / share_sum.ravel()[cell]

    source = effective.node_qualified & ~effective.node_oai
    api_source = source & (effective.node_stage == API) & (effective.node_country > 0)
    supplied = effective.node_oai & (effective.node_share > methodology.tolerance.comparison)
    return SupplyFacts(
        node_cell=cell,
        node_weight=node_weight,
        share_sum=share_sum,
        has_stage=per_stage(cell, None, products) > 0,
        sources=per_stage(cell[source], None, products),
        api_countries=_distinct_per_product(product[api_source], effective.node_country[api_source], products),
        nearshore_share=_nearshore_share(effective, cell, node_weight, methodology),
        supplied_under_action=np.bincount(product[supplied], minlength=products) > 0,
    )


def _distinct_per_product(product: NDArray[np.int64], code: NDArray[np.int32], products: int) -> NDArray[np.int64]:
    pairs = pd.unique(product << 32 | code.astype(np.int64))
    return np.bincount(pairs >> 32, minlength=products)


def _nearshore_share(
    effective: EffectiveInputs, cell: NDArray[np.int64], node_weight: NDArray[np.float64], methodology: Methodology
) -> NDArray[np.float64]:
    rule = methodology.supply
    nearness = np.zeros(len(cell))
    for country, value in rule.nearshore.items():
        nearness[effective.node_country == pack_country(country)] = value
    per_product_stage = per_stage(cell, node_weight * nearness, len(effective.product_ids))
    stage_weights = np.array([rule.nearshore_stage_weights.get(stage, 0.0) for stage in STAGES])
    return (per_product_stage * stage_weights).sum(axis=1)
