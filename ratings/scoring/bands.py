"""From the exact score to the published one, its band and the gates.

Source: methodology.md, "Score, status, band".
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frames import GATES, EffectiveInputs
from .indicators import Evidence
from .rules import Methodology
from .supply import API, FDF

__all__ = ["buffered_band", "capped_band", "gate_bits", "gates_in", "plain_band", "published_score"]


def published_score(exact: ArrayLike, methodology: Methodology) -> NDArray[np.float64]:
    """The score rounded half up, after the guard rounding that takes floating-point dust away; NaN stays NaN."""
    rule = methodology.score
    exact = np.asarray(exact, dtype=float)
    known = np.isfinite(exact)
    step = 10 ** (rule.guard_decimals - rule.decimals)
    guarded = np.rint(np.where(known, exact, 0.0) * 10**rule.guard_decimals).astype(np.int64)
    return np.where(known, (guarded + step // 2) // step / 10**rule.decimals, np.nan)


def plain_band(score: ArrayLike, methodology: Methodology) -> NDArray[np.int8]:
    """The highest band whose cut a score reaches, without regard to the past; 0 for NaN."""
    cuts = np.array([band.cut for band in methodology.bands]) - methodology.tolerance.comparison
    cuts[0] = -np.inf
    score = np.asarray(score, dtype=float)
    return np.where(np.isnan(score), 0, np.searchsorted(cuts, score, side="right")).astype(np.int8)


def buffered_band(score: ArrayLike, prior_band: ArrayLike, methodology: Methodology) -> NDArray[np.int8]:
    """The uncapped band: with a prior band (0 = none) it moves only once a cut is passed by the buffer."""
    score = np.asarray(score, dtype=float)
    prior = np.asarray(prior_band, dtype=np.int8)
    risen = plain_band(score - methodology.band_buffer, methodology)
    fallen = plain_band(score + methodology.band_buffer, methodology)
    buffered = np.where(risen > prior, risen, np.where(fallen < prior, fallen, prior))
    return np.where((prior > 0) & ~np.isnan(score), buffered, plain_band(score, methodology)).astype(np.int8)


def gate_bits(effective: EffectiveInputs, evidence: Evidence) -> NDArray[np.int64]:
    """The gates that hold, as a bit mask [P] in the order of GATES."""
    closed = {
        "active_shortage": effective.in_shortage,
        "official_action": evidence.supply.supplied_under_action,
        "single_point_of_failure": _single_point_of_failure(evidence),
    }
    bits = np.zeros(len(effective.product_ids), dtype=np.int64)
    for bit, code in enumerate(GATES):
        bits |= closed[code].astype(np.int64) << bit
    return bits


def _single_point_of_failure(evidence: Evidence) -> NDArray[np.bool_]:
    gate = evidence.methodology.gates["single_point_of_failure"]
    enough_days = gate.enough_days_of_inventory - evidence.methodology.tolerance.comparison
    return (
        (evidence.supply.sources[:, API] <= gate.max_sources)
        & (evidence.supply.sources[:, FDF] <= gate.max_sources)
        & (evidence.lines < gate.enough_lines)
        & ~(evidence.figure("days_inventory_on_hand") >= enough_days)  # withheld (NaN) is not enough
    )


def capped_band(band: NDArray[np.int8], gates: NDArray[np.int64], methodology: Methodology) -> NDArray[np.int8]:
    """The band after the caps of the gates that hold; the score stays as it is."""
    for bit, code in enumerate(GATES):
        cap = methodology.gates[code].caps_at
        band = np.where(gates >> bit & 1, np.minimum(band, cap), band)
    return band.astype(np.int8)


def gates_in(bits: int) -> list[str]:
    """The codes of the gates in a bit mask, sorted."""
    return sorted(code for bit, code in enumerate(GATES) if bits >> bit & 1)
