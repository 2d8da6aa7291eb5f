"""What the script of the questionnaire asks: has the draft changed, and store these changes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from products.queries.quarters import QuarterlyFigures
from products.services.kpi_draft import DraftClosedError
from products.views.changes import UnreadableError, read_json, store
from products.views.reached import NeedsCorrectionError, figures_or_404
from products.views.sheet import Entry, sheet_of, told

CLOSED = "These figures were attested or the draft was discarded meanwhile. What you typed stays in this browser only."
SOMEBODY_ELSE = "You are signed in as somebody else in this browser. Reload the page."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def kpi_draft_state(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    """GET ?draft=&version=&section=: 204 where nothing is new. POST: as `read_json`. Both answer with `_state`.

    409 with a sentence where the page's draft is closed, or its reader is another one now.
    """
    figures = figures_or_404(request, ndc, quarter_end)
    if request.method == "POST":
        return _store(request, figures)
    seen = _number(request.GET.get("draft", ""))
    if seen and (figures.draft is None or figures.draft.pk != seen):
        return JsonResponse({"closed": CLOSED}, status=409)
    if request.GET.get("who") not in (None, who_reads(request, figures)):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    if "fresh" not in request.GET and (figures.draft.version if figures.draft else 0) == _number(
        request.GET.get("version", "")
    ):
        return HttpResponse(status=204)
    return JsonResponse(_state(request, figures, request.GET.get("section", "")))


def _store(request: HttpRequest, figures: QuarterlyFigures) -> HttpResponse:
    try:
        body, changes = read_json(request)
    except UnreadableError as error:
        return JsonResponse({"problem": str(error)}, status=400)
    if body.get("who") != who_reads(request, figures):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    try:
        saved = store(request, figures, changes, seen=_number(str(body.get("draft", ""))))
    except (DraftClosedError, NeedsCorrectionError):
        return JsonResponse({"closed": CLOSED}, status=409)
    now = figures_or_404(request, figures.product.ndc, figures.quarter.ends_on)
    return JsonResponse(_state(request, now, str(body.get("section", "")), saved.conflicts))


def who_reads(request: HttpRequest, figures: QuarterlyFigures) -> str:
    """The person and the firm for whom a page was made; what the browser keeps is kept for both."""
    return f"{request.user.pk}-{figures.organisation.pk if figures.organisation else 0}"


def _state(
    request: HttpRequest,
    figures: QuarterlyFigures,
    section: str,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """One section of the draft as the script shows it; `said` and `progress` are HTML made here."""
    sheet = sheet_of(figures, timezone.localdate())
    current, draft = sheet.section(section), figures.draft
    entries = [entry for row in current.rows for entry in (row.said, *row.entries)]
    notes = [doubt.note for row in current.rows for doubt in row.doubts]
    return {
        "draft": draft.pk if draft else 0,
        "version": draft.version if draft else 0,
        "saved": recent(draft.updated_at) if draft else "",
        "by": str(draft.updated_by) if draft and draft.updated_by else "",
        "token": get_token(request),
        "answers": {entry.key: entry.was for entry in (*entries, *notes)},
        "edits": {entry.key: _by(request, entry) for entry in entries if entry.edit},
        "problems": {entry.key: entry.problem for entry in entries},
        "conflicts": {key: told(edit) for key, edit in (conflicts or {}).items()},
        "said": {row.question.code: render_to_string("products/_said_part.html", {"row": row}) for row in current.rows},
        "progress": render_to_string(
            "products/_progress_part.html",
            {"sheet": sheet, "current": current, "product": figures.product, "quarter": figures.quarter},
        ),
    }


def _by(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    return {"name": entry.edit["name"], "when": entry.edit["when"], "mine": entry.edit["by"] == request.user.pk}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
