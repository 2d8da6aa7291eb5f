"""Bringing in assessments made elsewhere: a spreadsheet, checked cell by cell before anything is stored, or the area
scores of one FDA QMM report."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from products.forms.fda_report import FdaReportForm
from products.imports.assessments import AREA_LABELS, Reading, read_file
from products.workbook.report import of_the_file
from qmm.models import AssessmentImport, Establishment
from qmm.services.assessment_import import (
    CHANGED,
    ON_RECORD,
    ImportChangedError,
    ImportedRow,
    assessments_import,
)

SALT, KEPT = "assessment-import", 3600  # seconds between the report and its confirmation
MOST_SHOWN, MOST_LISTED = 200, 50


@require_safe
@never_cache
def assessment_import_list(request: HttpRequest) -> HttpResponse:
    rows = AssessmentImport.objects.for_user(request.user, "import_assessments").select_related("imported_by")
    return render(request, "products/assessment_import.html", {"imports": rows[:MOST_LISTED], "areas": AREA_LABELS})


@require_http_methods(["POST"])
@never_cache
def assessment_import_check(request: HttpRequest) -> HttpResponse:
    """The report; nothing is stored, and what would be is handed on signed, for an hour and for this person."""
    file = request.FILES.get("file")
    if file is None:
        reading = Reading(problems=[of_the_file("No file was chosen.", "An XLSX or CSV file")])
        return _report(request, "", reading)
    name, sha256, reading = read_file(file, timezone.localdate())
    plan = ""
    if not reading.problems:
        told = {"name": name, "sha256": sha256, "user": request.user.pk}
        rows = [asdict(row) | {"completed_on": row.completed_on.isoformat()} for row in reading.rows]
        plan = signing.dumps(told | {"rows": rows}, salt=SALT, compress=True)
    return _report(request, name, reading, plan)


def _report(request: HttpRequest, name: str, reading: Reading, plan: str = "") -> HttpResponse:
    names = dict(Establishment.objects.filter(pk__in={row.site for row in reading.rows}).values_list("pk", "name"))
    shown = [
        (names[row.site], row, sum(map(Decimal, row.levels)) / len(row.levels)) for row in reading.rows[:MOST_SHOWN]
    ]
    context = {
        "name": name,
        "problems": reading.problems[:MOST_SHOWN],
        "problem_count": len(reading.problems),
        "rows": shown,
        "row_count": len(reading.rows),
        "site_count": len(names),
        "plan": plan,
    }
    status = 400 if reading.problems else 200
    return render(request, "products/assessment_import_report.html", context, status=status)


@require_http_methods(["POST"])
@never_cache
def assessment_import_store(request: HttpRequest) -> HttpResponse:
    try:
        told = signing.loads(request.POST.get("plan", ""), salt=SALT, max_age=KEPT)
        if told["user"] != request.user.pk:
            raise signing.BadSignature
        rows = [_row(given) for given in told["rows"]]
        record = assessments_import(
            rows,
            kind=AssessmentImport.Kind.SPREADSHEET,
            source=told["name"],
            sha256=told["sha256"],
            user=request.user,
        )
    except (signing.BadSignature, ImportChangedError):
        messages.error(request, CHANGED)
        return redirect("products:assessment-import-list")
    messages.success(request, f"{record.count:,} assessment{'' if record.count == 1 else 's'} imported.")
    return redirect("products:assessment-import-list")


def _row(given: dict[str, Any]) -> ImportedRow:
    return ImportedRow(
        given["site"],
        date.fromisoformat(given["completed_on"]),
        given["assessed_by"],
        tuple(given["levels"]),
        given["elements"],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def fda_report_create(request: HttpRequest) -> HttpResponse:
    form = FdaReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row, source = form.row, form.cleaned_data["report"]
        try:
            assessments_import([row], kind=AssessmentImport.Kind.FDA_REPORT, source=source, user=request.user)
        except ImportChangedError:
            form.add_error("completed_on", ON_RECORD)
        else:
            messages.success(request, f"The area scores of {source} are recorded.")
            return redirect("products:assessment-import-list")
    return render(request, "products/fda_report_create.html", {"form": form})
