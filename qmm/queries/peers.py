"""Levels of other organizations' sites, by organization: only what a report may tell of them leaves this module."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Avg, F, QuerySet
from django.utils import timezone

from qmm.models import AREAS, Assessment, ConsensusScore, Establishment, PeerTelling
from qmm.report.peers import FEWEST, Peers, spread_of, told_as_of
from qmm.services.validity import expired_before

KEPT = 7_200  # seconds
LOCK = 1_807_045  # of this database, beside those of other jobs


@dataclass(frozen=True, slots=True)
class Mean:
    """Of one organization's sites; `of`: the assessments that it is the mean of."""

    level: float
    of: tuple[int, ...]


# Code of area or element -> owner -> its mean.
Means = dict[str, dict[int, Mean]]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one area or element."""

    as_of: date
    levels: dict[int, float]  # by owner


def peers_of(site: Establishment, today: date | None = None) -> Peers:
    """Beside a site of a known owner, as they were last told. Rows of others are read without a reader's scope, and
    told as quartiles of five or more organizations.

    What is told is kept: to read it anew from 25,000 assessments takes half a second, which a worker does every half
    hour.
    """
    as_of = told_as_of(today or timezone.localdate())
    if site.owner_id is None:
        return Peers(as_of)
    told: dict[str, Told] = cache.get(_key(as_of)) or means_keep(as_of)
    area = told.get(AREAS[0])  # every assessment has all areas
    others = len({*area.levels} - {site.owner_id}) if area else 0
    if area is None or others < FEWEST:
        return Peers(as_of)
    spreads = {}
    for code, one in told.items():
        if spread := spread_of(level for owner, level in one.levels.items() if owner != site.owner_id):
            spreads[code] = spread
    areas = {code: spread for code, spread in spreads.items() if code in AREAS}
    elements = {code: spread for code, spread in spreads.items() if code not in AREAS}
    return Peers(area.as_of, others, areas, elements)


def means_keep(as_of: date) -> dict[str, Told]:
    """What is told from that day on."""
    told = tell(as_of)
    cache.set(_key(as_of), told, KEPT)
    return told


def _key(as_of: date) -> str:
    return f"qmm-peers:{as_of}"


@transaction.atomic
def tell(as_of: date) -> dict[str, Told]:
    """Of each area and element what was told last, or what holds as of that day where it may be told.

    Who subtracts two tellings must not be left with one organization. So a telling stands, through the quarter and
    longer, until the assessments of six organizations or more differ from those it was made of: whoever reads it,
    maybe one of them, is left with five.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    known = {row.code: row for row in PeerTelling.objects.all()}
    means = means_by_code(as_of)
    for code in {*known, *means}:
        now, row = means.get(code, {}), known.get(code)
        if row is not None and row.as_of >= as_of:
            continue
        was = {int(owner): tuple(of) for owner, (_, of) in row.means.items()} if row else {}
        changed = sum(was.get(owner) != (now[owner].of if owner in now else None) for owner in {*was, *now})
        if changed > FEWEST:
            kept = {str(owner): [mean.level, mean.of] for owner, mean in now.items()}
            known[code], _ = PeerTelling.objects.update_or_create(code=code, defaults={"as_of": as_of, "means": kept})
    return {
        code: Told(row.as_of, {int(owner): level for owner, (level, _) in row.means.items()})
        for code, row in known.items()
    }


def means_by_code(today: date) -> Means:
    """Two queries, whatever there is. Elements are those of assessments made in this program: imported ones follow
    rubrics of their own."""
    counting = assessments_counting(today)
    found: Means = {area: {} for area in AREAS}
    named = {f"{area}_mean": Avg(area) for area in AREAS}
    for row in counting.values("establishment__owner").annotate(of=ArrayAgg("pk", order_by="pk"), **named):
        for area in AREAS:
            found[area][row["establishment__owner"]] = Mean(float(row[f"{area}_mean"]), tuple(row["of"]))
    agreed = ConsensusScore.objects.filter(case__assessment__in=counting.values("pk"), level__isnull=False).order_by()
    by_element = agreed.values_list("case__assessment__establishment__owner", "element").annotate(
        mean=Avg("level"), of=ArrayAgg("case__assessment", order_by="case__assessment")
    )
    for owner, element, mean, of in by_element:
        found.setdefault(element, {})[owner] = Mean(float(mean), tuple(of))
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
