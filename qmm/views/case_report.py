"""The report of an assessment, as a page that prints and as PDF."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from qmm.models import AssessmentCase
from qmm.queries.report import report_of, reported_case
from qmm.report import sentences
from qmm.report.pdf import pdf_of
from qmm.report.pictures import TICKS, areas_picture, elements_picture


@require_safe
@never_cache
def case_report(request: HttpRequest, case: int) -> HttpResponse:
    found = case_or_404(request, case)
    audit.note(request, "viewed", found, detail="the report")
    report = report_of(found, request.user)
    context: dict[str, Any] = {
        "case": found,
        "report": report,
        "standing": sentences.standing(report),
        "facts": sentences.facts(report),
        "said": {name: getattr(sentences, name)(report) for name in sentences.SAID},
        "qmm_said": sentences.number(report.qmm, 1) if report.qmm is not None else "",
        "picture": areas_picture(report),
        "areas": [
            {
                "part": part,
                "said": sentences.area(part),
                "caption": f"Elements of {part.label.lower()}",
                "picture": elements_picture(part),
            }
            for part in report.areas
        ],
        "ticks": TICKS,
        "key": sentences.key(report),
        "unknown_elements": sentences.UNKNOWN_ELEMENTS,
        "about": sentences.ABOUT,
        "notices": sentences.notices(report),
        "highest_said": sentences.HIGHEST,
        "shows_synthetic": report.is_synthetic,
    }
    return render(request, "qmm/case_report.html", context)


@require_safe
@never_cache
def case_report_pdf(request: HttpRequest, case: int) -> HttpResponse:
    found = case_or_404(request, case)
    audit.note(request, "exported", found, detail="the report as PDF")
    content = pdf_of(report_of(found, request.user))
    name = f"qmm-report-{slugify(found.establishment.name)[:40] or found.pk}-{found.pk}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def case_or_404(request: HttpRequest, pk: int) -> AssessmentCase:
    case = reported_case(request.user, pk)
    if case is None:
        raise Http404
    return case
