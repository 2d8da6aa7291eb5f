"""Adding, changing and taking out findings, and sending their files."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.intake.files import FileError
from dscr.texts import clean
from qmm.models import Finding, FindingFile
from qmm.queries.score_sheet import LARGEST
from qmm.scoring.sheet_views import element_address, own_or_404
from qmm.services.findings import FindingChangedError, Given, finding_add, finding_change, finding_remove
from qmm.services.scoring import ScoringClosedError, ScoringError


@require_POST
def finding_create(request: HttpRequest, case: int) -> HttpResponse:
    assignment, code = own_or_404(request, case), request.POST.get("element", "")
    try:
        finding_add(assignment, code, user=request.user, given=_given(request))
    except (ScoringError, ScoringClosedError, FileError) as error:
        return _refused(request, case, code, str(error))
    messages.success(request, f"The finding on {code} is kept.")
    return _done(request, case, code)


@require_POST
def finding_edit(request: HttpRequest, case: int, finding: int) -> HttpResponse:
    """New words, or with `remove` taken out."""
    assignment = own_or_404(request, case)
    rows = Finding.objects.for_user(request.user, "give_scores").filter(assignment=assignment, removed_at=None)
    found = get_object_or_404(rows, pk=finding) if finding <= LARGEST else None
    if found is None:
        raise Http404
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0
    try:
        if "remove" in request.POST:
            finding_remove(found, user=request.user, version=version)
        else:
            finding_change(found, user=request.user, version=version, given=_given(request))
    except FindingChangedError as error:
        # The script comes back with the present text beside the kept one.
        if request.headers.get("HX-Request"):
            return JsonResponse({"changed": True, "to": element_address(case, found.element)}, status=409)
        return _refused(request, case, found.element, str(error))
    except (ScoringError, ScoringClosedError, FileError) as error:
        return _refused(request, case, found.element, str(error))
    done = "is taken out; the database keeps it" if "remove" in request.POST else "is changed"
    messages.success(request, f"The finding on {found.element} {done}.")
    return _done(request, case, found.element)


@require_safe
@never_cache
def finding_file(request: HttpRequest, case: int, file: int) -> HttpResponseBase:
    """One's own, and once both have finished the other's."""
    if max(case, file) > LARGEST:
        raise Http404
    rows = FindingFile.objects.for_user(request.user, "read_scores").select_related("finding")
    found = get_object_or_404(rows, pk=file, finding__assignment__case=case)
    try:
        return evidence_response(request, found)
    except DamagedFileError:
        return render(request, "qmm/finding_file_damaged.html", {"file": found, "case": case}, status=409)


def _given(request: HttpRequest) -> Given:
    try:
        form = uuid.UUID(request.POST.get("form", ""))
    except ValueError:
        form = uuid.uuid4()
    return Given(
        kind=request.POST.get("kind", ""),
        text=clean(request.POST.get("text", "")),
        evidence=clean(request.POST.get("evidence", "")),
        files=request.FILES.getlist("files"),
        form=form,
    )


def _done(request: HttpRequest, case: int, code: str) -> HttpResponse:
    address = element_address(case, code)
    return JsonResponse({"to": address}) if request.headers.get("HX-Request") else redirect(address)


def _refused(request: HttpRequest, case: int, code: str, problem: str) -> HttpResponse:
    """The text stays in the browser (static/js/kept_text.js)."""
    if request.headers.get("HX-Request"):
        return JsonResponse({"problem": problem}, status=422)
    messages.warning(request, problem)
    return redirect(element_address(case, code if code.isalnum() else ""))
