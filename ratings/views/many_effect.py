"""What attesting many drafts would do to the scores: the sentence and the cells of their review page, or a page."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from products.drug_names import drug_name
from products.models import KpiDraft
from products.questionnaire import read_answers
from products.views.many_figures import chosen_drafts
from products.views.many_review import PART
from ratings.loaders import NoMethodologyError
from ratings.queries.figures_effect import Effect, Given, effect_sentence, figures_effects, with_previews
from ratings.sentences import STEADY_SUPPLY

Context = dict[str, Any]


@require_safe
@never_cache
def many_effect(request: HttpRequest) -> HttpResponse:
    """?draft=…&draft=… or ?all=yes, as the review page has them: its sentence, or with ?cells=yes its cells; to a
    reader without the script a page, whose table is whole with ?rows=all."""
    drafts = KpiDraft.objects.for_user(request.user, "attest_kpis").filter(
        pk__in=chosen_drafts(request), submission=None, discarded_at=None
    )
    found = list(drafts.select_related("product").defer("edits", "sources", "notes"))
    if not found:
        raise Http404
    audit.note_each(request, "viewed", found)
    try:
        effects = figures_effects(_given(found))
        sentence = effect_sentence(effects)
    except NoMethodologyError:
        effects, sentence = [], "It cannot be computed at present: no methodology is in force."
    shows_synthetic = any(draft.product.is_synthetic for draft in found)
    if "cells" in request.GET:
        newest = {draft.product_id: draft for draft in sorted(found, key=lambda draft: draft.quarter_end)}
        cells = [(newest[effect.product].pk, effect) for effect in with_previews(request.user, effects)]
        return render(request, "ratings/_many_cells_part.html", {"cells": cells})
    context = {"sentence": sentence, "steady_supply": STEADY_SUPPLY, "shows_synthetic": shows_synthetic}
    if request.headers.get("HX-Request"):
        return render(request, "ratings/_many_effect_part.html", context | {"query": request.GET.urlencode()})
    return render(request, "ratings/many_effect.html", context | effect_rows(request, effects))


def effect_rows(request: HttpRequest, effects: list[Effect], carried: Mapping[int, int] | None = None) -> Context:
    """The table of effects, changes of band first: a hundred rows, unless ?rows=all is asked for.

    carried: product id -> changes that its draft held before.
    """
    is_whole = request.GET.get("rows") == "all" or len(effects) <= PART
    shown = with_previews(request.user, effects if is_whole else effects[:PART])
    rest = request.GET.copy()
    rest["rows"] = "all"
    return {
        "rows": [(effect, (carried or {}).get(effect.product, 0)) for effect in shown],
        "count": len(effects),
        "all_url": "" if is_whole else f"{request.path}?{rest.urlencode()}",
    }


def _given(drafts: list[KpiDraft]) -> list[Given]:
    today = timezone.localdate()
    return [
        Given(
            draft.product_id,
            draft.product.display_ndc,
            drug_name(draft.product.nonproprietary_name or draft.product.proprietary_name),
            draft.quarter_end,
            read_answers(draft.answers, today).values,
        )
        for draft in drafts
    ]
