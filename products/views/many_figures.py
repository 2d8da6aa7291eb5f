"""Many products at once: one review and one attestation of complete drafts, last figures into empty ones, and the
progress of either."""

import re
from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr import audit
from dscr.access.scoping import may
from products.models import FiguresJob, KpiDraft
from products.queries.kpi_list import kpi_rows
from products.queries.many_figures import copyable, many_figures
from products.questionnaire import read_answers
from products.services.figures_jobs import job_ask
from products.services.kpi_submission import STATEMENT
from products.views.job_parts import asked_once, job_context, new_once
from products.views.many_review import Part, Reviewed, drafts_query, parts_of
from products.views.workbook.forms import AttestForm

MOST = 1_000  # drafts in one review
LARGEST = 2**63 - 1  # of an id; the database refuses more
READ = re.compile(r"(\d{1,18}):(\d{1,9})")


class AttestManyForm(AttestForm):
    """`versions`: which drafts were read, and as what version of each: "12:3 15:1"."""

    versions = forms.CharField(widget=forms.HiddenInput, max_length=MOST * 30)

    def clean_versions(self) -> dict[int, int]:
        found = READ.findall(self.cleaned_data["versions"])
        if not found or len(found) > MOST:
            raise forms.ValidationError(f"Choose between 1 and {MOST:,} products.")
        return {int(pk): int(version) for pk, version in found}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def kpi_many_attest(request: HttpRequest) -> HttpResponse:
    """GET ?draft=…&draft=… for those chosen, or ?all=yes for all that are complete. POST attests what was read."""
    if request.method == "POST":
        return _attest(request)
    chosen = chosen_drafts(request)
    if not chosen:
        messages.warning(request, "Choose at least one product whose draft is complete.")
        return redirect("products:kpi-list")
    return _review(request, _reviewed(request, chosen))


@require_safe
@never_cache
def kpi_many_rows(request: HttpRequest) -> HttpResponse:
    """One more part of the review, ?draft=… as its button has them."""
    rows = [row for row in _reviewed(request, chosen_drafts(request)) if not row.hindrance]
    audit.note_each(request, "viewed", [row.draft for row in rows])
    part = Part(1, len(rows), rows)
    return render(request, "products/_many_rows_part.html", {"part": part, "takes_focus": True})


def chosen_drafts(request: HttpRequest) -> list[int]:
    """Ids as asked for, in nobody's scope yet; of all, those that await attestation."""
    if "all" in request.GET:
        return [row.draft for row in kpi_rows(request.user) if row.awaits and row.draft][:MOST]
    given = [text for text in request.GET.getlist("draft") if text.isascii() and text.isdecimal() and len(text) < 19]
    return [int(text) for text in given][:MOST]


def _reviewed(request: HttpRequest, drafts: list[int]) -> list[Reviewed]:
    today = timezone.localdate()
    found = [
        Reviewed(figures, read_answers(figures.draft.answers, today)) for figures in many_figures(request.user, drafts)
    ]
    if not found:
        raise Http404
    return found


def _review(
    request: HttpRequest,
    rows: list[Reviewed],
    *,
    form: AttestManyForm | None = None,
    wrong: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Lists the first part; the form attests all that are ready, as they were read for this page."""
    ready, left_out = [row for row in rows if not row.hindrance], [row for row in rows if row.hindrance]
    first, *later = parts_of(ready) or [Part(0, 0, [])]
    audit.note_each(request, "viewed", [row.draft for row in (*left_out, *first.rows)])
    versions = " ".join(f"{row.draft.pk}:{row.draft.version}" for row in ready)
    if form is None:
        form = AttestManyForm(initial={"name": request.user.full_name, "versions": versions})
    context = {
        "ready": ready,
        "part": first,
        "later": later,
        "left_out": left_out,
        "doubted": sum(row.is_doubted for row in ready),
        "changed": sum(row.is_changed for row in ready),
        "same": sum(bool(row.figures.compared) and not row.is_changed for row in ready),
        "form": form,
        "once": new_once(),
        "wrong": wrong or [],
        "statement": STATEMENT,
        "effect_query": drafts_query([row.draft.pk for row in ready]),
        "shows_synthetic": any(row.figures.product.is_synthetic for row in rows),
    }
    return render(request, "products/kpi_many_attest.html", context, status=status)


def _attest(request: HttpRequest) -> HttpResponse:
    once = asked_once(request)
    form = AttestManyForm(request.POST)
    is_valid = form.is_valid()
    read: Mapping[int, int] = form.cleaned_data.get("versions") or {}
    if not read:
        messages.warning(request, "Choose the products again; nothing was attested.")
        return redirect("products:kpi-list")
    if job := FiguresJob.objects.for_user(request.user, "attest_kpis").filter(once=once).first():
        return redirect("products:kpi-job", job.pk)
    if not is_valid:
        wrong = [f"{form.fields[name].label}: {said}" for name, lines in form.errors.items() for said in lines]
        return _review(request, _reviewed(request, list(read)), form=form, wrong=wrong, status=422)
    changed = _changed(request, read)
    if changed:
        return _review(
            request, _reviewed(request, list(read)), form=_read_again(request, form, read), wrong=changed, status=409
        )
    given = form.cleaned_data
    job = job_ask(
        FiguresJob.Kind.ATTEST,
        user=request.user,
        once=once,
        asked={"drafts": sorted(read.items())},
        name=given["name"],
        title=given["title"],
    )
    return redirect("products:kpi-job", job.pk)


def _changed(request: HttpRequest, read: Mapping[int, int]) -> list[str]:
    """A sentence for each draft that is not as it was read. Http404 where none of them is the reader's."""
    drafts = KpiDraft.objects.for_user(request.user, "attest_kpis").filter(pk__in=read)
    found = list(drafts.select_related("product", "updated_by").defer("answers", "notes", "sources", "edits"))
    if len(found) < len(read):
        raise Http404
    said = []
    for draft in found:
        if not draft.is_open:
            said.append(f"{draft.product.display_ndc} was attested or its draft discarded meanwhile.")
        elif draft.version != read[draft.pk]:
            said.append(
                f"{draft.product.display_ndc} was changed by {draft.updated_by or 'somebody'} after you read it."
            )
    return ["Nothing was attested. Read these again, then attest:", *said] if said else []


def _read_again(request: HttpRequest, form: AttestManyForm, read: Mapping[int, int]) -> AttestManyForm:
    """What was typed, without the tick, resting on what the page shows now."""
    shown = KpiDraft.objects.for_user(request.user, "attest_kpis").filter(
        pk__in=read, submission=None, discarded_at=None
    )
    versions = " ".join(f"{pk}:{version}" for pk, version in shown.values_list("pk", "version"))
    return AttestManyForm(
        initial={"name": form.cleaned_data["name"], "title": form.cleaned_data["title"], "versions": versions}
    )


@require_POST
def kpi_many_copy(request: HttpRequest) -> HttpResponse:
    """Last figures into all drafts that are owed and empty. Nothing typed is touched, and nothing counts by it."""
    found = copyable(request.user, kpi_rows(request.user))
    if not found:
        messages.info(request, "No empty draft is left that earlier figures could fill.")
        return redirect("products:kpi-list")
    asked = {"drafts": [item.as_asked for item in found]}
    job = job_ask(FiguresJob.Kind.COPY, user=request.user, once=asked_once(request), asked=asked)
    return redirect("products:kpi-job", job.pk)


@require_safe
@never_cache
def kpi_job(request: HttpRequest, job: int) -> HttpResponse:
    found = _job_or_404(request, job)
    if found.upload_id:
        return redirect("products:workbook-detail", upload=found.upload_id)
    context = job_context(found) | {"may_attest": may(request.user, "attest_kpis")}
    if found.kind == FiguresJob.Kind.ATTEST and found.state == FiguresJob.State.DONE:
        drafts = KpiDraft.objects.filter(pk__in=[pk for pk, _ in found.asked["drafts"]])
        context["attested"] = drafts.select_related("product").order_by("product__nonproprietary_name", "product__ndc")
    elif found.kind == FiguresJob.Kind.ATTEST:
        context["again_query"] = drafts_query([pk for pk, _ in found.asked["drafts"]])
    return render(request, "products/kpi_job.html", context)


@require_safe
@never_cache
def kpi_job_progress(request: HttpRequest, job: int) -> HttpResponse:
    """Asked every second; once it has ended, the page is fetched anew."""
    found = _job_or_404(request, job)
    if not found.is_under_way:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "products/_job_progress_part.html", job_context(found))


def _job_or_404(request: HttpRequest, pk: int) -> FiguresJob:
    if pk > LARGEST:
        raise Http404
    jobs = FiguresJob.objects.for_user(request.user, "enter_kpis").select_related("asked_by")
    return get_object_or_404(jobs, pk=pk)
