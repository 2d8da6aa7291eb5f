"""Sending an improvement plan: what its condition asks, and the actions that the drafted texts become."""

from datetime import datetime

from dscr.access.models import User
from qmm.course.plans import NONE, Drafted
from qmm.models import ActionChange, AssessmentCase, ImprovementAction, ImprovementPlan
from qmm.queries.plan import drafted_of, ground_of, lacking, plan_of


def plan_refusal(case: AssessmentCase) -> str:
    """Why the plan of the case cannot be sent as it stands; "" where it can."""
    plan = plan_of(case)
    return lacking(plan, drafted_of(plan, ground_of(case).facts) if plan.drafted else [])


def plan_seal(case: AssessmentCase, user: User, at: datetime) -> None:
    """Of a draft that `plan_refusal` has nothing against, in the transaction of the step."""
    plan = plan_of(case)
    actions = drafted_of(plan, ground_of(case).facts)
    plan.no_action = "" if actions else plan.texts[NONE].strip()
    plan.sent_at, plan.sent_by = at, user
    plan.save()
    stored = ImprovementAction.objects.bulk_create(action_row(plan, action, user, at) for action in actions)
    log_added(stored, user, at)


def action_row(plan: ImprovementPlan, action: Drafted, user: User, at: datetime) -> ImprovementAction:
    """Of a complete one."""
    return ImprovementAction(
        plan=plan,
        number=action.number,
        element=action.element,
        finding_id=action.finding,
        what=action.what,
        responsible=action.responsible,
        member_id=action.member,
        due_on=action.due_on,
        target=action.target,
        added_at=at,
        added_by=user,
    )


def log_added(actions: list[ImprovementAction], user: User, at: datetime) -> None:
    added = ActionChange.Field.ADDED
    ActionChange.objects.bulk_create(
        ActionChange(action=action, field=added, new=f"Due {action.due_on.isoformat()}", by=user, at=at)
        for action in actions
    )
