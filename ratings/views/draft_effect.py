"""The effect of a draft on the score, as a part of its review page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from qmm.queries.sight import grant_subjects
from ratings.preview_sentences import today_sentence
from ratings.queries.draft_effect import draft_effect as read_effect
from ratings.queries.preview import previews_of
from ratings.sentences import STEADY_SUPPLY
from ratings.worked_example.comparison import signed


@require_safe
@never_cache
def draft_effect(request: HttpRequest, draft: int) -> HttpResponse:
    effect = read_effect(request.user, draft)
    if effect is None:
        raise Http404
    audit.note(request, "viewed", effect.draft)
    audit.note_each(request, "viewed", grant_subjects(effect.site_grants))
    product = effect.draft.product_id
    before, after = effect.before.gates, effect.after.gates
    context = {
        "effect": effect,
        "methodology": effect.methodology,
        "steady_supply": STEADY_SUPPLY,
        "today_sentence": today_sentence(previews_of(request.user, [product]).get(product)),
        "change": "" if not effect.change else signed(effect.change),
        "rows": [(row, signed(row.change) if row.change and round(row.change, 1) else "") for row in effect.domains],
        "gates_new": [gate for gate in after if gate not in before],
        "gates_kept": [gate for gate in after if gate in before],
        "gates_lifted": [gate for gate in before if gate not in after],
        "shows_synthetic": effect.draft.product.is_synthetic,
    }
    part = bool(request.headers.get("HX-Request"))
    return render(request, f"ratings/{'_draft_effect_part' if part else 'draft_effect'}.html", context)
