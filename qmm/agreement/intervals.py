"""Intervals by resampling whole assessments: twenty levels of one visit are no twenty independent ones."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from qmm.agreement.coefficients import Floats

SEED = 20_260_101  # fixed: the same levels give the same interval
RESAMPLES = 1_000
COVERED = (2.5, 97.5)  # percentiles: a 95 % interval
CELLS_AT_ONCE = 4_000_000


def resampled(counts: NDArray[np.floating], *, resamples: int = RESAMPLES) -> Iterator[Floats]:
    """counts: [assessments, cells]. Sums over as many assessments drawn with replacement, some resamples a time:
    [n, cells] each."""
    size = len(counts)
    draws = np.random.default_rng(SEED)
    at_once = max(1, min(resamples, CELLS_AT_ONCE // size))
    narrow = np.ascontiguousarray(counts, dtype=np.float32)  # counts up to 2**24 are exact
    for begin in range(0, resamples, at_once):
        number = min(at_once, resamples - begin)
        drawn = draws.integers(0, size, (number, size)) + np.arange(number)[:, None] * size
        weights = np.bincount(drawn.ravel(), minlength=number * size).reshape(number, size)
        yield (weights.astype(np.float32) @ narrow).astype(float)


def intervals(
    tables: NDArray[np.floating], coefficients: dict[str, Callable[[Floats], Floats]], *, resamples: int = RESAMPLES
) -> dict[str, Floats]:
    """tables: [assessments, groups, 5, 5]. Name -> [groups, 2], lower and upper end; NaN where there is none."""
    groups = tables.shape[1]
    found: dict[str, list[Floats]] = {name: [] for name in coefficients}
    for sums in resampled(tables.reshape(len(tables), -1), resamples=resamples):
        drawn = sums.reshape(-1, groups, 5, 5)
        for name, coefficient in coefficients.items():
            found[name].append(coefficient(drawn))
    return {name: _percentiles(np.concatenate(parts)) for name, parts in found.items()}


def _percentiles(values: Floats) -> Floats:
    """[resamples, groups] to [groups, 2]. A resample without meaning does not count, unless they are the most."""
    ends = np.full((values.shape[1], 2), np.nan)
    some = np.isfinite(values).mean(axis=0) > 0.5
    if some.any():
        ends[some] = np.nanpercentile(values[:, some], COVERED, axis=0).T
    return ends
