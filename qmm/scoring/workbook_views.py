"""The workbook's page: getting it, sending it, what it would change, and storing that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr import audit
from dscr.intake.sheets import MOST_BYTES, too_large
from qmm.models import CaseAssignment
from qmm.queries.score_sheet import score_sheet
from qmm.scoring.sheet_views import own_or_404
from qmm.scoring.workbook import workbook_of
from qmm.scoring.workbook_plan import PlanError, plan_of, plan_read, plan_store
from qmm.scoring.workbook_reading import Fault, Reading, read_workbook
from qmm.services.scoring import ScoringClosedError, ScoringError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(content: bytes, assignment: CaseAssignment) -> HttpResponse:
    name = f"levels-{slugify(assignment.case.establishment.name)[:40] or assignment.case_id}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
@never_cache
def score_workbook_file(request: HttpRequest, case: int) -> HttpResponse:
    assignment = own_or_404(request, case)
    content = workbook_of(score_sheet(request.user, assignment), timezone.now())
    audit.note(request, "exported", assignment.case, detail="own levels as a workbook")
    return xlsx_response(content, assignment)


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
        "plan": plan_of(reading, assignment) if reading and not reading.faults else "",
        "shows_synthetic": assignment.case.establishment.is_synthetic,
    }
    return render(request, "qmm/score_workbook.html", context, status=422 if reading and reading.faults else 200)


def _write(request: HttpRequest, assignment: CaseAssignment) -> HttpResponse:
    """`take`: keys of texts changed in both places of which the workbook's is taken."""
    try:
        plan = plan_read(request.POST["plan"], assignment)
        stored = plan_store(plan, assignment, user=request.user, take=request.POST.getlist("take"))
    except PlanError as error:
        messages.warning(request, str(error))
        return redirect("qmm:score-workbook", assignment.case_id)
    except (ScoringClosedError, ScoringError, KeyError, ValueError) as error:
        messages.warning(request, f"{error} Nothing was stored.")
        return redirect("qmm:score-workbook", assignment.case_id)
    messages.success(request, f"Stored: {stored} levels and notes, {len(plan.findings)} findings.")
    return redirect("qmm:score-sheet", assignment.case_id)
