"""The page of one methodology: every number is read from its file, every definition from the indicators."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ratings import sentences
from ratings.scoring import Methodology, MethodologyError, available_versions, load_methodology
from ratings.views.methodology import pictures, rules
from ratings.views.methodology.score import example_context, read_query
from ratings.views.methodology.sections import domain_sections


@require_safe
def methodology_detail(request: HttpRequest, version: str) -> HttpResponse:
    """Open to everyone signed in. The query is the worked example's setting; 400 if something in it is wrong."""
    methodology = methodology_or_404(version)
    setting = read_query(request, version)
    context = {
        "methodology": methodology,
        "versions": available_versions()[::-1],
        "domains": domain_sections(methodology),
        "heaviest": max(methodology.domains, key=lambda domain: domain.weight),
        "weights_chart": pictures.weights(methodology),
        "areas": rules.practice_areas(methodology),
        "levels": rules.levels(methodology),
        "stage_weights": rules.stage_weights(methodology),
        "stages": rules.stages(methodology),
        "coverage_chart": pictures.coverage(methodology),
        "pairs": rules.pairs(methodology),
        "mean_grid": pictures.mean_grid(methodology),
        "bands": rules.band_rows(methodology),
        "bands_chart": pictures.bands(methodology),
        "bands_sentence": rules.bands_sentence(methodology),
        "buffer_sentence": rules.buffer_sentence(methodology),
        "gates": rules.gate_rows(methodology),
        "example_address": request.get_full_path(),
        "steady_supply": sentences.STEADY_SUPPLY,
        **example_context(setting),
    }
    return render(request, "ratings/methodology_detail.html", context, status=400 if setting.errors else 200)


@require_safe
def newest_methodology(request: HttpRequest) -> HttpResponse:
    return redirect("ratings:methodology-detail", version=available_versions()[-1])


def methodology_or_404(version: str) -> Methodology:
    try:
        return load_methodology(version)
    except MethodologyError:
        raise Http404 from None
