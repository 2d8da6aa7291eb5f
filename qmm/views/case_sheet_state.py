"""What the script of a sheet asks (static/js/questionnaire.js): has it changed, and store these changes."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from dscr.texts import clean
from qmm.models import AssessmentCase
from qmm.services.course_sheet import may_write, sheet_of, sheet_save
from qmm.services.rubric import Change, DraftClosedError
from qmm.views.case_sheet import Entry, page_of, readable_sheet
from qmm.views.rubric_sheet import told

CLOSED = "It is not your turn to write here any more. What you typed stays in this browser only."
SOMEBODY_ELSE = "You are signed in as somebody else in this browser. Reload the page."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_sheet_state(request: HttpRequest, case: int, sheet: str) -> HttpResponse:
    """GET ?version=&section=: 204 where nothing is new. POST: {who, section, changes: {code: {was, now}}}.

    409 with a sentence where the writer's turn is over, or the page's reader is another one now.
    """
    found, sides = readable_sheet(request, case, sheet)
    if not may_write(found, sheet, sides):
        return JsonResponse({"closed": CLOSED}, status=409)
    if request.method == "POST":
        return _store(request, found, sheet)
    if request.GET.get("who") not in (None, str(request.user.pk)):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    stored = sheet_of(found, sheet)
    seen = (request.GET.get("draft"), request.GET.get("version"))
    if "fresh" not in request.GET and seen == (str(stored.pk or 0), str(stored.revision)):
        return HttpResponse(status=204)
    return JsonResponse(_state(request, found, sheet, request.GET.get("section", "")))


def _store(request: HttpRequest, case: AssessmentCase, kind: str) -> HttpResponse:
    try:
        body = json.loads(request.body)
        changes = {
            str(code): Change(clean(change["was"]), clean(change["now"])) for code, change in body["changes"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"problem": "The body is no change of a sheet."}, status=400)
    if str(body.get("who")) != str(request.user.pk):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    try:
        saved = sheet_save(case, kind, user=request.user, changes=changes)
    except DraftClosedError:
        return JsonResponse({"closed": CLOSED}, status=409)
    except KeyError as error:
        return JsonResponse({"problem": f"Nothing is asked under {error}."}, status=400)
    except ValueError as error:
        return JsonResponse({"problem": f"{error} Nothing was stored: shorten it."}, status=400)
    return JsonResponse(_state(request, case, kind, str(body.get("section", "")), saved.conflicts))


def _state(
    request: HttpRequest,
    case: AssessmentCase,
    kind: str,
    section: str,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """One section as the script shows it; `progress` is HTML made here."""
    sheet = sheet_of(case, kind)
    page = page_of(sheet, section)
    context = {"page": page, "case": case, "kind": kind}
    return {
        "draft": sheet.pk or 0,
        "version": sheet.revision,
        "saved": recent(sheet.updated_at) if sheet.pk else "",
        "by": str(sheet.updated_by or ""),
        "token": get_token(request),
        "answers": {entry.key: entry.was for entry in page.entries},
        "edits": {entry.key: _by(request, entry) for entry in page.entries if entry.edit},
        "problems": {entry.key: "" for entry in page.entries},
        "conflicts": {key: told(edit) for key, edit in (conflicts or {}).items()},
        "said": {},
        "progress": render_to_string("qmm/_case_sheet_progress_part.html", context),
    }


def _by(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    return {"name": entry.edit["name"], "when": entry.edit["when"], "mine": entry.edit["by"] == request.user.pk}
