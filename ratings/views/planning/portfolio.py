"""The firm's whole portfolio: how its products stand, where their points go, what moved, and what would help most."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from qmm.queries.sight import grant_subjects
from ratings import plan_sentences
from ratings.figures import coverage, drug_name, points
from ratings.preview_sentences import portfolio_sentence
from ratings.queries.movers import grants_of, own_movers
from ratings.queries.portfolio import domain_losses
from ratings.queries.portfolio_plan import PortfolioPlan, Spread, portfolio_plan, spread
from ratings.queries.preview import preview_notes
from ratings.scoring import available_versions, load_methodology
from ratings.sentences import STEADY_SUPPLY
from ratings.views.chart_data import bands


@require_safe
@never_cache
def portfolio(request: HttpRequest) -> HttpResponse:
    found, losses, movers = spread(request.user), domain_losses(request.user), own_movers(request.user)
    audit.note_each(request, "viewed", grant_subjects(grants_of(movers)))
    previews = preview_notes(request.user, [*found.rated, *found.others])
    for head in [*found.rated, *found.others]:
        head.preview_note = previews.get(head.pk)
    context = {
        "preview_sentence": portfolio_sentence(len(previews)),
        "spread": found,
        "spread_sentence": plan_sentences.spread_sentence(found.rated, len(found.others)),
        "spread_chart": _spread_chart(found),
        "losses": losses,
        "losses_sentence": plan_sentences.losses_sentence(losses),
        "losses_chart": {"rows": [{"label": row.label, "value": round(row.loss, 1)} for row in losses]},
        "movers": movers,
        "movers_sentence": plan_sentences.movers_sentence(movers),
        "steady_supply": STEADY_SUPPLY,
    }
    return render(request, "ratings/plan/portfolio.html", context)


@require_safe
@never_cache
def portfolio_actions(request: HttpRequest) -> HttpResponse:
    """The part that takes computing: asks for itself again until it is done. A page of its own without htmx."""
    plan = portfolio_plan(request.user)
    audit.note_each(request, "viewed", grant_subjects(plan.site_grants))
    context = {"plan": plan, "sentence": plan_sentences.portfolio_sentence(plan), "losses": _costly(plan)}
    part = "_portfolio_actions_part" if request.headers.get("HX-Request") else "portfolio_actions"
    return render(request, f"ratings/plan/{part}.html", context)


def _costly(plan: PortfolioPlan) -> list[Any]:
    return [row for row in plan.losses if row.loss >= 0.05]


def _spread_chart(found: Spread) -> dict[str, Any]:
    methodology = load_methodology(available_versions()[-1])
    return {
        "floor": methodology.coverage.floor * 100,
        "bands": bands(methodology),
        "products": [
            {
                "score": head.score,
                "coverage": round((head.coverage or 0) * 100, 1),
                "band": head.band,
                "name": drug_name(str(head.product)),
                "text": f"{drug_name(str(head.product))} · {points(head.score)} · {coverage(head.coverage)} known",
            }
            for head in found.rated
        ],
    }
