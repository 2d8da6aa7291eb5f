"""A final assessment of a site whose firm makes two products, with its people; the plan is still to be written."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from qmm.course.levels import area_levels
from qmm.course.plans import key_of
from qmm.course.steps import DAYS_TO_PLAN, Event, State
from qmm.models import (
    Assessment,
    AssessmentCase,
    CaseAssignment,
    ConsensusScore,
    Finding,
    ImprovementAction,
    Rubric,
)
from qmm.queries.scores import codes_of
from qmm.services.course import case_step
from qmm.services.plan import draft_add, draft_save
from qmm.services.rubric import Change
from tests.course.conftest import Desk, later

__all__ = ["later"]
LEVELS = {"MC1": 2, "BC2": 1, "TE1": 5}  # agreed; all others are at 3


class Planner(Desk):
    """Without the long way to a final assessment: its rows are made as that way leaves them."""

    def __init__(self, move: Callable[[int], None]) -> None:
        super().__init__(move)
        self.case = self.final()
        self.gap = self.finding("BC2", Finding.Kind.CRITICAL_GAP, "No second source for two excipients.")
        self.chance = self.finding("MC1", Finding.Kind.OPPORTUNITY, "The council meets without minutes.")
        self.finding("PQ1", Finding.Kind.STRENGTH, "Risks are reviewed every month.")

    def final(self, **levels: int) -> AssessmentCase:
        today, now = timezone.localdate(), timezone.now()
        case = AssessmentCase.objects.create(
            establishment=self.site,
            state=State.FINAL,
            requested_on=today - timedelta(days=200),
            closed_on=today,
            due_on=today + timedelta(days=DAYS_TO_PLAN),
            rubric=Rubric.objects.in_force().get(),
        )
        for user, is_lead in ((self.lead, True), (self.second, False)):
            CaseAssignment.objects.create(
                case=case,
                membership=user.membership,
                is_lead=is_lead,
                assigned_on=today,
                accepted_at=now,
                finished_at=now,
            )
        agreed = {code: (LEVELS | levels).get(code, 3) for code in codes_of(case)}
        ConsensusScore.objects.bulk_create(
            ConsensusScore(case=case, element=code, level=level, decided_by=self.lead) for code, level in agreed.items()
        )
        case.assessment = Assessment.objects.create(establishment=self.site, completed_on=today, **area_levels(agreed))
        case.save()
        return case

    def finding(self, element: str, kind: str, text: str) -> Finding:
        assignment = CaseAssignment.objects.get(case=self.case, is_lead=True)
        return Finding.objects.create(assignment=assignment, element=element, kind=kind, text=text)

    def draft(self, **texts: str) -> int:
        """One complete action, with `texts` in the place of its own."""
        number = draft_add(self.case, user=self.contact)
        given = {
            "answers": "MC1",
            "what": "Quality council every month, with minutes.",
            "who": "Dana Ruiz",
            "due": (timezone.localdate() + timedelta(days=90)).isoformat(),
            "target": "3",
        } | texts
        changes = {key_of(number, name): Change("", text) for name, text in given.items()}
        draft_save(self.case, user=self.contact, changes=changes)
        return number

    def change_due(self, number: int) -> None:
        """To a day that may be."""
        plan = self.case.plans.get()
        plan.refresh_from_db()
        day = (timezone.localdate() + timedelta(days=30)).isoformat()
        key = key_of(number, "due")
        draft_save(self.case, user=self.contact, changes={key: Change(plan.texts[key], day)})

    def send(self) -> AssessmentCase:
        case_step(self.case, Event.SUBMIT_PLAN, self.contact)
        self.case.refresh_from_db()
        return self.case

    def sent(self, **texts: str) -> ImprovementAction:
        """One action of a plan that is sent."""
        self.draft(**texts)
        self.send()
        return ImprovementAction.objects.select_related("plan__case").get(plan__case=self.case)


@pytest.fixture
def planner(db: None, later: Callable[[int], None]) -> Planner:
    return Planner(later)
