"""What the script of a plan's draft asks (static/js/questionnaire.js): has it changed, and store these changes."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from qmm.models import AssessmentCase
from qmm.queries.plan import ground_of, plan_of
from qmm.queries.plan_page import draft_page
from qmm.scoring.changes import SOMEBODY_ELSE, clean, told
from qmm.services.plan import draft_save, may_draft
from qmm.services.rubric import Change, DraftClosedError
from qmm.views.plan import plan_case_or_404

CLOSED = "The plan was sent, or is not yours to write any more. What you typed stays in this browser only."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_plan_state(request: HttpRequest, case: int) -> HttpResponse:
    """GET ?draft=&version=: 204 where nothing is new. POST: {who, changes: {key: {was, now}}}. 409 with a sentence
    where the plan is not to be written any more, or the page's reader is another one now."""
    found, sides = plan_case_or_404(request, case)
    if not may_draft(found, sides):
        return JsonResponse({"closed": CLOSED}, status=409)
    if request.method == "POST":
        return _store(request, found)
    if request.GET.get("who") not in (None, str(request.user.pk)):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    plan = plan_of(found)
    seen = (request.GET.get("draft"), request.GET.get("version"))
    if "fresh" not in request.GET and seen == (str(plan.pk or 0), str(plan.revision)):
        return HttpResponse(status=204)
    return JsonResponse(_state(request, found))


def _store(request: HttpRequest, case: AssessmentCase) -> HttpResponse:
    try:
        body = json.loads(request.body)
        changes = {
            str(key): Change(clean(change["was"]), clean(change["now"])) for key, change in body["changes"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"problem": "The body is no change of a plan."}, status=400)
    if str(body.get("who")) != str(request.user.pk):
        return JsonResponse({"closed": SOMEBODY_ELSE}, status=409)
    try:
        saved = draft_save(case, user=request.user, changes=changes)
    except DraftClosedError:
        return JsonResponse({"closed": CLOSED}, status=409)
    except KeyError as error:
        return JsonResponse({"problem": f"The plan has no text {error}."}, status=400)
    except ValueError as error:
        return JsonResponse({"problem": f"{error} Nothing was stored: shorten it."}, status=400)
    return JsonResponse(_state(request, case, saved.conflicts))


def _state(
    request: HttpRequest, case: AssessmentCase, conflicts: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The whole draft as the script shows it; `said` and `progress` are HTML made here."""
    plan = plan_of(case)
    page = draft_page(plan, ground_of(case, request.user))
    edited = [entry for entry in page.entries if entry.edit]
    return {
        "draft": plan.pk or 0,
        "version": plan.revision,
        "saved": recent(plan.updated_at) if plan.pk else "",
        "by": str(plan.updated_by or ""),
        "token": get_token(request),
        "answers": {entry.key: entry.was for entry in page.entries},
        "edits": {
            entry.key: {
                "name": entry.edit["name"],
                "when": entry.edit["when"],
                "mine": entry.edit["by"] == request.user.pk,
            }
            for entry in edited
        },
        "problems": {entry.key: entry.problem for entry in page.entries},
        "conflicts": {key: told(edit) for key, edit in (conflicts or {}).items()},
        "said": {
            row.number: render_to_string("qmm/_plan_ladder_part.html", {"ladder": row.ladder}) for row in page.rows
        },
        "progress": render_to_string("qmm/_plan_progress_part.html", {"page": page, "case": case}),
    }
