"""Assessments that two assessors have finished, stored as the working page leaves them."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.models import AssessmentCase, CaseAssignment, ElementScore, Establishment, Rubric
from tests.pages import factory

FINISHED = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
Finish = Callable[..., AssessmentCase]


@pytest.fixture
def assessors(db: None) -> list[User]:
    people = [factory.user_of("Assessors", Role.ASSESSOR, f"assessor{number}@demo.example") for number in range(4)]
    for number, person in enumerate(people):
        person.full_name = f"Assessor {'ABCD'[number]}"
        person.save()
    return people


@pytest.fixture
def finish(db: None) -> Finish:
    """finish(lead, other, [levels of the lead], [of the other]) on the elements PQ1, PQ2, …; None is no level."""
    numbers = count(1)

    def finished(
        lead: User,
        other: User,
        lead_levels: list[int | None],
        other_levels: list[int | None],
        at: datetime | None = FINISHED,
        prefix: str = "PQ",
    ) -> AssessmentCase:
        site = Establishment.objects.create(name=f"Plant {next(numbers)}", country="USA", is_synthetic=True)
        case = AssessmentCase.objects.create(
            establishment=site, requested_on="2026-01-05", rubric=Rubric.objects.in_force().get()
        )
        for person, levels, leads in ((lead, lead_levels, True), (other, other_levels, False)):
            assignment = CaseAssignment.objects.create(
                case=case,
                membership=person.membership,
                is_lead=leads,
                assigned_on="2026-02-02",
                finished_at=at if leads or at is None else min(at, FINISHED),
            )
            ElementScore.objects.bulk_create(
                ElementScore(assignment=assignment, element=f"{prefix}{number}", level=level)
                for number, level in enumerate(levels, 1)
            )
        return case

    return finished
