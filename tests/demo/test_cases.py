"""The demonstration's assessment cases: in many states, some late, given to people who are there."""

from datetime import date

import pytest

from dscr.access.roles import Role
from dscr.demo.calendar import Calendar
from dscr.demo.cases import UNASSIGNED
from dscr.demo.portfolio import build
from qmm.course.steps import PATH, State
from qmm.models import AssessmentCase, CaseAssignment

TODAY = date(2026, 11, 22)


def test_cases_stand_in_every_state_and_some_are_late() -> None:
    cases = build(2026, TODAY).cases
    assert {case.state for case in cases} == set(PATH[: PATH.index(State.FINAL) + 1])
    assert len({case.establishment.name for case in cases}) == len(cases) == 14
    assert sum(case.due_on is not None and case.due_on < TODAY for case in cases) == 4
    assert all(case.requested_on < Calendar(TODAY).today for case in cases)


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_every_accepted_case_has_a_lead_and_a_second_assessor() -> None:
    for case in AssessmentCase.objects.exclude(state__in=UNASSIGNED):
        given = CaseAssignment.objects.filter(case=case).select_related("membership")
        assert sorted((row.membership.role, row.is_lead) for row in given) == [
            (Role.ASSESSOR, False),
            (Role.LEAD_ASSESSOR, True),
        ]
