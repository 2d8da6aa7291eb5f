"""What would help a firm's whole portfolio most: the single actions of every product, added up over the products.

Computed in chunks and kept in the cache part by part, so that an answer never takes long: a portfolio that is not done
yet says how far it is. What is kept goes by who may read what and by the products' newest snapshots.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.cache import cache
from django.utils import timezone

from dscr.access.scoping import Reader
from products.drug_names import drug_name
from products.models import Product
from qmm.queries.sight import levels_readable
from ratings.models import ProductRating, Status
from ratings.planner.catalogue import KINDS
from ratings.planner.gains import Gain
from ratings.queries.limits import heads_with_limits
from ratings.queries.plan import Planned, planned
from ratings.scoring import INDICATORS, RATED
from ratings.scoring.scorer import score_effective

CHUNK = 100  # products
PATIENCE = 1.2  # seconds of computing in one answer
KEPT = 3600  # seconds
MOST = 10


@dataclass(frozen=True, slots=True)
class PortfolioAction:
    """One kind of action on one figure, over all products that it helps; `best` is where it helps most."""

    label: str
    meaning: str
    products: int
    total: float  # points, added up
    best_ndc: str
    best_name: str
    best_points: float


@dataclass(frozen=True, slots=True)
class IndicatorLoss:
    domain: str
    label: str
    loss: float  # points a rated product, on average


@dataclass(frozen=True, slots=True)
class PortfolioPlan:
    done: int
    total: int
    actions: list[PortfolioAction]
    losses: list[IndicatorLoss]
    site_grants: list[int]  # by which levels of other firms' sites count in these

    @property
    def is_done(self) -> bool:
        return self.done >= self.total


def portfolio_plan(user: Reader) -> PortfolioPlan:
    """Goes on where the last answer stopped, for a moment."""
    products = list(Product.objects.for_user(user, "plan_products").order_by("pk"))
    key = _key(user, products)
    kept: dict[str, Any] = cache.get(key) or {"done": 0, "rated": 0, "actions": {}, "losses": {}, "grants": []}
    until = time.monotonic() + PATIENCE
    while kept["done"] < len(products):
        chunk = products[kept["done"] : kept["done"] + CHUNK]
        plan = planned(user, chunk)
        _add(kept, plan)
        kept["grants"] = sorted({*kept["grants"], *plan.site_grants})
        kept["done"] += len(chunk)
        cache.set(key, kept, KEPT)
        if time.monotonic() >= until:
            break
    actions = sorted((PortfolioAction(**row) for row in kept["actions"].values()), key=lambda row: -row.total)
    losses = [
        IndicatorLoss(domain, label, total / max(kept["rated"], 1)) for domain, label, total in kept["losses"].values()
    ]
    losses.sort(key=lambda row: -row.loss)
    return PortfolioPlan(kept["done"], len(products), actions[:MOST], losses, kept["grants"])


def _key(user: Reader, products: Sequence[Product]) -> str:
    """By the firm, the day, the sites whose maturity it reads, and what each product's head was computed from."""
    firm = user.membership.organisation_id
    sites = levels_readable(user).order_by("pk").values_list("pk", "site_grant")
    heads = ProductRating.objects.filter(product__in=[product.pk for product in products]).order_by("pk")
    parts = [firm, timezone.localdate(), list(sites), list(heads.values_list("pk", "computed_snapshot_id"))]
    return f"portfolio-plan-2:{hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()}"


def _add(kept: dict[str, Any], plan: Planned) -> None:
    scored = [row for row, standing in enumerate(plan.standing) if not standing]
    for row in scored:
        found = plan.plans[row]
        if found.now.is_rated:
            for gain in found.gains:
                _count(kept["actions"], gain, plan.products[row])
    table = score_effective(plan.inputs, plan.methodology)
    rated = (table.status == RATED) & (np.array(plan.standing) == 0)
    kept["rated"] += int(rated.sum())
    labels = {domain.code: domain.label for domain in plan.methodology.domains}
    qmm = plan.methodology.domains[0]
    _lose(kept["losses"], qmm.code, qmm.label, qmm.label, table.domain_losses[rated, 0])
    for column, rule in enumerate(plan.methodology.indicators):
        label = INDICATORS[rule.code].label
        _lose(kept["losses"], rule.code, labels[rule.domain], label, table.indicator_losses[rated, column])


def _lose(losses: dict[str, list[Any]], code: str, domain: str, label: str, values: np.ndarray) -> None:
    """A figure that does not apply costs nothing."""
    row = losses.setdefault(code, [domain, label, 0.0])
    row[2] += float(np.nansum(values))


def _count(actions: dict[str, dict[str, Any]], gain: Gain, product: Product) -> None:
    action, points = gain.action, gain.exact or 0.0
    name = f"{drug_name(product.nonproprietary_name or product.proprietary_name)} {product.display_ndc}"
    best = {"best_ndc": product.ndc, "best_name": name, "best_points": points}
    row = actions.get(action.code)
    if row is None:
        label = KINDS[action.kind].label
        if action.indicator and action.kpi:
            label = f"{INDICATORS[action.indicator].label}: {label[:1].lower()}{label[1:]}"
        elif ":" in action.code:
            label = action.label  # names the site or the stage
        actions[action.code] = {"label": label, "meaning": action.meaning, "products": 1, "total": points, **best}
        return
    row["products"] += 1
    row["total"] += points
    if points > row["best_points"]:
        row |= best


@dataclass(frozen=True, slots=True)
class Spread:
    """Rated products by score and by how much is known; the others by why not."""

    rated: list[ProductRating]
    others: list[ProductRating]


def spread(user: Reader) -> Spread:
    """Every head of the firm with its product, the lowest score first; one query."""
    heads = ProductRating.objects.for_user(user, "plan_products").select_related("product").order_by("score", "pk")
    found = list(heads_with_limits(heads))
    return Spread(
        [head for head in found if head.status == Status.RATED],
        [head for head in found if head.status != Status.RATED],
    )
