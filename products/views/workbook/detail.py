"""A workbook's report: its faults, or what it would change; and how far the check is."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from dscr.access.scoping import may
from products.models import FiguresJob, WorkbookUpload
from products.queries.due import quarter_of
from products.questionnaire import FIELDS, QUESTIONS, State
from products.services.kpi_submission import STATEMENT
from products.services.raw_files import kept_until
from products.services.workbook import drafts_of, versions_of
from products.views.job_parts import job_context, new_once
from products.views.workbook.forms import AttestForm
from products.workbook.layout import BY_CODE, letter_of
from products.workbook.template import harmless

PRODUCTS_A_PAGE, PROBLEMS_SHOWN, CHOSEN_ONE_BY_ONE = 25, 200, 200
_QUESTION_OF = {question.state_key: question for question in QUESTIONS}
_LABELS = {question.code: question.label for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class Changed:
    """One answer: what it is called, what was said last, what the file says; of the draft, by whom it was changed."""

    label: str
    before: str
    now: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ProductChanges:
    ndc: str
    name: str
    row: int
    changes: list[Changed]
    carried: list[Changed]
    open: list[str]
    withheld: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """An answer that somebody gave after the template was made. `name` is that of its choice in the form."""

    name: str
    ndc: str
    row: int
    column: str
    label: str
    stands: str
    file: str
    by: str
    at: datetime | None


def upload_for(request: HttpRequest, pk: int) -> WorkbookUpload:
    """404 out of scope."""
    uploads = WorkbookUpload.objects.for_user(request.user, "enter_kpis")
    return get_object_or_404(
        uploads.select_related("uploaded_by", "written_by", "attested_by", "organisation", "file_removed_by"), pk=pk
    )


def standing_in_words(upload: WorkbookUpload) -> str:
    """being stored as drafts; attested."""
    job = upload.jobs.first()
    if job and job.is_under_way:
        return "being stored as drafts" if job.kind == FiguresJob.Kind.STORE else "being attested"
    return upload.get_state_display().lower()


@require_safe
@never_cache
def workbook_detail(request: HttpRequest, upload: int) -> HttpResponse:
    return detail_page(request, upload_for(request, upload))


def detail_page(
    request: HttpRequest,
    upload: WorkbookUpload,
    *,
    status: int = 200,
    wrong: Sequence[str] = (),
    attest_form: AttestForm | None = None,
) -> HttpResponse:
    audit.note(request, "viewed", upload, detail="figures")
    job = upload.jobs.first()
    is_under_way = job is not None and job.is_under_way
    context: dict[str, Any] = {
        "upload": upload,
        "job": job,
        "quarter": quarter_of(upload.quarter_end).name,
        "wrong": wrong,
        "is_checked": upload.state in ("ready", "written") and not is_under_way,
        "once": new_once(),
        "has_file": upload.state in ("waiting", "ready", "written", "attested") and not is_under_way,
        "kept_until": kept_until(upload),
        "delete_url": reverse("products:workbook-delete", args=[upload.pk]),
        "may_enter": True,
        "stored_count": sum(bool(part["draft"]) for part in upload.plan),
        "may_attest": may(request.user, "attest_kpis"),
    }
    if upload.state == WorkbookUpload.State.REFUSED:
        context |= {"problems": upload.problems[:PROBLEMS_SHOWN], "problem_count": len(upload.problems)}
        context["is_csv"] = not any(problem["sheet"] for problem in upload.problems)
    elif context["is_checked"]:
        context |= _changes(request, upload)
    if is_under_way:
        context |= job_context(job)
    elif upload.state == WorkbookUpload.State.READY:
        context |= _conflicts_context(upload)
    elif upload.state == WorkbookUpload.State.WRITTEN:
        context |= _attest_context(request, upload, attest_form)
    return render(request, "products/workbook_detail.html", context, status=status)


def _changes(request: HttpRequest, upload: WorkbookUpload) -> dict[str, Any]:
    page = Paginator(upload.plan, PRODUCTS_A_PAGE).get_page(request.GET.get("page"))
    counts = [len(list(_changed(part))) for part in upload.plan]
    return {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "products": [_product_changes(part) for part in page],
        "product_count": len(upload.plan),
        "changed_count": sum(map(bool, counts)),
        "change_count": sum(counts),
        "carried_count": sum(bool(part.get("carried")) for part in upload.plan),
        "settled_count": sum(part["is_settled"] for part in upload.plan),
        "open_count": sum(bool(part["open"]) for part in upload.plan),
    }


def _product_changes(part: Mapping[str, Any]) -> ProductChanges:
    return ProductChanges(
        ndc=part["ndc"],
        name=part["name"],
        row=part["row"],
        changes=list(_changed(part)),
        carried=[
            Changed(label_of(key), in_words(key, before), in_words(key, now), by)
            for key, (before, now, by) in part.get("carried", {}).items()
        ],
        open=[_LABELS[code] for code in part["open"]],
        withheld=len(part["withheld"]),
        is_settled=part["is_settled"],
    )


def _changed(part: Mapping[str, Any]) -> Iterator[Changed]:
    """Answers beside what was said last; copied forward is no change."""
    for key in part["changes"]:
        now, before = part["set"][key][1], part["before"].get(key, "")
        if now == before or (key in _QUESTION_OF and not now):
            continue
        yield Changed(label_of(key), in_words(key, before), in_words(key, now))


def label_of(key: str) -> str:
    if key in _QUESTION_OF:
        return _QUESTION_OF[key].label
    return BY_CODE[key].heading.rpartition(" (")[0]


def in_words(key: str, text: str) -> str:
    if key in _QUESTION_OF:
        return {"": "", State.REPORTED.value: "reported"}.get(text, text.replace("_", " "))
    unit = FIELDS[key].unit
    return f"{text}{'' if unit == '%' else ' '}{unit}" if text and unit else text


def _conflicts_context(upload: WorkbookUpload) -> dict[str, Any]:
    found = conflicts_of(upload)
    return {
        "conflicts": found[:CHOSEN_ONE_BY_ONE],
        "conflict_count": len(found),
        "one_by_one": len(found) <= CHOSEN_ONE_BY_ONE,
    }


def conflicts_of(upload: WorkbookUpload) -> list[Conflict]:
    return [
        Conflict(
            name=f"take-{part['product']}-{given['key']}",
            ndc=part["ndc"],
            row=part["row"],
            column=letter_of(given["place"]),
            label=label_of(given["key"]),
            stands=in_words(given["of"], given["stands"]),
            file=in_words(given["key"], given["file"]) or "figures",
            by=given.get("name", ""),
            at=datetime.fromisoformat(given["at"]) if given.get("at") else None,
        )
        for part in upload.plan
        for given in part["conflicts"]
    ]


def _attest_context(request: HttpRequest, upload: WorkbookUpload, form: AttestForm | None) -> dict[str, Any]:
    drafts = drafts_of(upload)
    initial = {"name": request.user.full_name, "versions": versions_of(drafts)}
    return {"draft_count": len(drafts), "statement": STATEMENT, "form": form or AttestForm(initial=initial)}


@require_safe
@never_cache
def workbook_progress(request: HttpRequest, upload: int) -> HttpResponse:
    """Asked every second while the file is being checked, stored or attested; then the page is fetched anew."""
    found = upload_for(request, upload)
    job = found.jobs.first()
    if job and job.is_under_way:
        return render(request, "products/_job_progress_part.html", job_context(job))
    if found.state != WorkbookUpload.State.WAITING:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "products/_workbook_progress_part.html", {"upload": found})


HEADS = ("Sheet", "Row", "Column", "Heading", "Found", "What is wrong", "Expected")


@require_safe
@never_cache
def workbook_report(request: HttpRequest, upload: int) -> HttpResponse:
    """Every fault as CSV, safe to open in a spreadsheet."""
    found = upload_for(request, upload)
    audit.note(request, "exported", found, detail="report of faults")
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for problem in found.problems:
        cells = [problem[key] for key in ("sheet", "row", "column", "heading", "found", "wrong", "expected")]
        writer.writerow([harmless(cell) for cell in cells])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dscr-workbook-{found.pk}-report.csv"'
    return response
