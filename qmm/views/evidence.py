"""Dated evidence on an establishment that is shown and never scored: entering it, its files, and voiding it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.intake.files import FileError
from qmm.forms import EvidenceForm
from qmm.models import SiteEvidence, SiteEvidenceFile
from qmm.services.site_evidence import NOT_YOURS, evidence_of, evidence_record, evidence_take_back, may_void
from qmm.views.owner import LARGEST, site_for


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def evidence_create(request: HttpRequest, pk: int) -> HttpResponse:
    site = site_for(request, pk, "record_evidence")
    evidence = evidence_of(site, user=request.user)
    form = EvidenceForm(request.POST if request.method == "POST" else None, instance=evidence)
    if request.method == "POST" and form.is_valid():
        try:
            evidence_record(form.save(commit=False), request.FILES.getlist("file"), user=request.user)
        except FileError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Recorded: {form.instance}. It is shown and counts in no score.")
            return redirect("ratings:establishment-detail", pk=site.pk)
    return render(request, "qmm/evidence_create.html", {"site": site, "form": form})


@require_POST
def evidence_void(request: HttpRequest, evidence: int) -> HttpResponse:
    rows = SiteEvidence.objects.for_user(request.user, "record_evidence").filter(voided_at=None)
    found = get_object_or_404(rows, pk=min(evidence, LARGEST))
    if not may_void(request.user, found):
        messages.error(request, NOT_YOURS)
        return redirect("ratings:establishment-detail", pk=found.establishment_id)
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:300]
    if not reason:
        messages.error(request, "Say why it is voided. Nothing was changed.")
    else:
        evidence_take_back(found, reason=reason)
        messages.success(request, f"Voided: {found}.")
    return redirect("ratings:establishment-detail", pk=found.establishment_id)


@require_safe
def evidence_file(request: HttpRequest, evidence_file: int) -> HttpResponseBase:
    rows = SiteEvidenceFile.objects.for_user(request.user, "read_site_evidence").select_related("evidence")
    found = get_object_or_404(rows, pk=min(evidence_file, LARGEST))
    try:
        return evidence_response(request, found)
    except DamagedFileError:
        return render(request, "qmm/evidence_damaged.html", {"file": found, "pk": found.evidence.establishment_id})
