"""The inputs of a rating as wide arrays: what the loader reads, and what remains of it once time is applied.

P products, N supply nodes, E establishments, A assessments, I inspections. Rows refer to each other by row index.
Source: methodology.md, "Portfolio format".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .countries import COUNTRIES
from .questionnaire import KPI_FIELDS

__all__ = [
    "AREAS",
    "CLASSIFICATIONS",
    "GATES",
    "KPI_FIELDS",
    "STAGES",
    "EffectiveInputs",
    "Frames",
    "pack_country",
    "unpack_country",
]

STAGES = ("ksm", "api", "fdf", "packaging", "testing")
AREAS = (
    "management_commitment",
    "business_continuity",
    "advanced_pqs",
    "technical_excellence",
    "employee_engagement",
)
CLASSIFICATIONS = ("NAI", "VAI", "OAI")  # of an inspection, mildest first
GATES = ("active_shortage", "official_action", "single_point_of_failure")  # bit 0, 1, 2 of ScoreTable.gates


@dataclass(frozen=True, slots=True)
class Frames:
    """Everything that is known about a batch of products and their establishments, at any time."""

    product_ids: NDArray[np.int64]  # [P]
    prior_band: NDArray[np.int8]  # [P] uncapped band of the last rated snapshot of an earlier day, 0 = none
    in_shortage: NDArray[np.bool_]  # [P]
    kpis: NDArray[np.float64]  # [P, len(KPI_FIELDS)], NaN = not disclosed; does not apply: 0 of 0

    node_product: NDArray[np.int32]  # [N] row of products, non-decreasing
    node_stage: NDArray[np.int8]  # [N] index into STAGES
    node_establishment: NDArray[np.int32]  # [N] row of establishments
    node_share: NDArray[np.float64]  # [N] 0..1 of the stage's supply
    node_qualified: NDArray[np.bool_]  # [N]

    establishment_ids: NDArray[np.int64]  # [E]
    country: NDArray[np.int32]  # [E] pack_country(), 0 = unknown

    assessment_establishment: NDArray[np.int32]  # [A] row of establishments
    assessment_completed_on: NDArray[np.datetime64]  # [A] datetime64[D]
    assessment_levels: NDArray[np.float64]  # [A, 5] in the order of AREAS

    inspection_establishment: NDArray[np.int32]  # [I] row of establishments
    inspection_class: NDArray[np.int8]  # [I] index into CLASSIFICATIONS
    inspection_ended_on: NDArray[np.datetime64]  # [I] datetime64[D]
    inspection_resolved_on: NDArray[np.datetime64]  # [I] datetime64[D], NaT = not resolved


@dataclass(frozen=True, slots=True)
class EffectiveInputs:
    """Exactly what decides a result on one day: a stored copy of this alone can be scored again."""

    product_ids: NDArray[np.int64]  # [P]
    prior_band: NDArray[np.int8]  # [P]
    in_shortage: NDArray[np.bool_]  # [P]
    kpis: NDArray[np.float64]  # [P, len(KPI_FIELDS)]

    node_product: NDArray[np.int32]  # [N] row of products, non-decreasing
    node_stage: NDArray[np.int8]  # [N]
    node_establishment_id: NDArray[np.int64]  # [N]
    node_share: NDArray[np.float64]  # [N] as given, not divided by the stage's sum
    node_qualified: NDArray[np.bool_]  # [N]
    node_country: NDArray[np.int32]  # [N]
    node_level: NDArray[np.float64]  # [N] mean QMM level, NaN = unassessed, -inf = the assessment is faulty
    node_oai: NDArray[np.bool_]  # [N] under unresolved official action


def pack_country(code: str | None) -> int:
    """ISO 3166 alpha-3 code as a number that fits int32; None or "" (unknown) is 0. ValueError for anything else."""
    if not code:
        return 0
    if code not in COUNTRIES:
        raise ValueError(f"{code!r} is not an ISO 3166 alpha-3 country code")
    return int.from_bytes(code.encode("ascii"), "big")


def unpack_country(packed: int) -> str | None:
    """The alpha-3 code behind `pack_country`, None for 0."""
    return int(packed).to_bytes(3, "big").decode("ascii") if packed else None
