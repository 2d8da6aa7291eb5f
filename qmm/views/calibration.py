"""Calibration cases for assessors: the list, the sheet that each fills in alone, and the feedback once it is in."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.access.scoping import may
from dscr.audit.notes import note
from dscr.moments import moment
from dscr.texts import clean
from qmm.agreement_sentences import feedback
from qmm.models import AgreementFigure, CalibrationCase, CalibrationLevel
from qmm.queries.calibration import (
    asked_of,
    cases_of,
    list_of_assessor,
    list_of_office,
    own_sheet,
    results_of,
)
from qmm.services.calibration import CaseClosedError, Given, IncompleteError, sheet_save, sheet_submit

LONGEST_NOTE = CalibrationLevel._meta.get_field("note").max_length
CLOSED = "This case is not open for scoring any more. Nothing was stored."


class UnreadableError(Exception):
    """What was sent is no sheet; the message says what to do."""


@require_safe
@never_cache
def calibration_list(request: HttpRequest) -> HttpResponse:
    if may(request.user, "score_calibration"):
        rows = list_of_assessor(request.user)
        to_do = [row for row in rows if row[0].state == "published" and not (row[1] and row[1].submitted_at)]
        return render(request, "qmm/calibration_list.html", {"rows": rows, "to_do": to_do})
    context = {"cases": list_of_office(request.user), "may_edit": may(request.user, "edit_calibration")}
    return render(request, "qmm/calibration_overview.html", context)


@require_safe
@never_cache
def calibration_detail(request: HttpRequest, calibration: int) -> HttpResponse:
    """The sheet, its feedback, or for the office the whole case with what everybody gave."""
    case = case_or_404(request, calibration)
    if may(request.user, "score_calibration"):
        return _sheet(request, case)
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
    *,
    problem: str = "",
    missing: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet = own_sheet(case, request.user)
    asked = asked_of(case, sheet)
    context: dict[str, Any] = {"case": case, "sheet": sheet, "asked": asked}
    if sheet and sheet.submitted_at:
        context["sentence"] = feedback([entry.gap for entry in asked])
        return render(request, "qmm/calibration_feedback.html", context)
    context |= {
        "problem": problem,
        "missing": missing or [],
        "longest_note": LONGEST_NOTE,
        "saved": _saved(sheet.updated_at) if sheet else "Nothing is stored yet",
    }
    return render(request, "qmm/calibration_sheet.html", context, status=status)


@require_POST
@never_cache
def calibration_save(request: HttpRequest, calibration: int) -> HttpResponse:
    """What the page sends while somebody types; the answer is a line of text. 409 where the case is closed."""
    case = case_or_404(request, calibration)
    try:
        sheet = sheet_save(case, user=request.user, given=read_sheet(request.POST))
    except CaseClosedError:
        return HttpResponse(CLOSED, status=409, content_type="text/plain")
    except UnreadableError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    return HttpResponse(_saved(sheet.updated_at), content_type="text/plain")


@require_POST
@never_cache
def calibration_submit(request: HttpRequest, calibration: int) -> HttpResponse:
    """The form's own buttons: save, or submit for good. What was given is stored either way."""
    case = case_or_404(request, calibration)
    try:
        sheet_save(case, user=request.user, given=read_sheet(request.POST))
        if "submit" not in request.POST:
            messages.info(request, "Saved. Nobody sees your levels before you submit them.")
            return redirect("qmm:calibration-detail", case.pk)
        sheet_submit(case, user=request.user)
    except IncompleteError as error:
        return _sheet(request, case, problem="Not submitted: some elements have no level yet.", missing=error.codes)
    except CaseClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:calibration-list")
    except UnreadableError as error:
        return _sheet(request, case, problem=str(error), status=400)
    messages.info(request, "Submitted. Below are your levels beside those of the reference panel.")
    return redirect("qmm:calibration-detail", case.pk)


def case_or_404(request: HttpRequest, pk: int) -> CalibrationCase:
    found = cases_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def read_sheet(form: Mapping[str, str]) -> dict[str, Given]:
    """Fields level-MC1 (1 to 5, or nothing yet) and note-MC1. An element without a note's field is not on the form."""
    given = {}
    for name, text in form.items():
        if not name.startswith("note-"):
            continue
        code, level = name.removeprefix("note-"), form.get(f"level-{name.removeprefix('note-')}", "")
        if level not in ("", "1", "2", "3", "4", "5"):
            raise UnreadableError(f"Give {code[:4]} a level from 1 to 5. Nothing was stored.")
        typed = clean(text)
        if len(typed) > LONGEST_NOTE:
            raise UnreadableError(
                f"The note on {code[:4]} has {len(typed):,} characters; shorten it to {LONGEST_NOTE:,}. "
                "Nothing was stored."
            )
        given[code] = Given(int(level) if level else None, typed)
    return given


def _saved(at: Any) -> str:
    return f"Saved {moment(at, True)}"
