"""How a snapshot's two arrays are laid out, and reading them back with names.

inputs (float8): [in_shortage, KPI_FIELDS..., then per node: stage, establishment id, share, qualified, country code,
mean QMM level (NaN = unassessed), unresolved official action].
explanation (float4): [domain values, domain coverages, indicator points (NaN = does not apply), domain losses,
indicator losses, stage values, stage losses, node losses]. Domains, indicators and QMM stages stand in the order of
the methodology version.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ratings.scoring.frames import KPI_FIELDS, EffectiveInputs

NODE_WIDTH = 7
HEAD_WIDTH = 1 + len(KPI_FIELDS)
DOMAIN_COUNT, STAGE_COUNT = 8, 4


def pack_inputs(inputs: EffectiveInputs, rows: NDArray[np.int64], nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    """[len(rows), HEAD_WIDTH + NODE_WIDTH * n] for products that all have n nodes; `nodes` is [len(rows), n]."""
    head = np.column_stack([inputs.in_shortage[rows].astype(float), inputs.kpis[rows]])
    per_node = np.stack(
        [
            column[nodes].astype(float)
            for column in (
                inputs.node_stage,
                inputs.node_establishment_id,
                inputs.node_share,
                inputs.node_qualified,
                inputs.node_country,
                inputs.node_level,
                inputs.node_oai,
            )
        ],
        axis=-1,
    )
    return np.concatenate([head, per_node.reshape(len(rows), -1)], axis=1)


def unpack_inputs(product_id: int, prior_band: int | None, values: Sequence[float]) -> EffectiveInputs:
    """The effective inputs of one snapshot: scoring them again gives the snapshot's figures."""
    array = np.asarray(values, dtype=float)
    nodes = array[HEAD_WIDTH:].reshape(-1, NODE_WIDTH)
    return EffectiveInputs(
        product_ids=np.array([product_id], dtype=np.int64),
        prior_band=np.array([prior_band or 0], dtype=np.int8),
        in_shortage=array[:1].astype(bool),
        kpis=array[1:HEAD_WIDTH].reshape(1, -1),
        node_product=np.zeros(len(nodes), dtype=np.int32),
        node_stage=nodes[:, 0].astype(np.int8),
        node_establishment_id=nodes[:, 1].astype(np.int64),
        node_share=nodes[:, 2].copy(),
        node_qualified=nodes[:, 3].astype(bool),
        node_country=nodes[:, 4].astype(np.int32),
        node_level=nodes[:, 5].copy(),
        node_oai=nodes[:, 6].astype(bool),
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of a snapshot's explanation, in methodology order; node losses in the order of the inputs' nodes."""

    domains: NDArray[np.float64]
    domain_coverage: NDArray[np.float64]
    indicators: NDArray[np.float64]
    domain_losses: NDArray[np.float64]
    indicator_losses: NDArray[np.float64]
    stage_values: NDArray[np.float64]
    stage_losses: NDArray[np.float64]
    node_losses: NDArray[np.float64]


def unpack_explanation(values: Sequence[float], indicator_count: int) -> Explanation:
    sizes = (
        DOMAIN_COUNT,
        DOMAIN_COUNT,
        indicator_count,
        DOMAIN_COUNT,
        indicator_count,
        STAGE_COUNT,
        STAGE_COUNT,
    )
    return Explanation(*np.split(np.asarray(values, dtype=float), np.cumsum(sizes)))
