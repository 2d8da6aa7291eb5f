"""A sheet of a case, one section at a time: the questionnaire or the draft. It saves itself, and needs no script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr import audit
from dscr.moments import recent
from dscr.sheets import Change, told
from dscr.texts import clean
from qmm.course.questions import LONGEST
from qmm.course.steps import NEXT, STEPS, Side, State
from qmm.models import AssessmentCase, CaseSheet
from qmm.services.course_sheet import may_read, may_write, sheet_of, sheet_save
from qmm.services.rubric import DraftClosedError
from qmm.views.case import taken_case_or_404

CLOSED = "It is not your turn to write here any more. Nothing was stored; what you typed stands below."
WORDS = {
    "questionnaire": ("Questionnaire before the visit", "questions", "answered"),
    "draft": ("Draft of the report", "elements", "written"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: `text` as it stands in the page, `was` as it is stored."""

    key: str
    label: str
    hint: str
    text: str
    was: str
    conflict: Mapping[str, Any] = field(default_factory=dict)
    edit: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    number: int
    label: str
    open: int
    total: int


@dataclass(frozen=True, slots=True)
class Page:
    sections: list[Section]
    current: Section
    next: Section | None
    entries: list[Entry]

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)

    @property
    def ready(self) -> int:
        return self.total - sum(section.open for section in self.sections)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_sheet(request: HttpRequest, case: int, sheet: str) -> HttpResponse:
    """?section= its number. Who may only read is led to the review."""
    found, sides = readable_sheet(request, case, sheet)
    if not may_write(found, sheet, sides):
        if request.method == "POST":
            return _editor(request, found, sheet, CLOSED, _typed(request), status=409)
        return redirect("qmm:case-sheet-review", found.pk, sheet)
    return _save(request, found, sheet) if request.method == "POST" else _editor(request, found, sheet)


@require_safe
@never_cache
def case_sheet_review(request: HttpRequest, case: int, sheet: str) -> HttpResponse:
    """Everything on one page, with the step that ends it."""
    found, sides = readable_sheet(request, case, sheet)
    audit.note(request, "viewed", found, detail=f"the {sheet}")
    stored = sheet_of(found, sheet)
    blocks: dict[str, list[Entry]] = {}
    for item in stored.asked:
        blocks.setdefault(item["section"], []).append(_entry(item, stored, {}, {}))
    writes, event = may_write(found, sheet, sides), NEXT.get(State(found.state))
    context = {
        "case": found,
        "kind": sheet,
        "words": WORDS[sheet],
        "blocks": blocks.items(),
        "open": len(stored.open_codes),
        "stored": stored,
        "may_write": writes,
        "event": event if writes and event and set(STEPS[event].sides) & sides and event != "finalize" else "",
        "does": STEPS[event].does if event else "",
        "saved_at": recent(stored.updated_at) if stored.pk else "",
        "shows_synthetic": found.establishment.is_synthetic,
    }
    return render(request, "qmm/case_sheet_review.html", context)


def readable_sheet(request: HttpRequest, pk: int, kind: str) -> tuple[AssessmentCase, frozenset[Side]]:
    case, sides = taken_case_or_404(request, pk)
    if not may_read(case, kind, sides):
        raise Http404
    return case, sides


def _save(request: HttpRequest, case: AssessmentCase, kind: str) -> HttpResponse:
    typed = _typed(request)
    changes = {key: Change(clean(request.POST.get(f"was-{key}", "")), now) for key, now in typed.items()}
    taken = request.POST.get("take", "")
    changes.pop(taken, None)
    changes = {key: change for key, change in changes.items() if change.now != change.was}
    try:
        saved = sheet_save(case, kind, user=request.user, changes=changes)
    except DraftClosedError:
        return _editor(request, case, kind, CLOSED, typed, status=409)
    except KeyError as error:
        return _editor(request, case, kind, f"Nothing is asked under {error}. Nothing was stored.", status=422)
    except ValueError as error:
        return _editor(request, case, kind, f"{error} Nothing was stored: shorten it.", typed, status=422)
    if saved.conflicts:
        said = "Somebody else changed what you changed. Choose below; nothing of theirs was overwritten."
        return _editor(request, case, kind, said, typed, saved.conflicts, status=409)
    go = request.POST.get("go", request.GET.get("section", ""))
    if go == "review":
        return redirect("qmm:case-sheet-review", case.pk, kind)
    return redirect(f"{reverse('qmm:case-sheet', args=[case.pk, kind])}?section={go if go.isdigit() else 1}")


def _typed(request: HttpRequest) -> dict[str, str]:
    """Texts whose stored one stood beside them."""
    keys = [name for name in request.POST if f"was-{name}" in request.POST]
    return {key: clean(request.POST[key]) for key in keys}


def _editor(
    request: HttpRequest,
    case: AssessmentCase,
    kind: str,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    stored = sheet_of(case, kind)
    context = {
        "case": case,
        "kind": kind,
        "words": WORDS[kind],
        "stored": stored,
        "page": page_of(stored, request.GET.get("section", ""), typed, conflicts),
        "problem": problem,
        "who": request.user.pk,
        "saved_at": recent(stored.updated_at) if stored.pk else "",
        "longest": LONGEST,
        "shows_synthetic": case.establishment.is_synthetic,
    }
    return render(request, "qmm/case_sheet.html", context, status=status)


def page_of(
    sheet: CaseSheet,
    number: str,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Page:
    """Section `number` of the sheet, the first one where there is none of that number."""
    labels = list(dict.fromkeys(item["section"] for item in sheet.asked))
    still_open = set(sheet.open_codes)
    sections = []
    for place, label in enumerate(labels, 1):
        codes = [item["code"] for item in sheet.asked if item["section"] == label]
        sections.append(Section(place, label, len(still_open & set(codes)), len(codes)))
    current = next((one for one in sections if str(one.number) == number), sections[0])
    following = sections[current.number] if current.number < len(sections) else None
    asked = [item for item in sheet.asked if item["section"] == current.label]
    return Page(sections, current, following, [_entry(item, sheet, typed or {}, conflicts or {}) for item in asked])


def _entry(
    item: Mapping[str, str], sheet: CaseSheet, typed: Mapping[str, str], conflicts: Mapping[str, Mapping[str, Any]]
) -> Entry:
    code = item["code"]
    was = sheet.texts.get(code, "")
    return Entry(
        key=code,
        label=item["label"],
        hint=item["hint"],
        text=typed.get(code, was),
        was=was,
        conflict=told(conflicts.get(code, {})),
        edit=told(sheet.edits.get(code, {})),
    )
