"""The factual-accuracy review: passages of the draft with their comments, each answered by the assessors."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr import audit
from qmm.course.steps import OUTCOME_STATES, PATH, Side, State
from qmm.models import AssessmentCase, CaseSheet, FactComment
from qmm.services.course import CourseError
from qmm.services.course_conditions import is_confirmed
from qmm.services.course_sheet import sheet_of
from qmm.services.fact_check import comment_add, comment_answer
from qmm.views.case import REFUSED, taken_case_or_404

FORM = re.compile(r"[0-9a-f]{32}-\w{1,20}")  # the number of a form


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_facts(request: HttpRequest, case: int) -> HttpResponse:
    found, sides = _checked_case(request, case)
    if request.method != "POST":
        audit.note(request, "viewed", found, detail="the draft in its factual-accuracy review")
        return _page(request, found, sides)
    element = request.POST.get("element", "")
    try:
        comment = comment_add(found, user=request.user, element=element, text=request.POST.get("text", ""))
    except CourseError as error:
        return _page(request, found, sides, str(error), element, REFUSED)
    messages.info(request, f"Your comment on {comment.element} is kept.")
    return _back(request, found, comment.element)


@require_POST
def case_comment_answer(request: HttpRequest, case: int, comment: int) -> HttpResponse:
    found, sides = _checked_case(request, case)
    rows = FactComment.objects.for_user(request.user, "assess_cases").filter(case=found)
    row = rows.filter(pk=comment).first() if comment < 2**63 else None
    if row is None:
        raise Http404
    given = {"verdict": request.POST.get("verdict", ""), "answer": request.POST.get("text", "")}
    try:
        comment_answer(row, user=request.user, **given)
    except CourseError as error:
        return _page(request, found, sides, str(error), f"comment-{row.pk}", REFUSED)
    messages.info(request, f"The comment on {row.element} is answered.")
    return _back(request, found, row.element)


def _back(request: HttpRequest, case: AssessmentCase, element: str) -> HttpResponse:
    """`?sent=` the form's number: the browser then forgets what it kept of that text (static/js/kept_text.js)."""
    number = request.POST.get("form", "")
    query = f"?{urlencode({'sent': number})}" if FORM.fullmatch(number) else ""
    return redirect(f"{reverse('qmm:case-facts', args=[case.pk])}{query}#passage-{element}")


def _checked_case(request: HttpRequest, pk: int) -> tuple[AssessmentCase, frozenset[Side]]:
    """Http404 before the draft was sent; while it is written again only the establishment waits."""
    case, sides = taken_case_or_404(request, pk)
    if case.state not in (State.FACT_CHECK, *OUTCOME_STATES):
        sent = case.state in PATH[PATH.index(State.CONSENSUS) :] and case.comments.exists()
        if not sent or Side.FIRM in sides:
            raise Http404
    return case, sides


def _page(
    request: HttpRequest,
    case: AssessmentCase,
    sides: frozenset[Side],
    problem: str = "",
    place: str = "",
    status: int = 200,
) -> HttpResponse:
    sheet, sent = sheet_of(case, CaseSheet.Kind.DRAFT), request.GET.get("sent", "")
    comments: dict[str, list[FactComment]] = {}
    rows = (
        FactComment.objects.for_user(request.user, "read_cases").filter(case=case).select_related("by", "answered_by")
    )
    for row in rows:
        comments.setdefault(row.element, []).append(row)
    open_now, confirmed = case.state == State.FACT_CHECK, is_confirmed(case)
    waiting = sum(row.answered_at is None for row in rows)
    context: dict[str, Any] = {
        "case": case,
        "sections": _sections(sheet, comments),
        "sentence": _sentence(len(rows), waiting, confirmed, case),
        "may_comment": open_now and not confirmed and Side.FIRM in sides,
        "may_answer": open_now and Side.ASSESSOR in sides,
        "verdicts": FactComment.Verdict.choices,
        "problem": problem,
        "place": place,
        "typed": request.POST if problem else {},
        "number": uuid.uuid4().hex,
        "sent": sent if FORM.fullmatch(sent) else "",
        "shows_synthetic": case.establishment.is_synthetic,
    }
    return render(request, "qmm/case_facts.html", context, status=status)


def _sections(sheet: CaseSheet, comments: dict[str, list[FactComment]]) -> list[dict[str, Any]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    for item in sheet.asked:
        code = item["code"]
        entry = {
            "code": code,
            "label": item["label"],
            "text": sheet.texts.get(code, ""),
            "comments": comments.get(code, []),
        }
        sections.setdefault(item["section"], []).append(entry)
    return [{"label": label, "entries": entries} for label, entries in sections.items()]


def _sentence(count: int, waiting: int, confirmed: bool, case: AssessmentCase) -> str:
    if not count:
        said = "The establishment has no comment" if confirmed or case.closed_on else "There is no comment yet"
        return f"{said}."
    said = f"{count} comment{'' if count == 1 else 's'}"
    return (
        f"{said}; {waiting} {'waits' if waiting == 1 else 'wait'} for an answer."
        if waiting
        else f"{said}, all answered."
    )
