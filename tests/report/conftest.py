"""A final assessment of Halden Plant 2 with levels, findings and comments, and other organizations beside it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind
from qmm.course.steps import State
from qmm.models import AREAS, Assessment, AssessmentCase, CaseAssignment, ConsensusScore, Establishment, Finding
from qmm.services.fact_check import comment_add, comment_answer
from tests.course.conftest import Desk, client_of, desk, later  # noqa: F401  fixtures

LEVELS = {"MC1": 2, "MC2": 3, "BC1": 5, "PQ2": 1, "EE3": 5}  # the others are at 4
HOSTILE = '#read("/etc/passwd") and *x* <b>bold</b>'


def levelled(desk: Desk, state: State = State.FINAL, **changes: int) -> AssessmentCase:  # noqa: F811
    """At that state, DRAFT_REPORT or later, by whole steps. changes: element -> level."""
    case = desk.in_state(State.DRAFT_REPORT)
    for code, level in (LEVELS | changes).items():
        ConsensusScore.objects.filter(case=case, element=code).update(level=level)
    find(case, desk, "strength", "BC1", "Forecasts are shared with every supplier.", "Minutes of June")
    find(case, desk, "opportunity", "MC2", "Targets lack an owner.")
    find(case, desk, "critical_gap", "PQ2", f"Actions close late: {HOSTILE}")
    while case.state != state:
        if case.state == State.FACT_CHECK:
            comment = comment_add(case, user=desk.contact, element="MC1", text="The council meets every two weeks.")
            comment_answer(comment, user=desk.lead, verdict="corrected", answer="Right.")
        desk.go_on(case)
    return case


def find(case: AssessmentCase, desk: Desk, kind: str, element: str, text: str, evidence: str = "") -> None:  # noqa: F811
    assignment = CaseAssignment.objects.get(case=case, membership=desk.lead.membership)
    Finding.objects.create(assignment=assignment, element=element, kind=kind, text=text, evidence=evidence)


def beside(number: int, level: float, completed_on: date | None = None, **fields: Any) -> Establishment:
    """A site of organization `number`, assessed at that level in every area."""
    firm, _ = Organisation.objects.get_or_create(
        name=f"Neighbor {number}", defaults={"kinds": [OrganisationKind.MANUFACTURER]}
    )
    site = Establishment.objects.create(name=f"Site of {number}", owner=firm)
    on = completed_on or timezone.localdate() - timedelta(days=120)  # before this quarter
    Assessment.objects.create(establishment=site, completed_on=on, **dict.fromkeys(AREAS, level), **fields)
    return site


@pytest.fixture
def case(desk: Desk) -> AssessmentCase:  # noqa: F811
    return levelled(desk)
