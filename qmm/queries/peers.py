"""Levels of other organizations' sites, by organization: only what a report may tell of them leaves this module."""

from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, F, QuerySet
from django.utils import timezone

from qmm.models import AREAS, Assessment, ConsensusScore, Establishment
from qmm.report.peers import FEWEST, Peers, spread_of, told_as_of
from qmm.services.validity import expired_before

KEPT = 7_200  # seconds
# Owner -> code of area or element -> mean level of its sites.
Means = dict[int, dict[str, float]]


def peers_of(site: Establishment, today: date | None = None) -> Peers:
    """Beside a site of a known owner, as of the quarter's first day. Rows of others are read without a reader's scope,
    and told as quartiles of five or more organizations.

    The means of all organizations are kept: to read them anew from 25,000 assessments takes half a second, which a
    worker does every half hour.
    """
    as_of = told_as_of(today or timezone.localdate())
    if site.owner_id is None:
        return Peers(as_of)
    means: Means = cache.get(_key(as_of)) or means_keep(as_of)
    others = [levels for owner, levels in means.items() if owner != site.owner_id]
    if len(others) < FEWEST:
        return Peers(as_of)
    given: dict[str, list[float]] = {}
    for levels in others:
        for code, level in levels.items():
            given.setdefault(code, []).append(level)
    spreads = {code: spread for code, levels in given.items() if (spread := spread_of(levels))}
    areas = {code: spread for code, spread in spreads.items() if code in AREAS}
    elements = {code: spread for code, spread in spreads.items() if code not in AREAS}
    return Peers(as_of, len(others), areas, elements)


def means_keep(as_of: date) -> Means:
    means = means_by_owner(as_of)
    cache.set(_key(as_of), means, KEPT)
    return means


def _key(as_of: date) -> str:
    return f"qmm-peers:{as_of}"


def means_by_owner(today: date) -> Means:
    """Two queries, whatever there is. Elements are those of assessments made in this program: imported ones follow
    rubrics of their own."""
    counting = assessments_counting(today)
    found: Means = {}
    named = {f"{area}_mean": Avg(area) for area in AREAS}
    for row in counting.values("establishment__owner").annotate(**named):
        found[row["establishment__owner"]] = {area: float(row[f"{area}_mean"]) for area in AREAS}
    agreed = ConsensusScore.objects.filter(case__assessment__in=counting.values("pk"), level__isnull=False).order_by()
    by_element = agreed.values_list("case__assessment__establishment__owner", "element").annotate(mean=Avg("level"))
    for owner, element, mean in by_element:
        if owner in found:  # it may have come between the two queries
            found[owner][element] = float(mean)
    return found


def assessments_counting(today: date) -> QuerySet[Assessment]:
    """Of each establishment that has an owner the latest one that is valid; of two on one day the lower."""
    mean: Any = sum((F(area) for area in AREAS[1:]), F(AREAS[0]))
    latest = (
        Assessment.objects.filter(voided_at=None, completed_on__range=(expired_before(today), today))
        .exclude(establishment__owner=None)
        .order_by("establishment_id", "-completed_on", mean)
        .distinct("establishment_id")
    )
    return Assessment.objects.filter(pk__in=latest.values("pk")).order_by()
