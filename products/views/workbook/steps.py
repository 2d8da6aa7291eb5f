"""The steps after the report: store, set aside, attest."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dscr.celery import send
from products.models import WorkbookUpload
from products.services.workbook import (
    MeanwhileChangedError,
    NotAttestableError,
    upload_attest,
    upload_discard,
    upload_write,
)
from products.tasks import check_workbooks
from products.views.workbook.detail import detail_page, upload_for
from products.views.workbook.forms import AttestForm

State = WorkbookUpload.State
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
    try:
        count = upload_write(found, user=request.user, keep=_kept(request, found, choice))
    except MeanwhileChangedError:
        transaction.on_commit(lambda: send(check_workbooks, unless_waiting=5), robust=True)
        messages.info(request, "Somebody changed an answer meanwhile. Nothing was stored; the file is checked again.")
    else:
        messages.info(request, f"Stored as {count} draft{'' if count == 1 else 's'}. They count once attested.")
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
    try:
        count = upload_attest(
            found, user=request.user, name=given["name"], title=given["title"], versions=given["versions"]
        )
    except NotAttestableError as error:
        wrong = ["Nothing was attested: all products of the file go together.", *error.reasons[:50]]
        return detail_page(request, found, status=422, wrong=wrong)
    except MeanwhileChangedError:
        return detail_page(request, found, status=409, wrong=[CHANGED])
    messages.info(request, f"Attested {count} product{'' if count == 1 else 's'}. The scores follow within a second.")
    return redirect("products:workbook-detail", upload=found.pk)


@require_POST
def workbook_discard(request: HttpRequest, upload: int) -> HttpResponse:
    found = upload_for(request, upload)
    upload_discard(found, user=request.user)
    messages.info(request, f"“{found.file_name}” is set aside. Nothing of it was stored.")
    return redirect("products:workbook-start")
