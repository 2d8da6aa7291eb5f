"""The review of a questionnaire, and the attestation that makes it count."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.access.forms import Asking
from dscr.access.roles import Role
from dscr.access.scoping import may
from dscr.moments import recent
from products.queries.first_steps import lacks_supply
from products.queries.quarters import QuarterlyFigures, may_enter
from products.services.kpi_draft import DraftClosedError, VersionError
from products.services.kpi_submission import STATEMENT, NotCompleteError, NotEnrolledError, submission_attest
from products.views.reached import address, figures_or_404, head, note_reading
from products.views.sheet import Sheet, sheet_of


class AttestationForm(Asking):
    """Who attests, as what, and the version of the draft that was read."""

    name = forms.CharField(label="Your full name", max_length=200, error_messages={"required": "Give your full name."})
    title = forms.CharField(
        label="Your title",
        max_length=200,
        help_text="Such as Vice President, Supply Chain.",
        error_messages={"required": "Give your title."},
    )
    agrees = forms.BooleanField(
        label="I attest to this statement.",
        error_messages={"required": "Tick the box to attest to the statement."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, style in (("name", "usa-input"), ("title", "usa-input"), ("agrees", "usa-checkbox__input")):
            self.fields[name].widget.attrs["class"] = style


@require_safe
@never_cache
def kpi_draft_review(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    figures = figures_or_404(request, ndc, quarter_end)
    if figures.draft is None:
        if figures.attested:
            return redirect("products:kpi-submission", figures.product.ndc, figures.attested.pk)
        if may_enter(request.user):
            return redirect(address("kpi-draft", figures))
        raise Http404
    note_reading(request, figures)
    form = AttestationForm(initial={"name": request.user.full_name, "version": figures.draft.version})
    return _page(request, figures, sheet_of(figures, timezone.localdate()), form)


@require_POST
@never_cache
def kpi_draft_attest(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    figures = figures_or_404(request, ndc, quarter_end)
    if figures.draft is None:
        messages.warning(request, "There is no open draft: it was attested or discarded meanwhile.")
        return redirect("products:kpi-submission-list", ndc)
    form = AttestationForm(request.POST)
    if form.is_valid():
        try:
            submission = submission_attest(
                figures.draft,
                user=request.user,
                name=form.cleaned_data["name"],
                title=form.cleaned_data["title"],
                version=form.cleaned_data["version"],
            )
        except NotCompleteError:
            form.add_error(None, "Some questions are open. Answer them, or answer them with “not disclosed”.")
        except NotEnrolledError:
            form.add_error(None, "The product is not enrolled by your organization today, so its figures cannot count.")
        except VersionError:
            form.add_error(None, _changed_meanwhile(figures))
            form.data = _to_be_read_again(form, figures.draft.version)
        except DraftClosedError:
            return redirect("products:kpi-submission-list", ndc)
        else:
            follows = render_to_string("products/_results_follow_part.html").strip()
            messages.success(request, f"Attested. The figures of {figures.quarter.name} count from now on. {follows}")
            return redirect("products:kpi-submission", ndc, submission.pk)
    return _page(request, figures, sheet_of(figures, timezone.localdate()), form, status=422)


def _to_be_read_again(form: AttestationForm, version: int) -> Any:
    """What was typed, with the version that the page shows now and without the tick."""
    data = form.data.copy()
    data["version"] = version
    data.pop("agrees", None)
    return data


def _changed_meanwhile(figures: QuarterlyFigures) -> str:
    return (
        f"{figures.draft.updated_by} changed the draft since you opened this page "
        f"({recent(figures.draft.updated_at)}). Read the answers again, then attest."
    )


def _page(
    request: HttpRequest, figures: QuarterlyFigures, sheet: Sheet, form: AttestationForm, status: int = 200
) -> HttpResponse:
    context = head(figures) | {
        "sheet": sheet,
        "form": form,
        "statement": STATEMENT,
        "may_enter": may_enter(request.user),
        "lacks_supply": may(request.user, "edit_supply") and lacks_supply(figures.product),
        "may_attest": may(request.user, "attest_kpis"),
        "attests_elsewhere": _other_role(request, figures),
        "changed_at": recent(figures.draft.updated_at),
    }
    return render(request, "products/kpi_draft_review.html", context, status=status)


def _other_role(request: HttpRequest, figures: QuarterlyFigures) -> Any:
    """The reader's membership as attestor of the same firm, where another one is active now."""
    if may(request.user, "attest_kpis") or not may_enter(request.user):
        return None
    held = request.user.memberships_today
    return next((m for m in held if m.role == Role.ATTESTOR and m.organisation == figures.organisation), None)
