"""How well assessors agree: for everybody without names, for the operator by pair and assessor, for each their own."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.audit.notes import note
from qmm import agreement_sentences as sentences
from qmm.agreement.drift import FEWEST
from qmm.models import AgreementFigure, AssessorDrift
from qmm.models.agreement import FEWEST_ASSESSORS
from qmm.queries.agreement import (
    calibration_drifts,
    drifts_of_everybody,
    names_of_groups,
    own_drifts,
    pairs_of,
    public_agreement,
)

PAGE = 50


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture of one figure: shares of its width, from 0 to 1, in percent."""

    value: float
    low: float | None
    width: float | None

    @classmethod
    def of(cls, figure: AgreementFigure) -> "Strip | None":
        if figure.alpha is None:
            return None
        low, high = figure.alpha_low, figure.alpha_high
        if low is None or high is None:
            return cls(_percent(figure.alpha), None, None)
        return cls(_percent(figure.alpha), _percent(low), _percent(high) - _percent(low))


def _percent(value: float) -> float:
    return round(100 * min(max(value, 0), 1), 1)


@require_safe
@never_cache
def agreement(request: HttpRequest) -> HttpResponse:
    """?cycle= a year, or "all"; this year where it is not said."""
    cycle = _cycle(request)
    found = public_agreement(cycle)
    context: dict[str, Any] = {
        "found": found,
        "this_year": timezone.localdate().year,
        "fewest": FEWEST,
        "fewest_assessors": FEWEST_ASSESSORS,
    }
    if found.overall is None:
        context["sentence"] = sentences.waiting(cycle, found.finished)
        return render(request, "qmm/agreement.html", context)
    names = names_of_groups()
    context |= {
        "sentence": sentences.overall(found.overall),
        "counted": sentences.counted(found.overall, found.finished),
        "strip": Strip.of(found.overall),
        "by_area": _lines(found.areas, names),
        "areas_sentence": sentences.weakest(found.areas, names, "practice area"),
        "by_element": _lines(found.elements, names),
        "elements_sentence": sentences.weakest(found.elements, names, "element"),
    }
    return render(request, "qmm/agreement.html", context)


@require_safe
@never_cache
def agreement_people(request: HttpRequest) -> HttpResponse:
    """?cycle= as above, ?page= of the pairs. Of whom it tells is noted in the audit."""
    cycle = _cycle(request, default=None)
    note(request, "viewed", "agreement of assessors", detail="all years" if cycle is None else str(cycle))
    drifts = drifts_of_everybody(request.user, cycle)
    page = Paginator(pairs_of(request.user, cycle), PAGE).get_page(request.GET.get("page"))
    context = {
        "cycle": cycle,
        "cycles": public_agreement(cycle).cycles,
        "drifts": _drift_lines(drifts),
        "notable": [row for row in drifts if sentences.is_notable(row)],
        "calibration": _drift_lines(calibration_drifts(request.user)),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "kept": f"cycle={cycle or 'all'}",
        "pairs": [(row, sentences.pair(row), Strip.of(row)) for row in page],
        "fewest": FEWEST,
    }
    return render(request, "qmm/agreement_people.html", context)


@require_safe
@never_cache
def agreement_own(request: HttpRequest) -> HttpResponse:
    rows = own_drifts(request.user)
    by_source = {
        source: [(row, sentences.drift(row, "You")) for row in rows if row.source == source]
        for source in AssessorDrift.Source.values
    }
    return render(request, "qmm/agreement_own.html", {**by_source, "fewest": FEWEST})


def _lines(rows: list[AgreementFigure], names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"figure": row, "name": names.get(row.code, row.code), "strip": Strip.of(row)} for row in rows]


def _drift_lines(rows: list[AssessorDrift]) -> list[tuple[AssessorDrift, str, bool]]:
    return [(row, sentences.drift(row, str(row.assessor)), sentences.is_notable(row)) for row in rows]


THIS_YEAR = 0


def _cycle(request: HttpRequest, default: int | None = THIS_YEAR) -> int | None:
    given = request.GET.get("cycle", "")
    if not given:
        return timezone.localdate().year if default == THIS_YEAR else default
    if given == "all":
        return None
    if len(given) == 4 and given.isascii() and given.isdecimal():
        return int(given)
    raise Http404
