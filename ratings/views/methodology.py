"""How the score is made: every domain, indicator, band and gate of a methodology, with its definition and remedy."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dscr.access.rules import signed_in
from ratings import figures, sentences
from ratings.scoring import INDICATORS, MethodologyError, available_versions, load_methodology
from ratings.scoring.methodology import IndicatorRule


@require_safe
@signed_in
def methodology_detail(request: HttpRequest, version: str) -> HttpResponse:
    """The published method is open to everyone who may sign in."""
    try:
        methodology = load_methodology(version)
    except MethodologyError:
        raise Http404 from None
    domains = [
        (
            domain,
            [
                (INDICATORS[rule.code], rule, scale_words(rule))
                for rule in methodology.indicators
                if rule.domain == domain.code
            ],
        )
        for domain in methodology.domains
    ]
    context = {
        "methodology": methodology,
        "domains": domains,
        "bands": methodology.bands[::-1],
        "steady_supply": sentences.STEADY_SUPPLY,
    }
    return render(request, "ratings/methodology_detail.html", context)


@require_safe
@signed_in
def newest_methodology(request: HttpRequest) -> HttpResponse:
    return redirect("ratings:methodology-detail", version=available_versions()[-1])


def scale_words(rule: IndicatorRule) -> list[tuple[str, str]]:
    """(value, points) pairs as a reader writes them."""
    named = rule.answers or rule.ticks
    if named:
        return [(word.replace("_", " "), figures.plain(points)) for word, points in named.items()]
    return [(figures.plain(value), figures.plain(points)) for value, points in rule.curve]
