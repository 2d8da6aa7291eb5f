"""Which assessments public figures of agreement count: fives, each told at once and kept as it was told.

Who subtracts two public figures, of other days or of a year and all years, must be left with five assessments or none.
So a five is stored with its levels, and what later becomes of one of its assessments (a conflict of interest comes to
light, the scoring is reopened) changes nothing that was told. To form the fives anew would put other assessments into
them, and to take one out alone would tell it. To withdraw the whole five would be as safe for the levels, but would
tell that one of these five left the records, and lose four good assessments: nobody could tell them again in another
five, whose difference from the old one would be two assessments. An assessment is told once, whatever comes after.

A five has the same elements throughout, so that the figure of one element, too, counts whole fives.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qmm.agreement.drift import FEWEST
from qmm.agreement.figures import Finished, Levels
from qmm.models import ToldAssessment
from qmm.models.agreement import FEWEST_ASSESSORS
from qmm.rubric.fields import in_order

BATCH = 1_000


def tell(finished: Finished) -> None:
    """Stores the fives that are whole by now, the first finished first: of each year from that on in which enough
    assessors are in them. Under the lock of the recompute."""
    known, both = read_told(), finished.levels.both
    waiting = np.flatnonzero(~np.isin(finished.cases, known.cases) & both.any(axis=1))
    last = ToldAssessment.objects.order_by("-block").values_list("block", flat=True).first() or 0
    rows: list[ToldAssessment] = []
    for cycle in np.unique(finished.cycles[waiting]):
        fives = list(_fives(both, waiting[finished.cycles[waiting] == cycle]))
        if not fives:
            continue
        people = {*finished.levels.assessors[np.concatenate(fives)].ravel()}
        if len(people | {*known.levels.assessors[known.cycles == cycle].ravel()}) < FEWEST_ASSESSORS:
            continue
        for five in fives:
            last += 1
            rows += [_row(finished, at, last, both[at].nonzero()[0]) for at in five]
    ToldAssessment.objects.bulk_create(rows, batch_size=BATCH)


def _fives(both: NDArray[np.bool_], places: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Of assessments at `places`, in their order, each five with the same elements. both: [assessments, elements]."""
    alike: dict[bytes, list[int]] = {}
    for place in places:
        five = alike.setdefault(both[place].tobytes(), [])
        five.append(place)
        if len(five) == FEWEST:
            yield np.array(five)
            five.clear()


def _row(finished: Finished, at: int, block: int, elements: NDArray[np.intp]) -> ToldAssessment:
    levels, (first, second) = finished.levels, finished.levels.assessors[at]
    return ToldAssessment(
        case_id=int(finished.cases[at]),
        block=block,
        cycle=int(finished.cycles[at]),
        first_id=int(first),
        second_id=int(second),
        levels={levels.elements[place]: levels.levels[at, place].tolist() for place in elements},
    )


def read_told() -> Finished:
    """One query; whole fives, in the order in which they were told."""
    rows = list(
        ToldAssessment.objects.order_by("block", "id").values_list(
            "case_id", "cycle", "first_id", "second_id", "levels"
        )
    )
    elements = tuple(in_order({code for *_, levels in rows for code in levels}))
    column = {code: number for number, code in enumerate(elements)}
    levels = np.zeros((len(rows), len(elements), 2), dtype=np.int8)
    for number, (*_, given) in enumerate(rows):
        for code, both in given.items():
            levels[number, column[code]] = both
    people = np.array([[first, second] for _, _, first, second, _ in rows], dtype=np.int64).reshape(-1, 2)
    cases = np.array([row[0] for row in rows], dtype=np.int64)
    return Finished(Levels(levels, people, elements), cases, np.array([row[1] for row in rows], dtype=np.int16))


def counts_of(finished: Finished, told: Finished) -> dict[str, int]:
    """How many are finished or were told: in "all" years, and in each that has any. None of a five leaves."""
    cycles = np.concatenate([told.cycles, finished.cycles[~np.isin(finished.cases, told.cases)]])
    years, counts = np.unique(cycles, return_counts=True)
    return {"all": len(cycles)} | {str(year): int(count) for year, count in zip(years, counts, strict=True)}
