"""The page of a case: its state as steps, what is next and who does it, the timeline, and the steps themselves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr import audit
from qmm.course.steps import STEPS, Event, Side
from qmm.forms import NoteField
from qmm.models import AssessmentCase
from qmm.queries.case_page import case_page, readable_case, taken_case
from qmm.services.course import LONGEST_NOTE, CourseError, case_step
from qmm.services.course_conditions import unmet_for_firm

REFUSED, WRONG = 409, 422
DONE = {
    Event.ACCEPT: "The request is accepted. Assign two assessors next.",
    Event.RETURN: "The questionnaire is with the assessors. Thank you.",
    Event.CONFIRM: "Your review is finished. The assessors answer every comment.",
    Event.FINALIZE: "The assessment is final. Every product of the establishment is computed anew within seconds.",
    Event.WITHDRAW: "You have withdrawn from the assessment.",
}


class StepForm(forms.Form):
    """A note, and the day of a visit where the step gives one."""

    note = NoteField(required=False, max_length=LONGEST_NOTE)
    visit_on = forms.DateField(
        required=False,
        error_messages={"invalid": "The day of the visit is no date. Choose it anew, such as 2027-02-15."},
    )


def case_or_404(request: HttpRequest, pk: int) -> AssessmentCase:
    found = readable_case(request.user, pk)
    if found is None:
        raise Http404
    return found


def taken_case_or_404(request: HttpRequest, pk: int) -> tuple[AssessmentCase, frozenset[Side]]:
    """With the reader's sides."""
    found = taken_case(request.user, pk)
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
def case_detail(request: HttpRequest, case: int) -> HttpResponse:
    found = case_or_404(request, case)
    audit.note(request, "viewed", found)
    return case_response(request, found)


@require_POST
def case_step_take(request: HttpRequest, case: int, step: str) -> HttpResponse:
    found = case_or_404(request, case)
    if step not in STEPS:
        raise Http404
    event, form = Event(step), StepForm(request.POST)
    if not form.is_valid():
        said = " ".join(error for errors in form.errors.values() for error in errors)
        return case_response(request, found, said, event=event, status=WRONG)
    try:
        moved = case_step(found, event, request.user, **form.cleaned_data)
    except CourseError as error:
        return case_response(request, case_or_404(request, case), str(error), event=event, status=REFUSED)
    messages.info(request, DONE.get(event, f"Done. The assessment is at “{moved.get_state_display()}” now."))
    return redirect("qmm:case-detail", found.pk)


def case_response(
    request: HttpRequest, case: AssessmentCase, problem: str = "", *, event: str = "", status: int = 200
) -> HttpResponse:
    page = case_page(case, request.user)
    context: dict[str, Any] = {
        "page": page,
        "case": case,
        "problem": problem,
        "event": event,
        "typed": request.POST if problem else {},
        "is_firm": Side.FIRM in page.sides,
        "is_assessor": Side.ASSESSOR in page.sides,
        "hints": unmet_for_firm(case) if case.state == "requested" and Side.FIRM in page.sides else "",
        "shows_synthetic": case.establishment.is_synthetic,
    }
    return render(request, "qmm/case_detail.html", context, status=status)
