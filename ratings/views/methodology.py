"""How the score is made: every domain, indicator, band and gate of a methodology, with its definition and remedy."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ratings import figures, sentences
from ratings.figures import joined
from ratings.queries.explained import SHORT_STAGE_LABELS
from ratings.scoring import INDICATORS, MethodologyError, available_versions, load_methodology
from ratings.scoring.methodology import IndicatorRule, Methodology

# The answers of the methodology file as the product page words them.
ANSWERS = dict(zip(("none", "exists", "reviewed", "tested"), figures.PLAN_WORDS, strict=True)) | figures.EMERGENCY_WORDS


@require_safe
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
                (INDICATORS[rule.code], rule, unit_words(rule.code), scale_words(rule))
                for rule in methodology.indicators
                if rule.domain == domain.code
            ],
        )
        for domain in methodology.domains
    ]
    context = {
        "methodology": methodology,
        "domains": domains,
        "stage_weights": stage_weights(methodology),
        "bands": methodology.bands[::-1],
        "steady_supply": sentences.STEADY_SUPPLY,
    }
    return render(request, "ratings/methodology_detail.html", context)


@require_safe
def newest_methodology(request: HttpRequest) -> HttpResponse:
    return redirect("ratings:methodology-detail", version=available_versions()[-1])


def scale_words(rule: IndicatorRule) -> list[tuple[str, str]]:
    """(value, points) pairs in the words and units of the product page."""
    named = rule.answers or rule.ticks
    if named:
        return [(ANSWERS.get(word, word.replace("_", " ")), figures.plain(points)) for word, points in named.items()]
    value_of = figures.percent if is_share(rule.code) else figures.plain
    return [(value_of(value), figures.plain(points)) for value, points in rule.curve]


def unit_words(code: str) -> str:
    """A share is shown in percent, so its unit says so."""
    unit = INDICATORS[code].unit
    return unit.replace("share of", "percent of", 1) if is_share(code) else unit


def is_share(code: str) -> bool:
    return INDICATORS[code].unit.startswith("share of")


def stage_weights(methodology: Methodology) -> str:
    """API 35 %, finished dose 45 % and so on, by the names that the product page has."""
    weights = methodology.qmm.stage_weights.items()
    return joined([f"{_stage(stage)} {figures.percent(weight, 0)}" for stage, weight in weights])


def _stage(code: str) -> str:
    label = SHORT_STAGE_LABELS[code]
    return label if label.isupper() else label.lower()
