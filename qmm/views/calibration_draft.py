"""Calibration cases for the operator: writing a draft, publishing it, taking a case out of use."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr.texts import clean
from qmm.calibration.faults import faults
from qmm.models import CalibrationCase, CalibrationItem
from qmm.queries.calibration import cases_of
from qmm.rubric import AREAS, read
from qmm.rubric.content import element_of
from qmm.rubric.fields import in_order
from qmm.services.calibration import (
    CaseClosedError,
    ChangedMeanwhileError,
    case_begin,
    case_discard,
    case_publish,
    case_retire,
    case_save,
)

MEANWHILE = "Somebody changed the draft meanwhile. What you sent was not stored and stands below: take what you need."
CLOSED = "The case is no draft any more. Nothing was stored."
TEXTS = ("title", "setting", "panel")


@require_POST
def calibration_begin(request: HttpRequest) -> HttpResponse:
    """copy= the id of a case whose texts the draft begins with."""
    copied = None
    if given := request.POST.get("copy", ""):
        copied = cases_of(request.user).filter(pk=_number(given)).first()
        if copied is None:
            raise Http404
    case = case_begin(user=request.user, copied=copied)
    return redirect("qmm:calibration-edit", case.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def calibration_edit(request: HttpRequest, calibration: int) -> HttpResponse:
    case = draft_or_404(request, calibration)
    if request.method != "POST":
        return _page(request, case)
    texts, items, problem = read_draft(request, case)
    if problem:
        return _page(request, case, problem=problem, typed=request.POST, status=400)
    try:
        case_save(
            case,
            user=request.user,
            revision=_number(request.POST.get("revision", "")),
            texts=texts,
            items=items,
            add=[request.POST["element"]] if "add" in request.POST and request.POST.get("element") else [],
            remove=case.items.filter(pk=_number(request.POST["remove"])).values_list("element", flat=True)
            if "remove" in request.POST
            else [],
        )
    except ChangedMeanwhileError:
        return _page(request, draft_or_404(request, calibration), problem=MEANWHILE, theirs=request.POST, status=409)
    except CaseClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:calibration-list")
    except ValidationError as error:
        return _page(request, case, problem=" ".join(error.messages), typed=request.POST, status=400)
    if "publish" in request.POST:
        return redirect("qmm:calibration-publish", case.pk)
    messages.info(request, "Saved.")
    return redirect("qmm:calibration-edit", case.pk)


def _page(
    request: HttpRequest,
    case: CalibrationCase,
    *,
    problem: str = "",
    typed: Any = None,
    theirs: Any = None,
    status: int = 200,
) -> HttpResponse:
    """typed: shown in place of what is stored. theirs: shown beside it, after another's change."""
    items = {item.element: item for item in case.items.all()}
    for item in items.values():
        if typed is not None:
            item.evidence = typed.get(f"evidence-{item.pk}", item.evidence)
            item.reason = typed.get(f"reason-{item.pk}", item.reason)
    if typed is not None:
        for name in TEXTS:
            setattr(case, name, typed.get(name, getattr(case, name)))
    texts = case.rubric.texts
    lost = {
        name: text for name, text in (theirs or {}).items() if name not in ("csrfmiddlewaretoken", "revision") and text
    }
    context = {
        "case": case,
        "items": [(items[code], element_of(code, texts.get(code, {}))) for code in in_order(items)],
        "sections": [
            (section.area, [element for element in section.elements if element.code not in items])
            for section in read(texts)
        ],
        "areas": AREAS,
        "problem": problem,
        "faults": faults(case, items.values(), texts),
        "lost": lost,
    }
    return render(request, "qmm/calibration_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def calibration_publish(request: HttpRequest, calibration: int) -> HttpResponse:
    """GET asks, POST does."""
    case = draft_or_404(request, calibration)
    missing = faults(case, case.items.all(), case.rubric.texts)
    if request.method != "POST" or missing:
        context = {"case": case, "faults": missing, "count": case.items.count()}
        return render(request, "qmm/calibration_publish.html", context, status=400 if request.method == "POST" else 200)
    try:
        case_publish(case, user=request.user, revision=_number(request.POST.get("revision", "")))
    except (ChangedMeanwhileError, ValidationError):
        messages.warning(request, "The draft was changed meanwhile. Read it again before you publish it.")
        return redirect("qmm:calibration-edit", case.pk)
    except CaseClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:calibration-list")
    messages.info(request, "Published. Every assessor finds the case under Calibration.")
    return redirect("qmm:calibration-detail", case.pk)


@require_POST
def calibration_retire(request: HttpRequest, calibration: int) -> HttpResponse:
    case = cases_of(request.user).filter(pk=calibration).first()
    if case is None:
        raise Http404
    try:
        case_retire(case, user=request.user)
        messages.info(request, "Retired. Who submitted a sheet reads it on; nobody begins a new one.")
    except CaseClosedError:
        messages.warning(request, "Only a published case can be retired. Nothing was changed.")
    return redirect("qmm:calibration-list")


@require_POST
def calibration_discard(request: HttpRequest, calibration: int) -> HttpResponse:
    case = draft_or_404(request, calibration)
    try:
        case_discard(case, revision=_number(request.POST.get("revision", "")))
        messages.info(request, "The draft was discarded.")
    except ChangedMeanwhileError:
        messages.warning(request, "Somebody changed the draft meanwhile, so it was not discarded.")
    except CaseClosedError:
        messages.warning(request, CLOSED)
    return redirect("qmm:calibration-list")


def draft_or_404(request: HttpRequest, pk: int) -> CalibrationCase:
    found = cases_of(request.user).filter(pk=pk, state="draft").first()
    if found is None:
        raise Http404
    return found


def read_draft(request: HttpRequest, case: CalibrationCase) -> tuple[dict[str, str], dict[str, dict[str, Any]], str]:
    """Texts of the case, those of its elements by code, and what is wrong with them; empty where nothing is."""
    texts = {name: clean(request.POST[name]) for name in TEXTS if name in request.POST}
    longest = [(name, len(text), CalibrationCase._meta.get_field(name).max_length) for name, text in texts.items()]
    items: dict[str, dict[str, Any]] = {}
    for item in case.items.only("id", "element"):
        if f"evidence-{item.pk}" not in request.POST:
            continue
        level = request.POST.get(f"reference-{item.pk}", "")
        if level not in ("", "1", "2", "3", "4", "5"):
            return texts, items, f"{item.element}: choose a level from 1 to 5."
        given = {name: clean(request.POST.get(f"{name}-{item.pk}", "")) for name in ("evidence", "reason")}
        longest += [
            (f"{item.element}: {name}", len(text), CalibrationItem._meta.get_field(name).max_length)
            for name, text in given.items()
        ]
        items[item.element] = {**given, "reference": int(level) if level else None}
    for name, length, most in longest:
        if most and length > most:
            return texts, items, f"{name} has {length:,} characters; shorten it to {most:,}. Nothing was stored."
    return texts, items, ""


def _number(text: str) -> int:
    """0 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
