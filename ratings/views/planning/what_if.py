"""A product with its figures free to be moved by its maker. Nothing is saved but by name (scenarios.py)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from qmm.queries.sight import grant_subjects
from ratings import preview_sentences, sentences
from ratings.queries.plan import Planned, own_product, planned, scenarios
from ratings.queries.preview import previews_of
from ratings.views.methodology.form import blocks
from ratings.views.methodology.score import losses_chart
from ratings.worked_example.comparison import compare
from ratings.worked_example.settings import Setting, setting_of


def planned_or_404(request: HttpRequest, ndc: str) -> Planned:
    product = own_product(request.user, ndc)
    if product is None:
        raise Http404
    return planned(request.user, [product])


@require_safe
@never_cache
def what_if(request: HttpRequest, ndc: str) -> HttpResponse:
    """The query is the setting; 400 if something in it is wrong."""
    plan = planned_or_404(request, ndc)
    audit.note(request, "viewed", plan.product, detail="figures")
    audit.note_each(request, "viewed", grant_subjects(plan.site_grants))
    context: dict[str, Any] = {"product": plan.product, "ndc": ndc, "planned": plan}
    if plan.standing_label:
        return render(request, "ratings/plan/what_if.html", context)
    setting = setting_of(plan.example(), request.GET.dict())
    context |= setting_context(setting, ndc) | {"scenarios": scenarios(request.user, plan.product)}
    note = previews_of(request.user, [plan.product.pk]).get(plan.product.pk)
    context["today_sentence"] = preview_sentences.today_sentence(note)
    return render(request, "ratings/plan/what_if.html", context, status=400 if setting.errors else 200)


@require_safe
@never_cache
def what_if_score(request: HttpRequest, ndc: str) -> HttpResponse:
    """The setting in the query, scored: what the page shows of it, and the address that reproduces it."""
    plan = planned_or_404(request, ndc)
    if plan.standing_label:
        raise Http404
    setting = setting_of(plan.example(), request.GET.dict())
    context = setting_context(setting, ndc)
    html = render_to_string("ratings/plan/_result_part.html", context, request)
    if setting.errors:
        return JsonResponse({"errors": setting.errors, "html": html}, status=400)
    comparison = context["comparison"]
    answer = {
        "sentence": comparison.sentence,
        "shown": comparison.shown,
        "address": address(setting, ndc),
        "errors": {},
        "html": html,
    }
    return JsonResponse(answer)


def address(setting: Setting, ndc: str) -> str:
    path = reverse("ratings:what-if", args=[ndc])
    return f"{path}?{setting.query}" if setting.query else path


def setting_context(setting: Setting, ndc: str) -> dict[str, Any]:
    """What the form and its result show; no comparison while something in the setting is wrong."""
    comparison = None if setting.errors else compare(setting)
    return {
        "ndc": ndc,
        "setting": setting,
        "comparison": comparison,
        "methodology": comparison and comparison.methodology,
        "blocks": blocks(setting, comparison),
        "losses_chart": comparison and losses_chart(comparison),
        "error_list": list(setting.errors.items()),
        "steady_supply": sentences.STEADY_SUPPLY,
    }
