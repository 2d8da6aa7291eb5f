"""What attesting many drafts would do to the scores: the sentence and the cells of their review page, or a page."""

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
from ratings.loaders import NoMethodologyError
from ratings.queries.figures_effect import Given, effect_sentence, figures_effects, with_previews
from ratings.sentences import STEADY_SUPPLY


@require_safe
@never_cache
def many_effect(request: HttpRequest) -> HttpResponse:
    """?draft=…&draft=… as the review page has them."""
    drafts = KpiDraft.objects.for_user(request.user, "attest_kpis").filter(
        pk__in=chosen_drafts(request), submission=None, discarded_at=None
    )
    found = list(drafts.select_related("product"))
    if not found:
        raise Http404
    audit.note_each(request, "viewed", found)
    today = timezone.localdate()
    given = [
        Given(
            draft.product_id,
            draft.product.display_ndc,
            drug_name(draft.product.nonproprietary_name or draft.product.proprietary_name),
            draft.quarter_end,
            read_answers(draft.answers, today).values,
        )
        for draft in found
    ]
    try:
        effects = with_previews(request.user, figures_effects(given))
        sentence = effect_sentence(effects)
    except NoMethodologyError:
        effects, sentence = [], "It cannot be computed at present: no methodology is in force."
    newest = {draft.product_id: draft for draft in sorted(found, key=lambda draft: draft.quarter_end)}
    context = {
        "effects": effects,
        "rows": [(effect, 0) for effect in effects],
        "sentence": sentence,
        "steady_supply": STEADY_SUPPLY,
        "cells": [(newest[effect.product].pk, effect) for effect in effects],
        "shows_synthetic": any(draft.product.is_synthetic for draft in found),
    }
    part = bool(request.headers.get("HX-Request"))
    return render(request, f"ratings/{'_many_effect_part' if part else 'many_effect'}.html", context)
