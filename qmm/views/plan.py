"""The improvement plan of a case: a draft that saves itself, and once it is sent its actions."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr import audit
from dscr.access.scoping import may
from dscr.moments import recent
from dscr.sheets import read_form
from dscr.texts import clean
from qmm.course.plans import LONGEST, is_key
from qmm.course.steps import OUTCOME_STATES, Side
from qmm.models import AssessmentCase, ImprovementAction, ImprovementPlan
from qmm.queries.plan import actions_of, ground_of, knows_what_counts, plan_of
from qmm.queries.plan_page import (
    answer_choices,
    draft_page,
    draft_sentence,
    people_choices,
    sent_rows,
    sent_sentence,
    target_choices,
)
from qmm.queries.validity import present_outcome
from qmm.services.course import CourseError
from qmm.services.plan import draft_add, draft_leave_out, draft_save, may_change, may_draft, plan_send
from qmm.services.rubric import DraftClosedError
from qmm.services.validity import last_day
from qmm.views.case import REFUSED, WRONG, taken_case_or_404

CLOSED = "The plan was sent meanwhile, or is not yours to write any more. Nothing was stored."


def plan_case_or_404(request: HttpRequest, pk: int) -> tuple[AssessmentCase, frozenset[Side]]:
    """Of a final assessment. Until the plan is sent, assessors do not read it."""
    case, sides = taken_case_or_404(request, pk)
    if case.state not in OUTCOME_STATES or case.assessment_id is None:
        raise Http404
    if Side.ASSESSOR in sides and not ImprovementPlan.objects.filter(case=case, sent_at__isnull=False).exists():
        raise Http404
    if Side.FIRM in sides and ImprovementPlan.sent_by_former(case):
        raise Http404
    return case, sides


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_plan(request: HttpRequest, case: int) -> HttpResponse:
    """POST is the form of the draft without script."""
    found, sides = plan_case_or_404(request, case)
    if request.method == "POST":
        return _save(request, found, sides)
    audit.note(request, "viewed", found, detail="the improvement plan")
    return plan_response(request, found, sides)


@require_POST
def case_plan_add(request: HttpRequest, case: int) -> HttpResponse:
    """One more action in the draft, of a proposal or blank."""
    found, sides = plan_case_or_404(request, case)
    try:
        number = draft_add(found, user=request.user, answers=clean(request.POST.get("answers", "")))
    except (CourseError, DraftClosedError) as error:
        return plan_response(request, found, sides, str(error) or CLOSED, status=REFUSED)
    return redirect(f"{reverse('qmm:case-plan', args=[found.pk])}#action-{number}")


@require_POST
def case_plan_leave_out(request: HttpRequest, case: int, number: int) -> HttpResponse:
    found, sides = plan_case_or_404(request, case)
    left_out = "back" not in request.POST
    try:
        draft_leave_out(found, number, user=request.user, left_out=left_out)
    except KeyError:
        raise Http404 from None
    except DraftClosedError:
        return plan_response(request, found, sides, CLOSED, status=REFUSED)
    messages.info(request, f"Action {number} is {'left out; it can be put back' if left_out else 'back in the plan'}.")
    return redirect("qmm:case-plan", found.pk)


@require_POST
def case_plan_send(request: HttpRequest, case: int) -> HttpResponse:
    found, sides = plan_case_or_404(request, case)
    try:
        plan_send(found, user=request.user, seen=request.POST.get("revision", ""))
    except CourseError as error:
        return plan_response(request, found, sides, str(error), status=REFUSED)
    messages.info(request, "The plan is sent. Say here how its actions go on; you are reminded before they are due.")
    return redirect("qmm:case-plan", found.pk)


def _save(request: HttpRequest, case: AssessmentCase, sides: frozenset[Side]) -> HttpResponse:
    typed = {key: clean(text) for key, text in request.POST.items() if f"was-{key}" in request.POST and is_key(key)}
    changes = read_form(request, is_key)
    changes.pop(request.POST.get("take", ""), None)
    try:
        saved = draft_save(case, user=request.user, changes=changes)
    except DraftClosedError:
        return plan_response(request, case, sides, CLOSED, typed, status=REFUSED)
    except KeyError as error:
        return plan_response(request, case, sides, f"The plan has no text {error}. Nothing was stored.", status=WRONG)
    except ValueError as error:
        return plan_response(request, case, sides, f"{error} Nothing was stored: shorten it.", typed, status=WRONG)
    if saved.conflicts:
        said = "Somebody else changed what you changed. Choose below; nothing of theirs was overwritten."
        return plan_response(request, case, sides, said, typed, saved.conflicts, REFUSED)
    return redirect("qmm:case-plan", case.pk)


def plan_response(
    request: HttpRequest,
    case: AssessmentCase,
    sides: frozenset[Side],
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
    status: int = 200,
    action: ImprovementAction | None = None,
    adding: bool = False,
) -> HttpResponse:
    """`action`: of whose form the problem is; `adding`: of the form of one more."""
    plan, ground = plan_of(case), ground_of(case, request.user)
    outcome = present_outcome(request.user, case.establishment)
    context: dict[str, Any] = {
        "case": case,
        "plan": plan,
        "problem": problem,
        "counts": outcome is not None and outcome.assessment.pk == case.assessment_id,
        "outcome": outcome,
        "is_told": knows_what_counts(case, sides),
        "until": last_day(case.assessment.completed_on),
        "shows_effect": may(request.user, "read_plan_effect"),
        "answers": answer_choices(ground),
        "targets": target_choices(),
        "people": people_choices(ground.people),
        "who": request.user.pk,
        "longest": LONGEST,
        "shows_synthetic": case.establishment.is_synthetic,
    }
    if plan.sent_at:
        actions = actions_of(request.user, case)
        context |= {
            "rows": sent_rows(actions, ground),
            "sentence": sent_sentence(plan, actions),
            "may_change": may_change(case, sides),
            "standings": ImprovementAction.Standing.choices,
            "place": action.pk if action else "add" if adding else "",
            "given": request.POST if problem else {},
            "form": uuid.uuid4(),
            "sent": request.GET.get("sent", "") if len(request.GET.get("sent", "")) < 60 else "",
        }
        return render(request, "qmm/plan_sent.html", context, status=status)
    page = draft_page(plan, ground, typed, conflicts)
    context |= {
        "page": page,
        "sentence": draft_sentence(page),
        "may_draft": may_draft(case, sides),
        "saved_at": recent(plan.updated_at) if plan.pk else "",
    }
    return render(request, "qmm/plan_draft.html", context, status=status)
