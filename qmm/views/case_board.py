"""All assessments that the reader may see, by state and the late ones first; and asking for one."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr.access.scoping import may
from qmm.course.steps import OPEN_STATES
from qmm.forms import NoteField
from qmm.models import AssessmentCase, Establishment
from qmm.queries.board import LONGEST, Board, board
from qmm.services.course import LONGEST_NOTE, CourseError, case_request
from qmm.services.course_conditions import inspection_refusal
from qmm.services.course_people import candidates
from qmm.views.case import REFUSED, WRONG


@require_safe
@never_cache
def case_list(request: HttpRequest) -> HttpResponse:
    """?state= an open state, ?late=1, ?closed=1, ?q= in the establishment's name, ?page=."""
    asked = request.GET
    state = asked.get("state", "") if asked.get("state") in OPEN_STATES else ""
    late, closed, text = "late" in asked, "closed" in asked, asked.get("q", "")[:LONGEST]
    found = board(request.user, state=state, late=late, closed=closed, text=text, page=asked.get("page", "1"))
    kept = {"state": state, "late": late and 1, "closed": closed and 1, "q": text}
    context = {
        "board": found,
        "sentence": board_sentence(found),
        "state": state,
        "late": late,
        "closed": closed,
        "q": text,
        "kept": urlencode({name: value for name, value in kept.items() if value}),
        "pages": list(found.page.paginator.get_elided_page_range(found.page.number)),
        "workload": candidates() if may(request.user, "run_cases") else [],
        "may_request": may(request.user, "request_cases"),
        "shows_synthetic": any(row.case.establishment.is_synthetic for row in found.rows),
    }
    return render(request, "qmm/case_list.html", context)


def board_sentence(found: Board) -> str:
    return f"{_under_way(found)}{_late_plans(found.late_plans)}"


def _under_way(found: Board) -> str:
    if not found.open:
        return "No assessment is under way."
    said = "One assessment is" if found.open == 1 else f"{found.open:,} assessments are"
    if not found.late:
        return f"{said} under way; none is late."
    return f"{said} under way; {found.late:,} {'is' if found.late == 1 else 'are'} late."


def _late_plans(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return " One more is final, and its improvement plan is late."
    return f" {count:,} more are final, and their improvement plans are late."


class RequestForm(forms.Form):
    """Establishments of one's own organization without an assessment under way."""

    establishment = forms.ChoiceField(
        label="Establishment",
        widget=forms.Select(attrs={"class": "usa-select"}),
        error_messages={"required": "Choose the establishment.", "invalid_choice": "Choose one of the list."},
    )
    note = NoteField(
        label="Anything the program operator should know (may be left out)",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"class": "usa-textarea", "rows": 4}),
    )

    def __init__(self, sites: list[Establishment], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {str(site.pk): site for site in sites}
        self.fields["establishment"].choices = [
            ("", "Choose"),
            *((pk, site.name) for pk, site in self.sites.items()),
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_request_page(request: HttpRequest) -> HttpResponse:
    """?site= the establishment that is chosen already."""
    busy = AssessmentCase.objects.filter(closed_on=None).values("establishment")
    owned = Establishment.objects.for_user(request.user, "request_cases").standing()
    sites = list(owned.exclude(pk__in=busy).order_by("name", "pk"))
    form = RequestForm(sites, request.POST or None, initial={"establishment": request.GET.get("site", "")})
    status = 200
    if request.method == "POST":
        status = WRONG
        if form.is_valid():
            site = form.sites[form.cleaned_data["establishment"]]
            try:
                case = case_request(site, user=request.user, note=form.cleaned_data["note"])
            except CourseError as error:
                form.add_error(None, str(error))
                status = REFUSED
            else:
                messages.info(request, "The request is with the program operator.")
                return redirect("qmm:case-detail", case.pk)
    chosen = form.sites.get(request.GET.get("site", "")) or (sites[0] if len(sites) == 1 else None)
    context = {
        "form": form,
        "sites": sites,
        "busy": not sites and owned.exists(),
        "doubt": inspection_refusal(chosen.pk) if chosen else "",
        "shows_synthetic": any(site.is_synthetic for site in sites),
    }
    return render(request, "qmm/case_request.html", context, status=status)
