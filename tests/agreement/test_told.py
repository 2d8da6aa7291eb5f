"""Whoever subtracts two tellings of public agreement is left with five assessments or none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import combinations

import pytest
from django.db import DatabaseError, transaction

from dscr.access.models import User
from qmm.models import (
    AgreementFigure,
    AgreementRun,
    AssessmentCase,
    CaseAssignment,
    ElementScore,
    ScoreReopening,
    ToldAssessment,
)
from qmm.services.agreement import read_finished, recompute
from qmm.services.agreement_told import read_told, tell
from tests.agreement.conftest import FINISHED, Finish

PAIRS = ((0, 1), (1, 2), (2, 0), (0, 3), (3, 1), (2, 3))


def leave(case: AssessmentCase) -> None:
    CaseAssignment.objects.filter(case=case, is_lead=False).update(ended_on="2026-06-20")


def open_again(case: AssessmentCase) -> None:
    for one in CaseAssignment.objects.filter(case=case):
        person = one.membership.user
        ScoreReopening.objects.create(assignment=one, finished_at=one.finished_at, reason="x", reopened_by=person)
    CaseAssignment.objects.filter(case=case).update(finished_at=None)


def finish_anew(case: AssessmentCase) -> None:
    """With other levels, in another year."""
    open_again(case)
    ElementScore.objects.filter(assignment__case=case, element="PQ1").update(level=1)
    CaseAssignment.objects.filter(case=case).update(finished_at=FINISHED + timedelta(days=300))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def telling() -> list[frozenset[tuple[int, bytes]]]:
    """Of all years and of each: the cases that count, and the levels with which they do."""
    tell(read_finished())
    told = read_told()
    rows = list(zip(told.cases.tolist(), told.levels.levels, told.cycles, strict=True))
    return [
        frozenset((case, levels.tobytes()) for case, levels, year in rows if cycle in (None, year))
        for cycle in (None, 2026, 2027)
    ]


@pytest.mark.parametrize("removal", [leave, open_again, finish_anew])
def test_no_removal_at_any_time_tells_of_fewer_than_five(
    assessors: list[User], finish: Finish, removal: Callable[[AssessmentCase], None]
) -> None:
    cases = [
        finish(*(assessors[person] for person in PAIRS[number % 6]), [3, 4], [1 + number % 5, 3], at=None)
        for number in range(11)
    ]
    for after in (5, 8):  # so many are finished when the removal comes
        for gone in range(after):
            with undone():
                tellings = []
                for number, case in enumerate(cases, 1):
                    CaseAssignment.objects.filter(case=case).update(finished_at=FINISHED + timedelta(hours=number))
                    if number in (5, 8, 10, 11):
                        tellings += telling()
                    if number == after:
                        removal(cases[gone])
                        tellings += telling()
                apart = [len({case for case, _ in one ^ other}) for one, other in combinations(tellings, 2)]
                assert all(count % 5 == 0 for count in apart)
                assert max(apart) == 10


def test_a_told_figure_stands_when_one_of_its_assessments_leaves(assessors: list[User], finish: Finish) -> None:
    cases = [
        finish(assessors[one], assessors[other], [3, 4, 2, 5], [3, 4, 3, 5 - number])
        for number, (one, other) in enumerate(PAIRS[:5])
    ]
    recompute()
    told = AgreementFigure.objects.told_to_everybody().exclude(kind="pair").values("cycle", "kind", "code", "alpha")
    before = list(told)
    assert (len(before), AgreementRun.objects.get().finished) == (12, {"all": 5, "2026": 5})
    leave(cases[1])
    recompute()
    assert (list(told), AgreementRun.objects.get().finished) == (before, {"all": 5, "2026": 5})
    assert AgreementRun.objects.get().levels == 32  # of the four that are left


def test_an_element_of_some_assessments_is_told_of_whole_fives_too(assessors: list[User], finish: Finish) -> None:
    """Such as one that only the newer version of the rubric has."""
    for number in range(13):
        newer = [4] if number % 3 == 0 else []
        finish(*(assessors[person] for person in PAIRS[number % 6]), [3, 4, *newer], [3, 2, *newer])
        recompute()
        counts = AgreementFigure.objects.told_to_everybody().values_list("assessments", flat=True)
        assert {count % 5 for count in counts} <= {0}
    assert AgreementFigure.objects.get(kind="element", code="PQ3", cycle=None).assessments == 5


def test_the_database_keeps_what_was_told(assessors: list[User], finish: Finish) -> None:
    for one, other in PAIRS[:5]:
        finish(assessors[one], assessors[other], [3], [3])
    recompute()
    assert ToldAssessment.objects.count() == 5
    for change in (
        lambda: ToldAssessment.objects.update(block=2),
        lambda: ToldAssessment.objects.filter(block=1).delete(),
    ):
        with pytest.raises(DatabaseError, match="kept as it was told"), transaction.atomic():
            change()
