"""The draft as a whole: what is missing, what changes, and its publication or end."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.access.scoping import may
from qmm.models import Rubric
from qmm.queries.rubric import open_draft
from qmm.rubric import differences, faults
from qmm.services.rubric import (
    LONGEST_NOTE,
    DraftClosedError,
    RevisionError,
    draft_discard,
    draft_publish,
    next_version,
    refusal,
)
from qmm.views.rubric_draft import CLOSED, no_draft

CHANGED = "The draft was changed after you opened this page. Look at the changes below, then publish."


@require_safe
@never_cache
def rubric_draft_review(request: HttpRequest) -> HttpResponse:
    draft = open_draft(request.user, "read_rubric_draft")
    return no_draft(request) if draft is None else _review(request, draft)


def _review(request: HttpRequest, draft: Rubric, note: str = "", problem: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "draft": draft,
        "faults": faults(draft.kept_texts),
        "changes": differences(draft.based_on.texts, draft.kept_texts),
        "next_version": next_version(),
        "may_edit": may(request.user, "edit_rubric"),
        "note": note,
        "problem": problem,
        "longest_note": LONGEST_NOTE,
    }
    return render(request, "qmm/rubric_review.html", context, status=400 if problem else 200)


@require_POST
def rubric_draft_publish(request: HttpRequest) -> HttpResponse:
    """Asks once more, naming what follows; `confirmed` publishes."""
    draft = open_draft(request.user, "edit_rubric")
    if draft is None:
        return no_draft(request)
    note = request.POST.get("note", "").replace("\0", "").strip()
    sent = request.POST.get("revision", "")
    revision = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0
    if "confirmed" not in request.POST:
        return _confirm(request, draft, note, revision)
    try:
        published = draft_publish(draft, user=request.user, note=note, revision=revision)
    except DraftClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:rubric-list")
    except RevisionError:
        return _review(request, draft, note, CHANGED)
    except ValidationError as error:
        return _review(request, draft, note, " ".join(error.messages))
    messages.success(request, f"Version {published.version} is in force. New assessments use it.")
    return redirect("qmm:rubric-detail", published.version)


def _confirm(request: HttpRequest, draft: Rubric, note: str, revision: int) -> HttpResponse:
    problem = CHANGED if revision != draft.revision else refusal(draft.based_on, draft.kept_texts, note)
    if problem:
        return _review(request, draft, note, problem)
    changes = differences(draft.based_on.texts, draft.kept_texts)
    context = {"draft": draft, "note": note, "changes": changes, "next_version": next_version()}
    return render(request, "qmm/rubric_publish.html", context)


@require_POST
def rubric_draft_discard(request: HttpRequest) -> HttpResponse:
    draft = open_draft(request.user, "edit_rubric")
    if draft is None:
        return no_draft(request)
    try:
        draft_discard(draft, user=request.user)
    except DraftClosedError:
        messages.warning(request, CLOSED)
    else:
        messages.info(request, "The draft was discarded. The version in force stays as it is.")
    return redirect("qmm:rubric-list")
