"""How far one reader sees into one product: what was published, or the figures behind it, and whose QMM levels."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from django.utils import timezone

from dscr.access.roles import Scope
from dscr.access.scoping import Reader, scope_of
from products.models import Enrolment, Product
from products.queries.granted import Granted, grants_for, own_part
from qmm.queries.sight import levels_readable
from ratings.scoring import STAGES, EffectiveInputs, Methodology


@dataclass(frozen=True, slots=True)
class Sight:
    """`figures`: reported KPIs, points of every indicator, supply nodes. `maturity`: the ids of the establishments
    whose levels and official actions may be told; None is all. `since`: the first day of the reader's own enrolment;
    what stands for an earlier day is seen as a purchaser sees it; None is no such day.

    `granted`: what the enrolling firm disclosed to a reader who sees no figures of their own right; then `since` is the
    first day of that firm's enrolment. `site_grants`: of the establishments in `maturity` that belong to another firm,
    the grant by which its owner lets the reader see it."""

    figures: bool
    maturity: frozenset[int] | None
    since: date | None
    granted: Granted | None = None
    site_grants: Mapping[int, int] = field(default_factory=dict)

    def sees(self, *days: date) -> bool:
        """Whether the figures that stand for all of these days may be told."""
        return self.figures and (self.since is None or all(day >= self.since for day in days))

    def sees_granted(self, day: date) -> bool:
        """Whether what stands for this day is among what was disclosed: never a figure of another firm."""
        return self.granted is not None and self.since is not None and day >= self.since

    @property
    def granted_kpis(self) -> frozenset[str]:
        return frozenset(self.granted.kpis) if self.granted else frozenset()

    def grants_used(self, establishments: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted({self.site_grants[site] for site in establishments if site in self.site_grants}))

    @property
    def supply(self) -> bool:
        """Whether the supply picture may be shown, without levels."""
        return self.figures or bool(self.granted and self.granted.supply)

    def reads_level(self, establishment_id: int) -> bool:
        return self.maturity is None or establishment_id in self.maturity


def by_grant(readable: Mapping[int, int | None]) -> dict[int, int]:
    return {site: grant for site, grant in readable.items() if grant is not None}


AS_PUBLISHED = Sight(figures=False, maturity=frozenset(), since=None)
EVERYTHING = Sight(figures=True, maturity=None, since=None)


def enrolments_begun(product: Product) -> list[Enrolment]:
    """Those of the product that began up to today, the latest first, with their organisations. One query."""
    begun = Enrolment.objects.filter(product=product, enrolled_on__lte=timezone.localdate())
    return list(begun.select_related("organisation").order_by("-enrolled_on"))


def sight_of(user: Reader, product: Product, enrolments: Sequence[Enrolment] | None = None) -> Sight:
    """No query but the user's membership where the role sees all or nothing; three at most for a manufacturer, two for
    who reads by grants, and none where the product came `with_grants` and has none.

    `enrolments` are `enrolments_begun(product)` where the caller has them already.
    """
    scope = scope_of(user, "read_figures")
    if scope is None:
        return _by_grants(user, product, enrolments)
    if scope != Scope.ALL and not Product.objects.for_user(user, "read_figures").filter(pk=product.pk).exists():
        return AS_PUBLISHED
    since = None
    if scope != Scope.ALL:
        own = user.membership.organisation_id
        since = _since(own, enrolments_begun(product) if enrolments is None else enrolments)
    readable = readable_of(user)
    maturity = None if readable is None else frozenset(readable)
    return Sight(figures=True, maturity=maturity, since=since, site_grants=by_grant(readable or {}))


def readable_of(user: Reader) -> dict[int, int | None] | None:
    """Establishment -> the grant by which its levels are read, if by one; None is all, without a query."""
    if scope_of(user, "read_maturity") == Scope.ALL:
        return None
    return dict(levels_readable(user).values_list("pk", "site_grant"))


def hides_levels(effective: EffectiveInputs, methodology: Methodology, maturity: Collection[int] | None) -> bool:
    """Whether a site that counts in the score is another firm's than the reader's: then the points of the QMM domain
    would tell of its levels."""
    return maturity is not None and not set(maturity).issuperset(sites_in_qmm(effective, methodology))


def sites_in_qmm(effective: EffectiveInputs, methodology: Methodology) -> list[int]:
    """Whose levels count in the QMM domain."""
    weighted = [STAGES.index(stage) for stage in methodology.qmm.stage_weights]
    return effective.node_establishment_id[np.isin(effective.node_stage, weighted)].tolist()


def _by_grants(user: Reader, product: Product, enrolments: Sequence[Enrolment] | None) -> Sight:
    granted = grants_for(user, product) if getattr(product, "grant_ids", True) else None
    if granted is None:
        return AS_PUBLISHED
    begun = enrolments_begun(product) if enrolments is None else enrolments
    since = _since(granted.organisation_id, begun)
    if any(enrolment.organisation_id != granted.organisation_id for enrolment in begun):
        granted = own_part(granted, product, since)
    return Sight(figures=False, maturity=frozenset(), since=since, granted=granted)


def _since(organisation_id: int, enrolments: Sequence[Enrolment]) -> date:
    """The first day of the organisation's enrolment, and of those right before it without another firm between."""
    since = date.max
    for enrolment in enrolments:
        if enrolment.organisation_id != organisation_id:
            break
        since = enrolment.enrolled_on
    return since
