"""The steps after the report: store, set aside, attest. Storing and attesting are work for a worker."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from products.models import FiguresJob, WorkbookUpload
from products.services.figures_jobs import job_ask
from products.services.workbook import drafts_of, upload_discard, versions_of
from products.views.job_parts import asked_once
from products.views.workbook.detail import detail_page, standing_in_words, upload_for
from products.views.workbook.forms import AttestForm

State, Kind = WorkbookUpload.State, FiguresJob.Kind
KEEP, OVERWRITE, EACH = "keep", "overwrite", "each"
CHANGED = "Somebody changed an answer meanwhile. Nothing was stored; look at it again below."


@require_POST
def workbook_write(request: HttpRequest, upload: int) -> HttpResponse:
    found = upload_for(request, upload)
    if found.state != State.READY:
        messages.info(request, f"Nothing to store: the file is {found.get_state_display().lower()}.")
        return redirect("products:workbook-detail", upload=found.pk)
    choice = request.POST.get("conflicts", "")
    if any(part["conflicts"] for part in found.plan) and choice not in (KEEP, OVERWRITE, EACH):
        said = "Answers were typed after the template was made: choose whether to keep them or to overwrite them."
        return detail_page(request, found, status=422, wrong=[said])
    kept = {product: sorted(keys) for product, keys in _kept(request, found, choice).items()}
    job_ask(Kind.STORE, user=request.user, once=asked_once(request), asked={"keep": kept}, upload=found)
    return redirect("products:workbook-detail", upload=found.pk)


def _kept(request: HttpRequest, upload: WorkbookUpload, choice: str) -> dict[int, set[str]]:
    """Where the draft's answer stays: nothing is overwritten that nobody chose."""
    kept: dict[int, set[str]] = {}
    for part in upload.plan:
        for conflict in part["conflicts"]:
            takes_file = choice == OVERWRITE or (
                choice == EACH and f"take-{part['product']}-{conflict['key']}" in request.POST
            )
            if not takes_file:
                kept.setdefault(part["product"], set()).add(conflict["key"])
    return kept


@require_POST
def workbook_attest(request: HttpRequest, upload: int) -> HttpResponse:
    found = upload_for(request, upload)
    if found.state != State.WRITTEN:
        messages.info(request, f"Nothing to attest: the file is {found.get_state_display().lower()}.")
        return redirect("products:workbook-detail", upload=found.pk)
    form = AttestForm(request.POST)
    if not form.is_valid():
        wrong = [f"{form.fields[name].label}: {said}" for name, lines in form.errors.items() for said in lines]
        return detail_page(request, found, status=422, wrong=wrong, attest_form=form)
    given = form.cleaned_data
    if found.jobs.filter(state=FiguresJob.State.WAITING).exists():
        return redirect("products:workbook-detail", upload=found.pk)
    if versions_of(drafts_of(found)) != given["versions"]:
        return detail_page(request, found, status=409, wrong=[CHANGED])
    job_ask(
        Kind.ATTEST,
        user=request.user,
        once=asked_once(request),
        asked={"versions": given["versions"]},
        upload=found,
        name=given["name"],
        title=given["title"],
    )
    return redirect("products:workbook-detail", upload=found.pk)


@require_POST
def workbook_discard(request: HttpRequest, upload: int) -> HttpResponse:
    found = upload_for(request, upload)
    if not upload_discard(found, user=request.user):
        messages.info(request, f"It cannot be set aside: the file is {standing_in_words(found)}.")
        return redirect("products:workbook-detail", upload=found.pk)
    messages.info(request, f"“{found.file_name}” is set aside. Nothing of it was stored.")
    return redirect("products:workbook-start")
