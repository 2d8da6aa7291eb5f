"""The workbook's page: getting it, sending it, what it would change, and storing that."""

import uuid
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr import audit
from dscr.intake.sheets import MOST_BYTES, too_large
from dscr.sheets import Change
from qmm.models import CaseAssignment
from qmm.queries.score_sheet import score_sheet
from qmm.scoring.sheet_views import own_or_404
from qmm.scoring.workbook import workbook_of
from qmm.scoring.workbook_reading import Fault, Reading, read_workbook
from qmm.services.findings import Given, finding_add
from qmm.services.scoring import ScoringClosedError, ScoringError, levels_save

SALT = "qmm.scoring.workbook"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANGED = "You changed something on the page since the file was checked. Nothing was stored: send the file once more."


class ChangedError(Exception):
    """The form is not any more what the report was made against."""


@require_safe
@never_cache
def score_workbook_file(request: HttpRequest, case: int) -> HttpResponse:
    assignment = own_or_404(request, case)
    content = workbook_of(score_sheet(request.user, assignment), timezone.now())
    audit.note(request, "exported", assignment.case, detail="own levels as a workbook")
    name = f"levels-{slugify(assignment.case.establishment.name)[:40] or case}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def score_workbook(request: HttpRequest, case: int) -> HttpResponse:
    """POST with `file`: the report, nothing stored. POST with `plan`: what the report said, all or nothing."""
    assignment = own_or_404(request, case)
    if request.method != "POST":
        return _page(request, assignment)
    if "plan" in request.POST:
        return _write(request, assignment)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, assignment, Reading(faults=[Fault(None, "Choose the workbook first.")]))
    if file.size and file.size > MOST_BYTES:
        return _page(request, assignment, Reading(faults=[Fault(None, too_large(file.size))]))
    return _page(request, assignment, read_workbook(file.read(), score_sheet(request.user, assignment)))


def _page(request: HttpRequest, assignment: CaseAssignment, reading: Reading | None = None) -> HttpResponse:
    sheet = score_sheet(request.user, assignment)
    context = {
        "sheet": sheet,
        "case": assignment.case,
        "reading": reading,
        "plan": _plan(assignment, reading) if reading and not reading.faults else "",
        "shows_synthetic": assignment.case.establishment.is_synthetic,
    }
    return render(request, "qmm/score_workbook.html", context, status=422 if reading and reading.faults else 200)


def _plan(assignment: CaseAssignment, reading: Reading) -> str:
    """What the report says, sealed, so that exactly this is stored."""
    return signing.dumps(
        {
            "form": assignment.pk,
            "changes": [[row.key, row.stored, row.given, row.clashes] for row in reading.changes],
            "findings": [
                [str(row.form(assignment.pk)), row.code, row.kind, row.text, row.evidence] for row in reading.findings
            ],
        },
        salt=SALT,
        compress=True,
    )


def _write(request: HttpRequest, assignment: CaseAssignment) -> HttpResponse:
    """`take`: keys of texts changed in both places of which the workbook's is taken."""
    try:
        plan = signing.loads(request.POST["plan"], salt=SALT)
    except signing.BadSignature:
        plan = {}
    if plan.get("form") != assignment.pk:
        messages.warning(request, "The report is not of this form. Send the file once more.")
        return redirect("qmm:score-workbook", assignment.case_id)
    taken = set(request.POST.getlist("take"))
    changes = {key: Change(was, now) for key, was, now, clashes in plan["changes"] if not clashes or key in taken}
    try:
        _store(request, assignment, changes, plan["findings"])
    except ChangedError:
        messages.warning(request, CHANGED)
        return redirect("qmm:score-workbook", assignment.case_id)
    except (ScoringClosedError, ScoringError, KeyError, ValueError) as error:
        messages.warning(request, f"{error} Nothing was stored.")
        return redirect("qmm:score-workbook", assignment.case_id)
    messages.success(request, f"Stored: {len(changes)} levels and notes, {len(plan['findings'])} findings.")
    return redirect("qmm:score-sheet", assignment.case_id)


@transaction.atomic
def _store(
    request: HttpRequest, assignment: CaseAssignment, changes: dict[str, Change], findings: list[list[Any]]
) -> None:
    if levels_save(assignment, changes, user=request.user, whole=True).conflicts:
        raise ChangedError
    for form, code, kind, text, evidence in findings:
        given = Given(kind, text, evidence, form=uuid.UUID(form))
        finding_add(assignment, code, user=request.user, given=given)
