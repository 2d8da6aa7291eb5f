"""What an improvement plan would do to the scores of the owner's own products, if it were achieved: each action alone,
and all of them, as if the assessment that counts had found the levels aimed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.db.models import Q
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import Product, SupplyNode
from products.queries.own_products import enrolled_by
from qmm.course.levels import area_levels
from qmm.models import AREAS, Assessment, AssessmentCase, ImprovementAction
from qmm.queries.plan import drafted_of, ground_of, plan_of
from qmm.queries.validity import present_outcome
from ratings.planner.changes import Change, Level, changed
from ratings.planner.gains import Outcome, outcomes
from ratings.queries.plan import planned


@dataclass(frozen=True, slots=True)
class Aim:
    """An action as far as it changes a level."""

    number: int
    element: str
    target: int


@dataclass(frozen=True, slots=True)
class Row:
    """One product: now, with each action alone (in the order of the aims), and with all of them."""

    product: Product
    standing: str  # why it is not scored at all; "" where it is
    now: Outcome
    alone: list[Outcome]
    all: Outcome

    @property
    def points(self) -> float | None:
        """Between the scores as shown; None where one of the two has none."""
        if self.standing or self.now.score is None or self.all.score is None:
            return None
        return round(self.all.score - self.now.score, 1)

    def points_alone(self, place: int) -> float:
        """Points of one action; 0 where there is no score."""
        found = self.alone[place].score
        return 0.0 if self.standing or self.now.score is None or found is None else round(found - self.now.score, 1)


@dataclass(frozen=True, slots=True)
class AimGain:
    """What one action alone brings over all products."""

    aim: Aim
    products: int
    total: float
    most: float


@dataclass(frozen=True, slots=True)
class PlanEffect:
    """`counts`: whether the case's assessment is the one by which the establishment counts today. `level_now` and
    `level_then`: of the establishment, 1 to 5. Products by gain; `site_grants`: by which other firms' sites' levels
    entered what the reader meets."""

    case: AssessmentCase
    counts: bool
    aims: list[Aim]
    level_now: float
    level_then: float
    rows: list[Row]
    gains: list[AimGain]
    site_grants: tuple[int, ...] = ()


def plan_effect(user: Reader, case: AssessmentCase) -> PlanEffect:
    """For a reader of the plan: the products that the establishment's owner takes part with today, and no other firm's.
    All are scored at once. Raises NoMethodologyError."""
    ground = ground_of(case, user)
    aims = _aims(user, case)
    agreed = dict(ground.levels)
    outcome = present_outcome(user, case.establishment)
    counts = outcome is not None and outcome.assessment.pk == case.assessment_id
    now = mean_of_assessment(case.assessment)
    then = _level(agreed, aims, now)
    products = _products(case) if aims and counts else []
    if not products:
        return PlanEffect(case, counts, aims, now, then, [], [])
    plan = planned(user, products)
    site = case.establishment_id
    sets: list[Sequence[Change]] = [
        (),
        *((Level(site, _level(agreed, [aim], now)),) for aim in aims),
        (Level(site, then),),
    ]
    rows = np.repeat(np.arange(len(plan.products)), len(sets))
    found = iter(outcomes(changed(plan.inputs, rows, sets * len(plan.products)), plan.methodology))
    scored = []
    for place, product in enumerate(plan.products):
        base, *alone, together = [next(found) for _ in sets]
        standing = plan.standing_of(place)
        scored.append(Row(product, standing, base, alone, together))
    scored.sort(key=lambda row: (row.points is None, -(row.points or 0.0), row.product.ndc))
    return PlanEffect(case, counts, aims, now, then, scored, _gains(aims, scored), plan.site_grants)


def _aims(user: Reader, case: AssessmentCase) -> list[Aim]:
    """Of a plan that was sent all but what was dropped; of a draft what says which level it aims at."""
    plan = plan_of(case)
    if plan.sent_at:
        rows = ImprovementAction.objects.for_user(user, "read_plans").filter(plan=plan).exclude(standing="dropped")
        return [Aim(row.number, row.element, row.target) for row in rows]
    drafted = drafted_of(plan, ground_of(case, user).facts) if plan.drafted else []
    return [Aim(one.number, one.element, one.target) for one in drafted if one.element and one.target]


def _level(agreed: Mapping[str, int], aims: Sequence[Aim], now: float) -> float:
    """The establishment's mean level with these aims reached; `now` where they raise nothing."""
    reached = dict(agreed)
    for aim in aims:
        reached[aim.element] = max(reached.get(aim.element, 0), aim.target)
    return now if reached == agreed else mean_of(area_levels(reached))


def mean_of_assessment(assessment: Assessment) -> float:
    return mean_of({area: getattr(assessment, area) for area in AREAS})


def mean_of(levels: Mapping[str, Decimal]) -> float:
    return float(sum(levels.values())) / len(levels)


def _products(case: AssessmentCase) -> list[Product]:
    """Those of the establishment's owner that name the establishment in their supply chain today."""
    owner, today = case.establishment.owner_id, timezone.localdate()
    if owner is None:
        return []
    nodes = SupplyNode.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=today),
        establishment=case.establishment_id,
        voided_at=None,
        valid_from__lte=today,
    )
    return list(enrolled_by(owner).filter(pk__in=nodes.values("product")))


def _gains(aims: list[Aim], rows: list[Row]) -> list[AimGain]:
    """The action that brings most first."""
    found = []
    for place, aim in enumerate(aims):
        points = [row.points_alone(place) for row in rows]
        gaining = [one for one in points if one > 0]
        found.append(AimGain(aim, len(gaining), sum(points), max(points, default=0.0)))
    return sorted(found, key=lambda gain: (-round(gain.total, 6), gain.aim.number))
