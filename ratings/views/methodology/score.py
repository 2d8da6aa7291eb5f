"""The worked example's answer to a changed input: scored here, never in the browser."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from ratings import sentences
from ratings.scoring import available_versions
from ratings.views.methodology.form import blocks
from ratings.worked_example.comparison import compare, published
from ratings.worked_example.settings import LETTERS, Setting, read_setting


@require_safe
def methodology_score(request: HttpRequest, version: str) -> HttpResponse:
    """The setting in the query, scored: `example` and `rating` as `score_portfolio --format json` prints them,
    `change`, the `address` that reproduces it, and what the page shows of it. 400 with `errors` by input."""
    if version not in available_versions():
        return JsonResponse({"errors": {"": f"There is no methodology {version[:20]}."}}, status=404)
    setting = read_query(request, version)
    context = example_context(setting)
    html = render_to_string("ratings/method/_result_part.html", context, request)
    if setting.errors:
        return JsonResponse({"errors": setting.errors, "html": html}, status=400)
    comparison = context["comparison"]
    answer = {
        "example": comparison.before,
        "rating": comparison.after,
        "change": comparison.change,
        "sentence": comparison.sentence,
        "shown": comparison.shown,
        "address": address(setting),
        "errors": {},
        "html": html,
    }
    return JsonResponse(answer)


def read_query(request: HttpRequest, version: str) -> Setting:
    return read_setting(version, request.GET.dict())


def address(setting: Setting) -> str:
    """The page with this setting, as one may send it to a colleague."""
    return f"{reverse('ratings:methodology-detail', args=[setting.example.version])}?{setting.query}#example"


def example_context(setting: Setting) -> dict[str, Any]:
    """What the form and its result show; no comparison while something in the setting is wrong."""
    comparison = None if setting.errors else compare(setting)
    return {
        "setting": setting,
        "products": list(zip(LETTERS, (rating["score"] for rating in published(setting.example.version)), strict=True)),
        "comparison": comparison,
        "blocks": blocks(setting, comparison),
        "losses_chart": comparison and losses_chart(comparison),
        "error_list": list(setting.errors.items()),
        "steady_supply": sentences.STEADY_SUPPLY,
    }


def losses_chart(comparison: Any) -> dict[str, Any]:
    return {
        "moved": comparison.is_moved,
        "rows": [{"label": row.label, "before": row.before, "after": row.after} for row in comparison.losses],
    }
