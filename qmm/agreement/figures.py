"""Figures of agreement of many assessments at once: by group of elements, by pair of assessors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qmm.agreement.coefficients import Floats, alpha_of, both_ways, icc_one_way_of, icc_two_way_of, kappa_of
from qmm.agreement.drift import FEWEST, Drift, drifts
from qmm.agreement.intervals import RESAMPLES, intervals


@dataclass(frozen=True, slots=True)
class Levels:
    """Assessments whose two assessors have both finished.

    levels: [assessments, elements, 2], 1 to 5, 0 where none was given; the lead assessor's first.
    assessors: [assessments, 2], ids of people. elements: their codes.
    """

    levels: NDArray[np.int8]
    assessors: NDArray[np.int64]
    elements: tuple[str, ...]

    def of(self, chosen: NDArray[np.bool_]) -> "Levels":
        return Levels(self.levels[chosen], self.assessors[chosen], self.elements)

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def both(self) -> NDArray[np.bool_]:
        """[assessments, elements]: where both gave a level."""
        return np.asarray((self.levels > 0).all(axis=2))


@dataclass(frozen=True, slots=True)
class Finished:
    """Assessments in the order in which the second of their two assessors finished.

    cases: [assessments], ids. cycles: [assessments], years.
    """

    levels: Levels
    cases: NDArray[np.int64]
    cycles: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Coefficient:
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """`items`: elements of an assessment to which both gave a level. An interval needs FEWEST assessments."""

    assessments: int
    assessors: int
    items: int
    alpha: Coefficient
    kappa: Coefficient
    icc: Coefficient


def figures_of_groups(levels: Levels, groups: dict[str, list[str]], *, resamples: int = RESAMPLES) -> dict[str, Figure]:
    """groups: name -> codes of elements. A group of which nothing was scored is left out.

    The two assessors differ from one assessment to the next, so ICC is the one-way one; kappa reads the lead's level
    against the other's.
    """
    cells = _cells(levels)
    tables = np.stack([_tables(cells[:, _columns(levels, codes)]) for codes in groups.values()], axis=1)
    found = _figures(tables, icc_one_way_of, resamples)
    scored = [np.asarray(levels.both[:, _columns(levels, codes)].any(axis=1)) for codes in groups.values()]
    assessors = [_people(levels, each) for each in scored]
    return {
        name: _figure(part, number, people)
        for number, (name, people) in enumerate(zip(groups, assessors, strict=True))
        if (part := found).items[number]
    }


def figures_of_pairs(
    levels: Levels, *, fewest: int = FEWEST, resamples: int = RESAMPLES
) -> Iterator[tuple[int, int, Figure]]:
    """Each two assessors with `fewest` common assessments or more, the lower id first. Both are always the same, so ICC
    is the two-way one."""
    ordered = levels.assessors[:, 0] < levels.assessors[:, 1]
    turned = np.where(ordered[:, None, None], levels.levels, levels.levels[:, :, ::-1])
    pairs, of_case = np.unique(np.sort(levels.assessors, axis=1), axis=0, return_inverse=True)
    tables = _tables(_cells(Levels(turned, levels.assessors, levels.elements)))
    order = np.argsort(of_case.ravel(), kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(of_case.ravel(), minlength=len(pairs)))[:-1])
    for (first, second), cases in zip(pairs, parts, strict=True):
        if len(cases) < fewest:
            continue
        found = _figures(tables[cases][:, None], icc_two_way_of, resamples)
        if found.items[0]:
            yield int(first), int(second), _figure(found, 0, 2)


def drifts_of(levels: Levels) -> list[Drift]:
    """Each assessor's leniency against the others (qmm/agreement/drift.py)."""
    both = levels.both
    items = both.sum(axis=1)
    gap = ((levels.levels[:, :, 0].astype(int) - levels.levels[:, :, 1]) * both).sum(axis=1)
    some = items > 0
    if not some.any():
        return []
    one, other = levels.assessors[some].T
    return drifts(one, other, gap[some] / items[some], items[some])


@dataclass(frozen=True, slots=True)
class _Found:
    """Of some groups: [groups], and of each coefficient values [groups] and ends [groups, 2]."""

    assessments: NDArray[np.int64]
    items: NDArray[np.int64]
    values: dict[str, Floats]
    ends: dict[str, Floats]


def _figures(tables: NDArray[np.float32], icc: Callable[[Floats], Floats], resamples: int) -> _Found:
    coefficients: dict[str, Callable[[Floats], Floats]] = {
        "alpha": lambda each: alpha_of(both_ways(each)),
        "kappa": kappa_of,
        "icc": icc,
    }
    total = tables.sum(axis=0, dtype=float)
    assessments = (tables.sum(axis=(2, 3)) > 0).sum(axis=0)
    values = {name: coefficient(total) for name, coefficient in coefficients.items()}
    ends = {name: np.full((len(total), 2), np.nan) for name in coefficients}
    enough = assessments >= FEWEST
    if enough.any():
        for name, found in intervals(tables[:, enough], coefficients, resamples=resamples).items():
            ends[name][enough] = found
    return _Found(assessments, total.sum(axis=(1, 2)).astype(int), values, ends)


def _figure(found: _Found, at: int, people: int) -> Figure:
    def coefficient(name: str) -> Coefficient:
        low, high = found.ends[name][at]
        return Coefficient(_known(found.values[name][at]), _known(low), _known(high))

    return Figure(
        int(found.assessments[at]),
        people,
        int(found.items[at]),
        coefficient("alpha"),
        coefficient("kappa"),
        coefficient("icc"),
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _cells(levels: Levels) -> NDArray[np.int8]:
    """[assessments, elements]: which of a table's 25 cells, or -1 where one of the two gave no level."""
    first, second = levels.levels[:, :, 0], levels.levels[:, :, 1]
    return np.where(levels.both, (first - 1) * 5 + second - 1, -1).astype(np.int8)


def _tables(cells: NDArray[np.int8]) -> NDArray[np.float32]:
    """[assessments, 5, 5]: how often each cell stands in the assessment."""
    return np.stack([(cells == cell).sum(axis=1) for cell in range(25)], axis=1).astype(np.float32).reshape(-1, 5, 5)


def _columns(levels: Levels, codes: list[str]) -> list[int]:
    return [levels.elements.index(code) for code in codes if code in levels.elements]


def _people(levels: Levels, chosen: NDArray[np.bool_]) -> int:
    return len(np.unique(levels.assessors[chosen]))
