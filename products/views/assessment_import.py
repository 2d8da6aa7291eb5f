"""Bringing in assessments made elsewhere: a spreadsheet, checked cell by cell before anything is stored, or the area
scores of one FDA QMM report."""

import hashlib
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr.access.forms import Worded
from dscr.evidence.names import clean_name
from dscr.intake.sheets import MOST_BYTES, too_large
from products.imports.assessments import AREA_LABELS, EARLIEST, Reading, read_assessments
from products.workbook.report import of_the_file
from qmm.forms import DayInput
from qmm.models import AREAS, AssessmentImport, Establishment
from qmm.services.assessment_import import ImportChangedError, ImportedRow, assessments_import, sites_by_number

SALT, KEPT = "assessment-import", 3600  # seconds between the report and its confirmation
MOST_SHOWN, MOST_LISTED = 200, 50
CHANGED = "Something changed since the file was checked, so nothing was stored. Send the file again."


class FdaReportForm(Worded, forms.Form):
    number = forms.RegexField(r"^\s*(\d{7}|\d{9}|\d{10})\s*$", error_messages={"invalid": "Give 7, 9 or 10 digits."})
    report = forms.CharField(max_length=200)
    completed_on = forms.DateField(widget=DayInput())

    labels = {
        "number": "FEI or DUNS number of the establishment",
        "report": "Number or title of the report",
        "completed_on": "Assessment completed on",
    } | {area: label.capitalize() for area, label in AREA_LABELS.items()}
    helps = dict.fromkeys(AREAS, "1 to 5, at most three decimals.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.base_fields = {**self.base_fields} | {area: _level() for area in AREAS}
        super().__init__(*args, **kwargs)

    def clean_number(self) -> int:
        number = self.cleaned_data["number"].strip()
        scheme = "duns" if len(number) == 9 else "fei"
        site = sites_by_number([(scheme, number)]).get((scheme, number))
        if site is None:
            raise forms.ValidationError(f"No establishment has the {scheme.upper()} number {number}.")
        return site

    def clean_completed_on(self) -> date:
        day = self.cleaned_data["completed_on"]
        if not EARLIEST <= day <= timezone.localdate():
            raise forms.ValidationError(f"Give a day from {EARLIEST} to today.")
        return day

    @property
    def row(self) -> ImportedRow:
        given = self.cleaned_data
        levels = tuple(str(given[area]) for area in AREAS)
        return ImportedRow(given["number"], given["completed_on"], "FDA", levels)


def _level() -> forms.DecimalField:
    return forms.DecimalField(min_value=1, max_value=5, decimal_places=3, max_digits=4)


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
    name = clean_name(file.name or "")
    if (file.size or 0) > MOST_BYTES:
        return _report(request, name, Reading(problems=[of_the_file(too_large(file.size or 0))]))
    content = file.read()
    reading = read_assessments(content, timezone.localdate())
    plan = ""
    if not reading.problems:
        told = {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "user": request.user.pk}
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
            form.add_error("completed_on", "An assessment of this establishment and day is on record already.")
        else:
            messages.success(request, f"The area scores of {source} are recorded.")
            return redirect("products:assessment-import-list")
    return render(request, "products/fda_report_create.html", {"form": form})
