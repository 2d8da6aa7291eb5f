"""The assignment of two assessors and a lead, with workload and conflicts; and what an assessor declares."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr.access.forms import Asking
from qmm.course.steps import COMPARED
from qmm.forms import NoteField
from qmm.models import AssessmentCase
from qmm.queries.conflicts import conflicts_with
from qmm.services.conflict_end import LONGEST, conflict_end, standing_with
from qmm.services.course import LONGEST_NOTE, CourseError, case_assign, case_take
from qmm.services.course_people import Candidate, candidates, team_of
from qmm.views.case import REFUSED, WRONG, case_or_404, case_response


class AssignForm(Asking):
    """Lead and second assessor by their memberships; those with a conflict of interest are not offered."""

    lead = forms.ChoiceField(label="Lead assessor", widget=forms.Select(attrs={"class": "usa-select"}))
    second = forms.ChoiceField(label="Second assessor", widget=forms.Select(attrs={"class": "usa-select"}))
    note = NoteField(
        label="Reason (needed where somebody is replaced or hands over the lead)",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"class": "usa-textarea", "rows": 3}),
    )

    def __init__(self, people: list[Candidate], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = [one for one in people if not one.conflict]
        self.people = {str(one.membership.pk): one.membership for one in free}
        for name, offered in (("lead", [one for one in free if one.may_lead]), ("second", free)):
            field = self.fields[name]
            field.choices = [("", "Choose"), *((str(one.membership.pk), one.label) for one in offered)]
            field.error_messages |= {"required": "Choose one.", "invalid_choice": "Choose one of the list."}

    @property
    def chosen(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"lead": self.people[given["lead"]], "second": self.people[given["second"]], "note": given["note"]}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_assign_page(request: HttpRequest, case: int) -> HttpResponse:
    found = case_or_404(request, case)
    people = candidates(conflicts_with(found.establishment.owner))
    if request.method != "POST":
        return _page(request, found, people, AssignForm(people, initial=_assigned(found)))
    form = AssignForm(people, request.POST)
    if not form.is_valid():
        return _page(request, found, people, form, WRONG)
    try:
        case_assign(found, user=request.user, **form.chosen)
    except CourseError as error:
        form.add_error(None, str(error))
        return _page(request, found, people, form, REFUSED)
    messages.info(request, "The assessors are assigned and told. Each declares their interests before taking part.")
    return redirect("qmm:case-detail", found.pk)


class ConflictEndForm(Asking):
    conflict = forms.IntegerField(max_value=2**63 - 1)
    ends_on = forms.DateField(error_messages={"required": "Give the first day on which it no longer holds."})
    reason = NoteField(max_length=LONGEST, error_messages={"required": "Say why it is over: it is kept."})


@require_POST
def conflict_end_page(request: HttpRequest, case: int) -> HttpResponse:
    """One of the declared conflicts that the page of the assignment lists."""
    found, form = case_or_404(request, case), ConflictEndForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("qmm:case-assign", found.pk)
    try:
        conflict_end(found, user=request.user, **form.cleaned_data)
    except CourseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The end is on record. Cases in which the conflict was declared stay as they are.")
    return redirect("qmm:case-assign", found.pk)


def _assigned(case: AssessmentCase) -> dict[str, str]:
    return {"lead" if one.is_lead else "second": str(one.membership_id) for one in team_of(case)}


def _page(
    request: HttpRequest, case: AssessmentCase, people: list[Candidate], form: AssignForm, status: int = 200
) -> HttpResponse:
    context = {
        "case": case,
        "people": people,
        "form": form,
        "is_compared": case.state in COMPARED,
        "declared": standing_with(case),
        "shows_synthetic": case.establishment.is_synthetic,
    }
    return render(request, "qmm/case_assign.html", context, status=status)


@require_POST
def case_declare(request: HttpRequest, case: int) -> HttpResponse:
    found = case_or_404(request, case)
    declared, nature = request.POST.get("declares", ""), request.POST.get("nature", "")
    if declared not in ("none", "conflict"):
        return case_response(request, found, "Say whether you have a conflict of interest.", status=WRONG)
    try:
        case_take(found, user=request.user, has_conflict=declared == "conflict", nature=nature)
    except CourseError as error:
        return case_response(request, found, str(error), status=REFUSED)
    if declared == "conflict":
        messages.info(request, "Thank you. You have left the case, and the program operator assigns somebody else.")
        return redirect("qmm:case-list")
    messages.info(request, "You have taken the assignment.")
    return redirect("qmm:case-detail", found.pk)
