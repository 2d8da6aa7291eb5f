"""What the script of the editor asks (static/js/questionnaire.js): has the draft changed, and store these changes."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from qmm.models import Rubric
from qmm.services.rubric import DraftClosedError
from qmm.views.rubric_draft import UnreadableError, open_draft, read_json, store
from qmm.views.rubric_sheet import Entry, sheet_of, told

CLOSED = "The draft was published or discarded meanwhile. What you typed stays in this browser only."
SOMEBODY_ELSE = "You are signed in as somebody else in this browser. Reload the page."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rubric_draft_state(request: HttpRequest) -> HttpResponse:
    """GET ?draft=&version=&section=: 204 where nothing is new. POST: as `read_json`. Both answer with `_state`.

    409 with a sentence where the page's draft is closed, or its reader is another one now.
    """
    draft = open_draft(request, "edit_rubric")
    if draft is None:
        return JsonResponse({"closed": CLOSED}, status=409)
    if request.method == "POST":
        return _store(request, draft)
    if request.GET.get("draft") != str(draft.pk):
        return JsonResponse({"closed": CLOSED}, status=409)
    if request.GET.get("who") not in (None, str(request.user.pk)):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    if "fresh" not in request.GET and request.GET.get("version") == str(draft.revision):
        return HttpResponse(status=204)
    return JsonResponse(_state(request, draft, request.GET.get("section", "")))


def _store(request: HttpRequest, draft: Rubric) -> HttpResponse:
    try:
        body, changes = read_json(request)
        if body.get("who") != str(request.user.pk):
            return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
        saved = store(request, draft, str(body.get("draft", "")), changes)
    except UnreadableError as error:
        return JsonResponse({"problem": str(error)}, status=400)
    except DraftClosedError:
        return JsonResponse({"closed": CLOSED}, status=409)
    now = open_draft(request, "edit_rubric") or draft
    return JsonResponse(_state(request, now, str(body.get("section", "")), saved.conflicts))


def _state(
    request: HttpRequest, draft: Rubric, section: str, conflicts: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """One element of the draft as the script shows it; `said` and `progress` are HTML made here."""
    sheet = sheet_of(draft, section)
    return {
        "draft": draft.pk,
        "version": draft.revision,
        "saved": recent(draft.updated_at),
        "by": str(draft.updated_by or ""),
        "token": get_token(request),
        "answers": {entry.key: entry.was for entry in sheet.entries},
        "edits": {entry.key: _by(request, entry) for entry in sheet.entries if entry.edit},
        "problems": {entry.key: entry.problem for entry in sheet.entries},
        "conflicts": {key: told(edit) for key, edit in (conflicts or {}).items()},
        "said": {
            entry.key: render_to_string("qmm/_rubric_was_part.html", {"entry": entry, "draft": draft})
            for entry in sheet.entries
        },
        "progress": render_to_string("qmm/_rubric_progress_part.html", {"sheet": sheet}),
    }


def _by(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    return {"name": entry.edit["name"], "when": entry.edit["when"], "mine": entry.edit["by"] == request.user.pk}
