"""Coefficients of agreement from 5 × 5 tables, any number of tables at once.

A table counts pairs of levels 1 to 5. Leading dimensions are other tables, such as a thousand resamples of a group.
A coefficient is NaN where it has no meaning: no pair, or every level the same.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVELS = np.arange(1, 6)
SQUARED_GAP = np.subtract.outer(LEVELS, LEVELS).astype(float) ** 2


def ordinal_alpha(ratings: ArrayLike) -> float:
    """Krippendorff's alpha for ordinal levels. ratings: [assessors, items], NaN where an assessor gave none."""
    return float(alpha_of(coincidences(ratings)))


def quadratic_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Cohen's kappa of two assessors with quadratic weights; items with a NaN are left out."""
    return float(kappa_of(pair_table(first, second)))


def intraclass(first: ArrayLike, second: ArrayLike) -> float:
    """ICC(2,1) of two assessors: two-way random effects, absolute agreement; items with a NaN are left out."""
    return float(icc_two_way_of(pair_table(first, second)))


def coincidences(ratings: ArrayLike) -> Floats:
    """[5, 5]: each pair of levels of one item, weighed by 1 / (its levels - 1), both ways round."""
    given = np.asarray(ratings, dtype=float)
    counts = (given.T[:, :, None] == LEVELS).sum(axis=1).astype(float)  # [items, levels]
    counts = counts[counts.sum(axis=1) >= 2]  # a level without a second one says nothing of agreement
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(LEVELS))
    return np.asarray((pairs / (counts.sum(axis=1) - 1)[:, None, None]).sum(axis=0))


def pair_table(first: ArrayLike, second: ArrayLike) -> Floats:
    """[5, 5]: how often the one gave the row's level and the other the column's."""
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return np.einsum("ia,ib->ab", one[:, None] == LEVELS, (other[:, None] == LEVELS).astype(float))


def both_ways(tables: Floats) -> Floats:
    """The coincidences of two assessors from the table of their pairs."""
    return tables + np.swapaxes(tables, -1, -2)


def alpha_of(coincident: Floats) -> Floats:
    """1 - observed / expected disagreement; the distance of two levels is how many given levels lie between them."""
    of_level = coincident.sum(axis=-1)
    total = of_level.sum(axis=-1)
    upto = np.cumsum(of_level, axis=-1) - of_level / 2  # the middle of each level's place in the order
    distance = (upto[..., :, None] - upto[..., None, :]) ** 2
    observed = (coincident * distance).sum(axis=(-2, -1))
    expected = (of_level[..., :, None] * of_level[..., None, :] * distance).sum(axis=(-2, -1))
    return 1 - _ratio(observed * (total - 1), expected)


def kappa_of(tables: Floats) -> Floats:
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    observed = (tables * SQUARED_GAP).sum(axis=(-2, -1)) * rows.sum(axis=-1)
    expected = (rows[..., :, None] * columns[..., None, :] * SQUARED_GAP).sum(axis=(-2, -1))
    return 1 - _ratio(observed, expected)


def icc_two_way_of(tables: Floats) -> Floats:
    """ICC(2,1) (Shrout and Fleiss 1979), for one pair of assessors."""
    items, between, assessors, within = _squares(tables)
    error = _ratio(within - assessors, items - 1)
    mean = _ratio(between, items - 1)
    return _ratio(mean - error, mean + error + 2 * _ratio(assessors - error, items))


def icc_one_way_of(tables: Floats) -> Floats:
    """ICC(1,1): for items whose two assessors are not always the same, and so have no row and column of their own."""
    items, between, _, within = _squares(tables)
    mean, error = _ratio(between, items - 1), _ratio(within, items)
    return _ratio(mean - error, mean + error)


def _squares(tables: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Number of items, and sums of squares of two assessors: between items, between assessors, within items."""
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    items = rows.sum(axis=-1)
    first, second = rows @ LEVELS, columns @ LEVELS
    within = (tables * SQUARED_GAP).sum(axis=(-2, -1)) / 2
    assessors = _ratio((first - second) ** 2, 2 * items)
    every = rows @ LEVELS**2 + columns @ LEVELS**2 - _ratio((first + second) ** 2, 2 * items)
    return items, every - within, assessors, within


def _ratio(over: Floats, under: Floats) -> Floats:
    """NaN where there is nothing to divide by; rounding may leave a trace of zero."""
    over, under = np.broadcast_arrays(np.asarray(over, dtype=float), np.asarray(under, dtype=float))
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=np.abs(under) > 1e-9)
