"""Leniency of single assessors: by how many levels one gives more than the average assessor on the same element.

The difference between two assessors is explained by both at once (least squares over all assessments), so that a
lenient one does not make those beside him look strict. Whole assessments are the units of the intervals.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmm.agreement.coefficients import Floats

NOTABLE = 0.25  # levels: a smaller drift is not worth a talk, however surely it is there
FEWEST = 5  # assessments


@dataclass(frozen=True, slots=True)
class Drift:
    """`low` and `high` are None where too little is known for an interval; `partners`: with how many others."""

    assessor: int
    drift: float
    low: float | None
    high: float | None
    assessments: int
    partners: int


def drifts(first: ArrayLike, second: ArrayLike, difference: ArrayLike, items: ArrayLike) -> list[Drift]:
    """One entry an assessment: its two assessors (ids), the mean of first - second over its items, and their number.

    Levels are told against the mean of the assessors who are connected by common assessments.
    """
    pairs = np.stack([np.asarray(first), np.asarray(second)], axis=1)
    gap, weight = np.asarray(difference, dtype=float), np.asarray(items, dtype=float)
    people, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    inverse = np.asarray(np.linalg.pinv(_laplacian(places, weight, len(people)), hermitian=True), dtype=float)
    pull = np.zeros(len(people))
    np.add.at(pull, places[:, 0], weight * gap)
    np.subtract.at(pull, places[:, 1], weight * gap)
    drift = np.asarray(inverse @ pull, dtype=float)
    rest = gap - (drift[places[:, 0]] - drift[places[:, 1]])
    errors = _standard_errors(places, weight, rest, inverse)
    number = np.bincount(places.ravel(), minlength=len(people))
    partners = _partners(places, len(people))
    return [
        _drift(int(person), drift[at], errors[at], int(number[at]), int(partners[at]))
        for at, person in enumerate(people)
    ]


def mean_drift(differences: ArrayLike) -> tuple[float, float | None, float | None]:
    """Against a fixed reference: mean of own - reference, with its interval; None where fewer than five are known."""
    given = np.asarray(differences, dtype=float)
    mean = float(given.mean())
    if len(given) < FEWEST:
        return mean, None, None
    half = t_quantile(len(given) - 1) * float(given.std(ddof=1)) / len(given) ** 0.5
    return mean, mean - half, mean + half


def _drift(person: int, drift: float, error: float, number: int, partners: int) -> Drift:
    if number < FEWEST or not np.isfinite(error):
        return Drift(person, float(drift), None, None, number, partners)
    half = t_quantile(number - 1) * float(error)
    return Drift(person, float(drift), float(drift - half), float(drift + half), number, partners)


def _laplacian(places: NDArray[np.intp], weight: Floats, people: int) -> Floats:
    matrix = np.zeros((people, people))
    one, other = places.T
    np.add.at(matrix, (one, one), weight)
    np.add.at(matrix, (other, other), weight)
    np.subtract.at(matrix, (one, other), weight)
    np.subtract.at(matrix, (other, one), weight)
    return matrix


def _standard_errors(places: NDArray[np.intp], weight: Floats, rest: NDArray[np.floating], inverse: Floats) -> Floats:
    """Robust against unequal spread (HC3). NaN for whoever rests on an assessment that nothing else checks, unless that
    only places a newcomer beside them."""
    one, other = places.T
    leverage = weight * (inverse[one, one] + inverse[other, other] - 2 * inverse[one, other])
    checked = leverage < 1 - 1e-9
    spread = np.where(checked, weight * rest / np.where(checked, 1 - leverage, 1), 0) ** 2
    variance = np.diagonal(inverse @ _laplacian(places, spread, len(inverse)) @ inverse).copy()
    is_newcomer = np.bincount(places.ravel(), minlength=len(inverse)) == 1
    for pair in places[~checked]:
        resting = pair[is_newcomer[pair]] if is_newcomer[pair].any() else pair
        variance[resting] = np.nan
    return np.sqrt(variance)


def _partners(places: NDArray[np.intp], people: int) -> NDArray[np.intp]:
    both = np.unique(np.concatenate([places, places[:, ::-1]]), axis=0)
    return np.bincount(both[both[:, 0] != both[:, 1], 0], minlength=people)


def t_quantile(freedom: int, covered: float = 0.95) -> float:
    """Student's two-sided quantile by its expansion in 1 / freedom (Abramowitz and Stegun 26.7.5).

    Within 0.001 of it from 4 degrees of freedom on.
    """
    z = NormalDist().inv_cdf((1 + covered) / 2)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * freedom**4)
    )
