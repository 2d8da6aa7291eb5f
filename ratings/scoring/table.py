"""The result of a batch: arrays only, in the column order that the methodology version fixes."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["FAULTY", "INSUFFICIENT", "RATED", "STATUS_CODES", "ScoreTable"]

FAULTY, RATED, INSUFFICIENT = 0, 1, 2
STATUS_CODES = {FAULTY: "faulty", RATED: "rated", INSUFFICIENT: "insufficient_data"}


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Results of P products with N nodes. Scores, points and losses run 0..100, coverages 0..1.

    D, I and S are `methodology.domains`, `.indicators` and `.qmm_stages`. Without a rating the score is NaN, the
    band 0, the gates 0 and the losses NaN; of a faulty product every figure is, and `faults` says why.
    """

    status: NDArray[np.int8]  # [P] RATED, INSUFFICIENT or FAULTY
    score: NDArray[np.float64]  # [P] rounded
    exact: NDArray[np.float64]  # [P]
    band_uncapped: NDArray[np.int8]  # [P]
    band: NDArray[np.int8]  # [P]
    gates: NDArray[np.int64]  # [P] bit mask in the order of GATES
    coverage: NDArray[np.float64]  # [P]
    qmm_coverage: NDArray[np.float64]  # [P]

    domains: NDArray[np.float64]  # [P, D]
    domain_coverage: NDArray[np.float64]  # [P, D]
    indicators: NDArray[np.float64]  # [P, I] points, NaN = does not apply
    disclosed: NDArray[np.bool_]  # [P, I]
    stage_values: NDArray[np.float64]  # [P, S] QMM points of the stage

    domain_losses: NDArray[np.float64]  # [P, D]
    indicator_losses: NDArray[np.float64]  # [P, I] NaN also where the indicator does not apply
    stage_losses: NDArray[np.float64]  # [P, S]
    node_losses: NDArray[np.float64]  # [N] 0 at stages without QMM weight

    faults: dict[int, list[str]] = field(default_factory=dict)  # row -> reasons in plain English
