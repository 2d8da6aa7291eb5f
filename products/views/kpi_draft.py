"""The questionnaire, one team's section at a time, and what its buttons do. It works without script."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr.moments import recent
from dscr.sheets import Change, Saved
from products.queries.quarters import QuarterlyFigures, may_enter
from products.questionnaire import SECTIONS
from products.services.kpi_draft import (
    DraftClosedError,
    draft_copy_forward,
    draft_discard,
    draft_open,
    draft_withhold_open,
)
from products.views.changes import read_form, store
from products.views.kpi_state import who_reads
from products.views.reached import NeedsCorrectionError, address, figures_or_404, head, note_reading, open_draft
from products.views.sheet import Sheet, sheet_of

COPIED_OLDER = "What was blank now holds the last figures. They are older: check each of them."
COPIED_ATTESTED = "What was blank now holds the figures that are attested for this quarter."
CLOSED = "These figures were attested or the draft was discarded meanwhile. Nothing was stored."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def kpi_draft(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    figures = figures_or_404(request, ndc, quarter_end)
    if not may_enter(request.user):
        return redirect(address("kpi-draft-review", figures))
    if request.method == "POST":
        return _save(request, figures)
    note_reading(request, figures)
    if figures.draft is None and figures.attested:
        return render(request, "products/kpi_draft_attested.html", head(figures))
    return _page(request, figures, sheet_of(figures, timezone.localdate()))


def _page(request: HttpRequest, figures: QuarterlyFigures, sheet: Sheet, status: int = 200) -> HttpResponse:
    current = sheet.section(request.GET.get("section", ""))
    place = sheet.sections.index(current)
    context: dict[str, Any] = head(figures) | {
        "sheet": sheet,
        "current": current,
        "next_section": SECTIONS[place + 1] if place + 1 < len(SECTIONS) else None,
        "who": who_reads(request, figures),
        "saved_at": recent(figures.draft.updated_at) if figures.draft else "",
    }
    return render(request, "products/kpi_draft.html", context, status=status)


def _save(request: HttpRequest, figures: QuarterlyFigures) -> HttpResponse:
    """The ordinary Save button. What somebody else changed meanwhile comes back with both texts."""
    changes = read_form(request)
    changes.pop(request.POST.get("take", ""), None)
    seen = request.POST.get("draft", "")
    try:
        draft = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else None
        saved = store(request, figures, changes, draft) if changes else Saved(0)
    except (DraftClosedError, NeedsCorrectionError):
        messages.warning(request, CLOSED)
        return redirect(address("kpi-draft", figures))
    if saved.conflicts:
        return _with_conflicts(request, figures, saved, changes)
    going = request.POST.get("go", "")
    if going == "review":
        return redirect(address("kpi-draft-review", figures))
    return redirect(_section_address(figures, going or request.GET.get("section", "")))


def _with_conflicts(
    request: HttpRequest, figures: QuarterlyFigures, saved: Saved, changes: dict[str, Change]
) -> HttpResponse:
    now = figures_or_404(request, figures.product.ndc, figures.quarter.ends_on)
    typed = {key: changes[key].now for key in saved.conflicts}
    return _page(request, now, sheet_of(now, timezone.localdate(), typed, saved.conflicts), status=409)


@require_POST
def kpi_draft_open(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    """Begins a draft; where the quarter is attested it holds those figures, to correct them."""
    figures = figures_or_404(request, ndc, quarter_end)
    if figures.draft is None and figures.organisation:
        draft_open(
            figures.product,
            organisation=figures.organisation,
            quarter_end=quarter_end,
            user=request.user,
            correcting=figures.attested,
        )
    return redirect(address("kpi-draft", figures))


@require_POST
def kpi_draft_copy(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    """Fills what is blank, in one section or everywhere, from the last figures or, in a correction, those attested."""
    figures = figures_or_404(request, ndc, quarter_end)
    only = next((section for section in SECTIONS if section.code == request.POST.get("section")), None)
    try:
        if figures.compared is None:
            messages.warning(request, "There are no attested figures to copy.")
        else:
            draft_copy_forward(
                open_draft(request, figures),
                previous=figures.compared,
                user=request.user,
                questions=[question.code for question in only.questions] if only else None,
            )
            messages.info(request, COPIED_ATTESTED if figures.attested else COPIED_OLDER)
    except (DraftClosedError, NeedsCorrectionError):
        messages.warning(request, CLOSED)
    return redirect(_section_address(figures, request.POST.get("shown", "")))


@require_POST
def kpi_draft_withhold(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    """Every question that is wholly blank becomes "not disclosed"."""
    figures = figures_or_404(request, ndc, quarter_end)
    try:
        draft_withhold_open(open_draft(request, figures), user=request.user)
    except (DraftClosedError, NeedsCorrectionError):
        messages.warning(request, CLOSED)
    return redirect(address("kpi-draft-review", figures))


@require_POST
def kpi_draft_discard(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    figures = figures_or_404(request, ndc, quarter_end)
    if figures.draft:
        draft_discard(figures.draft, user=request.user)
        messages.info(request, f"The draft of {figures.quarter.name} was discarded.")
    return redirect("products:kpi-submission-list", figures.product.ndc)


def _section_address(figures: QuarterlyFigures, code: str) -> str:
    known = any(section.code == code for section in SECTIONS)
    return address("kpi-draft", figures) + (f"?section={code}" if known else "")
