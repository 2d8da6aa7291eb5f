"""Levels of other organizations' sites, by organization: only what a report may tell of them leaves this module."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Avg, F, QuerySet
from django.utils import timezone

from qmm.models import AREAS, Assessment, ConsensusScore, Establishment
from qmm.report.peers import FEWEST, Peers, spread_of
from qmm.report.validity import oldest_valid


def peers_of(site: Establishment, today: date | None = None) -> Peers:
    """Beside a site of a known owner; two queries, whatever their number.

    Rows of others are read without a reader's scope, and told as quartiles of five or more organizations.
    """
    today = today or timezone.localdate()
    if site.owner_id is None:
        return Peers(today)
    counting = assessments_counting(today).exclude(establishment__owner=site.owner_id)
    firms = list(by_firm(counting))
    if len(firms) < FEWEST:
        return Peers(today)
    areas = {area: spread_of(float(firm[area]) for firm in firms) for area in AREAS}
    elements = {code: spread_of(levels) for code, levels in element_levels(counting).items()}
    return Peers(
        today,
        len(firms),
        {code: spread for code, spread in areas.items() if spread},
        {code: spread for code, spread in elements.items() if spread},
    )


def assessments_counting(today: date) -> QuerySet[Assessment]:
    """Of each establishment that has an owner the latest one that is valid; of two on one day the lower."""
    mean: Any = sum((F(area) for area in AREAS[1:]), F(AREAS[0]))
    latest = (
        Assessment.objects.filter(voided_at=None, completed_on__range=(oldest_valid(today), today))
        .exclude(establishment__owner=None)
        .order_by("establishment_id", "-completed_on", mean)
        .distinct("establishment_id")
    )
    return Assessment.objects.filter(pk__in=latest.values("pk")).order_by()


def by_firm(counting: QuerySet[Assessment]) -> Any:
    """One row for each organization: {area: mean level}."""
    means = {f"{area}_mean": Avg(area) for area in AREAS}
    rows = counting.values("establishment__owner").annotate(**means)
    return [{area: Decimal(row[f"{area}_mean"]) for area in AREAS} for row in rows]


def element_levels(counting: QuerySet[Assessment]) -> dict[str, list[float]]:
    """Code -> one mean level for each organization, of assessments made in this program: those that were imported
    follow rubrics of their own."""
    rows = (
        ConsensusScore.objects.filter(case__assessment__in=counting.values("pk"), level__isnull=False)
        .order_by()
        .values_list("element", "case__assessment__establishment__owner")
        .annotate(mean=Avg("level"))
    )
    found: dict[str, list[float]] = {}
    for element, _, mean in rows:
        found.setdefault(element, []).append(float(mean))
    return found
