"""What an address of the quarterly figures leads to, for this reader; 404 for anything out of scope."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from dscr import audit
from products.models import KpiDraft
from products.queries.quarters import QuarterlyFigures, quarterly_figures
from products.services.kpi_draft import draft_open


class NeedsCorrectionError(Exception):
    """The quarter is attested and nobody has begun to correct it."""


def figures_or_404(request: HttpRequest, ndc: str, quarter_end: date) -> QuarterlyFigures:
    figures = quarterly_figures(request.user, ndc, quarter_end)
    if figures is None:
        raise Http404
    return figures


def open_draft(request: HttpRequest, figures: QuarterlyFigures) -> KpiDraft:
    """The draft to write to, begun with the first change. NeedsCorrectionError where one must be asked for."""
    if figures.draft:
        return figures.draft
    if figures.attested:
        raise NeedsCorrectionError
    return draft_open(
        figures.product, organisation=figures.organisation, quarter_end=figures.quarter.ends_on, user=request.user
    )


def note_reading(request: HttpRequest, figures: QuarterlyFigures) -> None:
    if figures.draft:
        audit.note(request, "viewed", figures.draft)
    elif figures.attested:
        audit.note(request, "viewed", figures.attested)


def address(name: str, figures: QuarterlyFigures) -> str:
    return reverse(f"products:{name}", args=[figures.product.ndc, figures.quarter.ends_on])


def head(figures: QuarterlyFigures) -> dict[str, Any]:
    """What every page of one product and quarter shows."""
    return {
        "figures": figures,
        "product": figures.product,
        "quarter": figures.quarter,
        "draft": figures.draft,
        "shows_synthetic": figures.product.is_synthetic,
    }
