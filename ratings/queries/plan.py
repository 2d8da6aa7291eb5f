"""What a maker may plan with: its own products as they count today, with nothing of other firms' sites to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import Product
from qmm.queries.sight import levels_readable
from ratings.loaders import load
from ratings.models import PlannerEffort, Scenario, Status
from ratings.planner.gains import ProductPlan, plans
from ratings.planner.masking import masked
from ratings.planner.sets import SetSearch, smallest_sets
from ratings.queries.explained import establishment_names
from ratings.queries.sight import by_grant
from ratings.scoring import EffectiveInputs, Methodology
from ratings.scoring.effective import resolve
from ratings.worked_example.product_example import product_example
from ratings.worked_example.settings import Example


@dataclass(frozen=True)
class Planned:
    """Products of one firm as of today. `standing`: [P] Status of what is not scored at all, 0 for what is."""

    products: list[Product]  # in the order of `inputs`
    inputs: EffectiveInputs
    standing: Sequence[int]
    methodology: Methodology
    as_of: date
    hidden: frozenset[int]
    names: dict[int, str]
    site_grants: tuple[int, ...] = ()  # by which other firms' owners let the reader see levels among these

    @property
    def product(self) -> Product:
        return self.products[0]

    @property
    def standing_label(self) -> str:
        """Why the one product cannot be planned; "" where it can."""
        return self.standing_of(0)

    def standing_of(self, place: int) -> str:
        """The same of each product."""
        return Status(self.standing[place]).label if self.standing[place] else ""

    @cached_property
    def plans(self) -> list[ProductPlan]:
        return plans(self.inputs, self.methodology, self.hidden, self.names)

    def sets(self, efforts: dict[str, int]) -> SetSearch | None:
        """Of the first product."""
        plan = self.plans[0]
        return smallest_sets(self.inputs, 0, plan.now, plan.proposed, self.methodology, efforts)

    def example(self) -> Example:
        """The one product with everything that can be tried on it."""
        return product_example(
            self.inputs, self.product.ndc, self.as_of.isoformat(), self.methodology, self.names, self.hidden
        )


def own_product(user: Reader, ndc: str) -> Product | None:
    return Product.objects.for_user(user, "plan_products").filter(ndc=ndc).first()


def planned(user: Reader, products: Sequence[Product]) -> Planned:
    """`products` are the reader's own. Nine queries of inputs, and two of sites, whatever their number."""
    by_id = {product.pk: product for product in products}
    as_of = timezone.localdate()
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # the outermost: all reads see one state
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        loaded = load(cursor, sorted(by_id), as_of)
    inputs = resolve(loaded.frames, loaded.methodology, as_of)
    sites = [int(number) for number in np.unique(inputs.node_establishment_id)]
    readable = dict(levels_readable(user).filter(pk__in=sites).values_list("pk", "site_grant"))
    hidden = frozenset(sites) - frozenset(readable)
    return Planned(
        products=[by_id[int(number)] for number in inputs.product_ids],
        inputs=masked(inputs, hidden),
        standing=loaded.standing.tolist(),
        methodology=loaded.methodology,
        as_of=as_of,
        hidden=hidden,
        names=establishment_names(sites),
        site_grants=tuple(sorted(by_grant(readable).values())),
    )


def efforts(user: Reader) -> dict[str, int]:
    """What each action costs the reader's firm, as far as it said."""
    return dict(PlannerEffort.objects.for_user(user, "plan_products").values_list("action", "effort"))


def scenarios(user: Reader, product: Product) -> list[Scenario]:
    found = Scenario.objects.for_user(user, "plan_products").filter(product=product)
    return list(found.select_related("created_by"))
