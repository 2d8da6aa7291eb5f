"""The editor of the rubric's draft, one element at a time. It works without script."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dscr.moments import recent
from dscr.sheets import Change, Saved, UnreadableError, read_form
from qmm.models import Rubric
from qmm.queries.rubric import open_draft
from qmm.rubric import AREAS, field_of
from qmm.services.rubric import (
    DraftClosedError,
    DraftOpenError,
    draft_begin,
    draft_save,
    element_add,
    element_leave_out,
)
from qmm.views.rubric_sheet import sheet_of

CLOSED = "The draft was published or discarded meanwhile. Nothing was stored."
NO_DRAFT = "There is no draft. Begin one here."


def no_draft(request: HttpRequest) -> HttpResponse:
    messages.info(request, NO_DRAFT)
    return redirect("qmm:rubric-list")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rubric_draft(request: HttpRequest) -> HttpResponse:
    """?section= the element's code."""
    draft = open_draft(request.user, "edit_rubric")
    if draft is None:
        return no_draft(request)
    section = request.GET.get("section", "")
    return _save(request, draft, section) if request.method == "POST" else _page(request, draft, section)


def _page(
    request: HttpRequest,
    draft: Rubric,
    section: str,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
    problem: str = "",
) -> HttpResponse:
    context = {
        "draft": draft,
        "sheet": sheet_of(draft, section, typed, conflicts),
        "who": str(request.user.pk),
        "saved_at": recent(draft.updated_at),
        "areas": AREAS,
        "problem": problem,
    }
    status = 409 if conflicts else 400 if problem else 200
    return render(request, "qmm/rubric_draft.html", context, status=status)


def _save(request: HttpRequest, draft: Rubric, section: str) -> HttpResponse:
    """The ordinary Save button. What somebody else changed meanwhile comes back with both texts."""
    changes = read_form(request, is_key)
    changes.pop(request.POST.get("take", ""), None)
    try:
        saved = store(request, draft, request.POST.get("draft", ""), changes) if changes else Saved(0)
    except DraftClosedError:
        messages.warning(request, CLOSED)
        return redirect("qmm:rubric-draft")
    except UnreadableError as error:
        return _page(request, draft, section, {key: change.now for key, change in changes.items()}, problem=str(error))
    if saved.conflicts:
        now = open_draft(request.user, "edit_rubric") or draft
        return _page(request, now, section, {key: changes[key].now for key in saved.conflicts}, saved.conflicts)
    going = request.POST.get("go", "")
    if going == "review":
        return redirect("qmm:rubric-draft-review")
    return redirect(element_address(going or section))


def store(request: HttpRequest, draft: Rubric, seen: str, changes: Mapping[str, Change]) -> Saved:
    """`seen`: the draft that the sender's page showed. DraftClosedError where that is open no more."""
    if seen != str(draft.pk):
        raise DraftClosedError
    try:
        return draft_save(draft, user=request.user, changes=changes)
    except KeyError as error:
        raise UnreadableError(f"The draft has no text {error}.") from None
    except ValueError as error:
        raise UnreadableError(f"{error} Nothing was stored: shorten it.") from None


@require_POST
def rubric_draft_begin(request: HttpRequest) -> HttpResponse:
    try:
        draft_begin(user=request.user)
    except DraftOpenError as error:
        messages.info(request, str(error))
    return redirect("qmm:rubric-draft")


@require_POST
def rubric_draft_element(request: HttpRequest) -> HttpResponse:
    """Adds an element to a practice area (`add`: its prefix), leaves one out (`leave_out`) or puts it back."""
    draft = open_draft(request.user, "edit_rubric")
    if draft is None:
        return no_draft(request)
    try:
        if prefix := request.POST.get("add"):
            code = element_add(draft, prefix, user=request.user)
            messages.info(request, f"{code} was added. Write its texts below.")
        else:
            left_out = "leave_out" in request.POST
            code = request.POST.get("leave_out" if left_out else "put_back", "")
            element_leave_out(draft, code, user=request.user, left_out=left_out)
            messages.info(request, f"{code} is {'left out of' if left_out else 'back in'} the next version.")
    except (KeyError, DraftClosedError):
        messages.warning(request, "The draft has no such element or area any more. Nothing was changed.")
        return redirect("qmm:rubric-draft")
    return redirect(element_address(code))


def element_address(code: str) -> str:
    return f"{reverse('qmm:rubric-draft')}?section={code}" if code.isalnum() else reverse("qmm:rubric-draft")


def is_key(key: str) -> bool:
    try:
        field_of(key)
    except KeyError:
        return False
    return True
