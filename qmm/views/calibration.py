"""Calibration cases for assessors: the list, the sheet that each fills in alone, and the feedback once it is in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr.access.scoping import may
from dscr.audit.notes import note
from dscr.moments import recent
from dscr.sheets import Change, Saved, SelfSaving, answer, read_form, said, told
from qmm.agreement_sentences import feedback
from qmm.models import AgreementFigure, CalibrationCase, CalibrationSheet
from qmm.queries.calibration import (
    Asked,
    asked_of,
    cases_of,
    list_of_assessor,
    list_of_office,
    own_sheet,
    results_of,
)
from qmm.scoring.changes import is_key
from qmm.services.calibration import (
    FIELDS,
    LONGEST_NOTE,
    CaseClosedError,
    IncompleteError,
    levels_save,
    sheet_submit,
)

CLOSED = "This case is not open for scoring any more. Nothing was stored."


@require_safe
@never_cache
def calibration_list(request: HttpRequest) -> HttpResponse:
    if may(request.user, "score_calibration"):
        rows = list_of_assessor(request.user)
        to_do = [row for row in rows if row[0].state == "published" and not (row[1] and row[1].submitted_at)]
        return render(request, "qmm/calibration_list.html", {"rows": rows, "to_do": to_do})
    context = {"cases": list_of_office(request.user), "may_edit": may(request.user, "edit_calibration")}
    return render(request, "qmm/calibration_overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def calibration_detail(request: HttpRequest, calibration: int) -> HttpResponse:
    """The sheet, its feedback, or for the office the whole case with what everybody gave. POST saves the sheet."""
    case = case_or_404(request, calibration)
    if may(request.user, "score_calibration"):
        return _save(request, case) if request.method == "POST" else _sheet(request, case)
    if request.method == "POST":
        raise PermissionDenied
    note(request, "viewed", case)
    figures = AgreementFigure.objects.for_user(request.user, "read_agreement").filter(calibration=case)
    context = {
        "case": case,
        **results_of(case),
        "figure": figures.first(),
        "may_edit": may(request.user, "edit_calibration"),
    }
    return render(request, "qmm/calibration_case.html", context)


def _sheet(
    request: HttpRequest,
    case: CalibrationCase,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    problem: str = "",
    missing: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet = own_sheet(case, request.user)
    shown = {key: told(edit) for key, edit in (conflicts or {}).items()}
    asked = asked_of(case, sheet, typed, shown)
    context: dict[str, Any] = {"case": case, "sheet": sheet, "asked": asked}
    if sheet and sheet.submitted_at:
        context["sentence"] = feedback([entry.gap for entry in asked])
        return render(request, "qmm/calibration_feedback.html", context)
    context |= {
        "problem": problem,
        "missing": missing or [],
        "longest_note": LONGEST_NOTE,
        "given": given_of(asked),
        "who": str(request.user.pk),
        "version": sheet.version if sheet else 0,
        "saved_at": recent(sheet.updated_at) if sheet else "",
    }
    return render(request, "qmm/calibration_sheet.html", context, status=status)


def _save(request: HttpRequest, case: CalibrationCase) -> HttpResponse:
    """The ordinary Save button. What another window changed meanwhile comes back with both texts."""
    changes = read_form(request, lambda key: is_key(key, FIELDS))
    changes.pop(request.POST.get("take", ""), None)
    try:
        saved = levels_save(case, changes, user=request.user) if changes else Saved(0)
    except CaseClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:calibration-list")
    except (KeyError, ValueError) as error:
        typed = {key: change.now for key, change in changes.items()}
        return _sheet(request, case, typed, problem=f"{said(error)} Nothing was stored.", status=400)
    if saved.conflicts:
        return _sheet(request, case, {key: changes[key].now for key in saved.conflicts}, saved.conflicts, status=409)
    messages.info(request, "Saved. Nobody sees your levels before you submit them.")
    return redirect("qmm:calibration-detail", case.pk)


@dataclass(frozen=True)
class CalibrationDraft(SelfSaving):
    CLOSED = f"This case is not open for scoring any more. {SelfSaving.STAYS}"

    case: CalibrationCase
    sheet: CalibrationSheet | None

    @property
    def closed(self) -> str:
        is_over = self.case.state != "published" or (self.sheet and self.sheet.submitted_at)
        return self.CLOSED if is_over else ""

    @property
    def number(self) -> str:
        return str(self.case.pk)

    def version(self) -> int:
        return self.sheet.version if self.sheet else 0

    def is_key(self, key: str) -> bool:
        return is_key(key, FIELDS)

    def save(self, changes: Mapping[str, Change]) -> Saved:
        return levels_save(self.case, changes, user=self.request.user)

    def state(self, section: str) -> dict[str, Any]:
        sheet = own_sheet(self.case, self.request.user)
        asked = asked_of(self.case, sheet)
        context = {"asked": asked, "given": given_of(asked)}
        return {
            "draft": self.case.pk,
            "version": sheet.version if sheet else 0,
            "saved": recent(sheet.updated_at) if sheet else "",
            "answers": {entry.key: entry.was for row in asked for entry in row.entries},
            "progress": render_to_string("qmm/_calibration_progress_part.html", context),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def calibration_state(request: HttpRequest, calibration: int) -> HttpResponse:
    """What the script of the sheet asks."""
    case = case_or_404(request, calibration)
    return answer(CalibrationDraft(request, case, own_sheet(case, request.user)))


@require_POST
@never_cache
def calibration_submit(request: HttpRequest, calibration: int) -> HttpResponse:
    """For good: what is saved by then."""
    case = case_or_404(request, calibration)
    try:
        sheet_submit(case, user=request.user)
    except IncompleteError as error:
        return _sheet(request, case, problem="Not submitted: some elements have no level yet.", missing=error.codes)
    except CaseClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:calibration-list")
    messages.info(request, "Submitted. Below are your levels beside those of the reference panel.")
    return redirect("qmm:calibration-detail", case.pk)


def given_of(asked: list[Asked]) -> int:
    return sum(row.level is not None for row in asked)


def case_or_404(request: HttpRequest, pk: int) -> CalibrationCase:
    found = cases_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
