"""The effect of an improvement plan on the scores of the owner's own products, as a part of the plan's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from qmm.queries.sight import grant_subjects
from qmm.views.plan import plan_case_or_404
from ratings.loaders import NoMethodologyError
from ratings.plan_effect_sentences import effect_sentence
from ratings.preview_sentences import published_aside
from ratings.queries.plan_effect import plan_effect as read_effect
from ratings.queries.preview import previews_of
from ratings.sentences import STEADY_SUPPLY

SHOWN = 50  # products


@require_safe
@never_cache
def plan_effect(request: HttpRequest, case: int) -> HttpResponse:
    """The whole page, or for htmx the part."""
    found, _ = plan_case_or_404(request, case)
    owner = found.establishment.owner
    is_own = owner is not None and owner == request.user.membership.organisation
    # Laboratories’, not Laboratories’s
    whose = "your" if is_own else f"{owner}’{'' if str(owner).endswith('s') else 's'}" if owner else "the owner’s"
    context: dict[str, Any] = {"case": found, "steady_supply": STEADY_SUPPLY}
    try:
        effect = read_effect(request.user, found)
    except NoMethodologyError:
        context["sentence"] = "No methodology is in force, so nothing can be scored."
    else:
        audit.note(request, "viewed", found, detail="the improvement plan’s effect on scores")
        audit.note_each(request, "viewed", grant_subjects(effect.site_grants))
        notes = previews_of(request.user, [row.product.pk for row in effect.rows[:SHOWN]])
        most = max((gain.total for gain in effect.gains), default=0.0) or 1.0
        context |= {
            "effect": effect,
            "sentence": effect_sentence(effect, whose),
            "rows": [(row, published_aside(notes.get(row.product.pk))) for row in effect.rows[:SHOWN]],
            "more": max(0, len(effect.rows) - SHOWN),
            "shows_synthetic": found.establishment.is_synthetic,
            "gains": [(gain, round(100 * gain.total / most, 1)) for gain in effect.gains if gain.products],
        }
    part = bool(request.headers.get("HX-Request"))
    return render(request, f"ratings/{'_plan_effect_part' if part else 'plan_effect'}.html", context)
