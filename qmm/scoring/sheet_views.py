"""The working page of one assessor: levels and notes that save themselves, and finishing. It works without script."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr.evidence.kinds import ALLOWED, BY_ENDING
from dscr.moments import recent
from dscr.sheets import Change, Saved, SelfSaving, answer, read_form, said, told
from qmm.models import CaseAssignment, ElementScore, Finding
from qmm.queries.score_sheet import CHOICES, LARGEST, assignment_of, score_sheet
from qmm.scoring.changes import is_key
from qmm.services.scoring import (
    FIELDS,
    LONGEST_NOTES,
    ScoringClosedError,
    ScoringError,
    closed_words,
    levels_save,
    scoring_finish,
    scoring_reopen,
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def score_sheet_page(request: HttpRequest, case: int) -> HttpResponse:
    """?element= the one to begin with, ?view=area for all elements of its area."""
    assignment = own_or_404(request, case)
    return _save(request, assignment) if request.method == "POST" else sheet_page(request, assignment)


def sheet_page(
    request: HttpRequest,
    assignment: CaseAssignment,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
    problem: str = "",
) -> HttpResponse:
    shown = {key: told(edit) for key, edit in (conflicts or {}).items()}
    sheet = score_sheet(request.user, assignment, typed, shown)
    asked = request.GET.get("element", "")
    codes = [item.element.code for item in sheet.items]
    context = {
        "sheet": sheet,
        "assignment": assignment,
        "case": assignment.case,
        "who": str(request.user.pk),
        "saved_at": saved_at(assignment),
        "current": asked if asked in codes else next(iter(sheet.open_codes or codes), ""),
        "by_area": request.GET.get("view") == "area",
        "choices": CHOICES,
        "kinds": Finding.Kind.choices,
        "sent": [row.form for item in sheet.items for row in item.findings],
        "problem": problem,
        "longest_notes": LONGEST_NOTES,
        "accepted": ",".join(BY_ENDING),
        "files_hint": f"{ALLOWED}; at most {settings.EVIDENCE_MOST_MIB} MiB each.",
        "shows_synthetic": assignment.case.establishment.is_synthetic,
    }
    return render(request, "qmm/score_sheet.html", context, status=409 if conflicts else 400 if problem else 200)


def _save(request: HttpRequest, assignment: CaseAssignment) -> HttpResponse:
    """The ordinary Save button. What another window changed meanwhile comes back with both texts."""
    changes = read_form(request, lambda key: is_key(key, FIELDS))
    changes.pop(request.POST.get("take", ""), None)
    try:
        saved = levels_save(assignment, changes, user=request.user) if changes else Saved(0)
    except ScoringClosedError as error:
        messages.warning(request, f"{error} Nothing was stored.")
        return redirect("qmm:score-sheet", assignment.case_id)
    except (KeyError, ValueError) as error:
        return sheet_page(
            request, assignment, {key: change.now for key, change in changes.items()}, problem=said(error)
        )
    if saved.conflicts:
        return sheet_page(request, assignment, {key: changes[key].now for key in saved.conflicts}, saved.conflicts)
    messages.success(request, "Saved.")
    return redirect("qmm:score-sheet", assignment.case_id)


@dataclass(frozen=True)
class LevelsDraft(SelfSaving):
    CLOSED = f"This form is another one’s now. {SelfSaving.STAYS}"

    assignment: CaseAssignment

    @property
    def closed(self) -> str:
        why = closed_words(self.assignment)
        return f"{why} {self.STAYS}" if why else ""

    @property
    def number(self) -> str:
        return str(self.assignment.pk)

    def version(self) -> int:
        return ElementScore.form_version(self.assignment)

    def is_key(self, key: str) -> bool:
        return is_key(key, FIELDS)

    def save(self, changes: Mapping[str, Change]) -> Saved:
        return levels_save(self.assignment, changes, user=self.request.user)

    def state(self, section: str) -> dict[str, Any]:
        """The whole form: it has no sections."""
        sheet = score_sheet(self.request.user, self.assignment)
        context = {"sheet": sheet, "case": self.assignment.case}
        return {
            "draft": self.assignment.pk,
            "version": sheet.version,
            "saved": saved_at(self.assignment),
            "answers": {entry.key: entry.was for entry in sheet.entries},
            "progress": render_to_string("qmm/_score_progress_part.html", context),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def score_sheet_state(request: HttpRequest, case: int) -> HttpResponse:
    return answer(LevelsDraft(request, own_or_404(request, case)))


@require_POST
def score_finish(request: HttpRequest, case: int) -> HttpResponse:
    assignment = own_or_404(request, case)
    try:
        scoring_finish(assignment, user=request.user)
    except (ScoringClosedError, ScoringError) as error:
        messages.warning(request, str(error))
        return redirect("qmm:score-sheet", case)
    messages.success(request, "You have finished. Your levels, notes and findings are kept as they are.")
    return redirect("qmm:consensus", case)


@require_POST
def score_reopen(request: HttpRequest, case: int, assignment: int) -> HttpResponse:
    """By the operator, with `reason`."""
    rows = CaseAssignment.objects.filter(case=case, ended_on=None)
    found = rows.filter(pk=assignment).first() if max(case, assignment) <= LARGEST else None
    if found is None:
        raise Http404
    try:
        scoring_reopen(found, user=request.user, reason=request.POST.get("reason", ""))
    except ScoringError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"{found.membership.user} can give levels again. The reason is kept.")
    return redirect("qmm:consensus", case)


def own_or_404(request: HttpRequest, case: int) -> CaseAssignment:
    assignment = assignment_of(request.user, case)
    if assignment is None:
        raise Http404
    return assignment


def element_address(case: int, code: str) -> str:
    return f"{reverse('qmm:score-sheet', args=[case])}?element={code}#findings-{code}"


def saved_at(assignment: CaseAssignment) -> str:
    last = (
        ElementScore.objects.filter(assignment=assignment).order_by("-updated_at").values_list("updated_at", flat=True)
    )
    at = last.first()
    return recent(at) if at else ""
