"""Improvement plans that a firm has to send, and actions of its plans that come due or are late."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from dscr.access.scoping import Reader
from qmm.course.steps import State
from qmm.models import AssessmentCase, ImprovementAction

DAYS_AHEAD = 30
OPEN = (ImprovementAction.Standing.PLANNED, ImprovementAction.Standing.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class PlanDue:
    """`numbers`: of the actions that are due on `due_on`; empty where it is the plan itself."""

    case: AssessmentCase
    due_on: date
    numbers: tuple[int, ...] = ()


def plans_due(user: Reader) -> list[PlanDue]:
    """The first due first; two queries."""
    cases = AssessmentCase.objects.for_user(user, "write_plans").filter(state=State.FINAL, due_on__isnull=False)
    found = [PlanDue(case, case.due_on) for case in cases.select_related("establishment")]
    actions = ImprovementAction.objects.for_user(user, "write_plans").filter(
        plan__case__state=State.IMPROVEMENT_PLAN,
        standing__in=OPEN,
        due_on__lte=timezone.localdate() + timedelta(days=DAYS_AHEAD),
    )
    groups: dict[tuple[int, date], list[ImprovementAction]] = {}
    for action in actions.select_related("plan__case__establishment").order_by("due_on", "number"):
        groups.setdefault((action.plan_id, action.due_on), []).append(action)
    found += [PlanDue(rows[0].plan.case, rows[0].due_on, tuple(row.number for row in rows)) for rows in groups.values()]
    return sorted(found, key=lambda due: (due.due_on, due.case.pk))
