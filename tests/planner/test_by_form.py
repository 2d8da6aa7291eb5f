"""100 products of the demonstration: the best action that is the firm's own, done by its forms, gives the promised
score after the real recompute; and every other action of the catalogue, done to a copy in the database, gains no more.

All forms are filled and all copies stored before one recompute: no product acts on another here, for a form changes
one product, and what changes a site changes the copy's own twin of it.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import Role
from dscr.demo.portfolio import build
from products.models import Enrolment, Product
from ratings.models import ProductRating, StaleMark, Status
from ratings.planner.catalogue import KINDS, KindCode
from ratings.planner.gains import Gain, ProductPlan
from ratings.queries.plan import planned
from ratings.recompute import recompute_pending
from tests.demo.conftest import database_copied
from tests.pages import factory
from tests.planner.by_form import Maker
from tests.planner.copies import Copier

pytestmark = pytest.mark.django_db
SEED, PRODUCTS = 2026, 100
EXACT = 0.05  # points
MORE = 2  # copies for each kind of action, where the best is of another kind
OWN = {code for code, kind in KINDS.items() if not kind.is_open and not kind.decided_by}


@dataclass
class Done:
    """One product and its plan. `copies`: of every closed action a copy to which it was done in the database. `filled`:
    actions done by form, the firm's own best one on the product itself, others on copies of it."""

    maker: Maker
    product: Product
    plan: ProductPlan
    copies: list[tuple[Gain, Product]] = field(default_factory=list)
    filled: list[tuple[Gain, Product]] = field(default_factory=list)

    @property
    def best(self) -> float:
        """The highest score that any single action promises, somebody else's included."""
        return max([gain.after.score or 0 for gain in self.plan.gains] or [self.plan.now.score or 0])


@pytest.fixture(scope="module")
def done(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Done]]:
    """In a copy that goes before the tests of the next file come."""
    with database_copied(django_db_blocker):
        store_demo()
        yield work(sample())


@pytest.fixture(scope="module")
def scores(done: list[Done], django_db_blocker: Any) -> dict[str, float]:
    """As published after everything was done, by NDC."""
    with django_db_blocker.unblock():
        recompute_pending()
        assert not StaleMark.objects.exists()
        return dict(ProductRating.objects.filter(status=Status.RATED).values_list("product__ndc", "score"))


def store_demo() -> None:
    """As load_demo does, without the two years before today."""
    for _, rows in build(SEED, timezone.localdate()).tables():
        type(rows[0])._default_manager.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    recompute_pending()


def sample() -> list[tuple[Organisation, Product]]:
    rated = Product.objects.filter(rating__status=Status.RATED).order_by("ndc")
    products = random.Random(SEED).sample(list(rated), PRODUCTS)
    firms = {row.product_id: row.organisation for row in Enrolment.objects.select_related("organisation")}
    return sorted(((firms[product.pk], product) for product in products), key=lambda pair: (pair[0].pk, pair[1].pk))


def work(chosen: list[tuple[Organisation, Product]]) -> list[Done]:
    found = list(plan_all(chosen))
    copier, more = Copier([one.product for one in found]), Counter[KindCode]()
    for one in found:
        own = next((gain for gain in one.plan.gains if not gain.action.decided_by), None)
        one.filled += [(own, one.product)] if own else []
        for gain in one.plan.proposed:
            if gain.action.is_open:
                continue
            one.copies.append((gain, copier.copy(one.product, gain.action.changes)))
            if gain is not own and not gain.action.decided_by and more[gain.action.kind] < MORE:
                more[gain.action.kind] += 1
                one.filled.append((gain, copier.copy(one.product)))
    copier.rows.store()
    for one in found:
        for gain, product in one.filled:
            one.maker.do(gain.action, product)
    return found


def plan_all(chosen: list[tuple[Organisation, Product]]) -> Iterator[Done]:
    for firm, pairs in groupby(chosen, key=lambda pair: pair[0]):
        user = factory.user_of(firm.name, Role.ATTESTOR, f"maker{firm.pk}@firm.example")
        maker, plan = Maker(user), planned(user, [product for _, product in pairs])
        for product, its in zip(plan.products, plan.plans, strict=True):
            yield Done(maker, product, its)


def unlike_promised(pairs: list[tuple[Gain, Product]], scores: dict[str, float]) -> list[tuple[Any, ...]]:
    return [
        (product.ndc, gain.action.code, gain.after.score, scores.get(product.ndc))
        for gain, product in pairs
        if scores.get(product.ndc) != pytest.approx(gain.after.score, abs=EXACT)
    ]


def test_a_promise_holds_by_form_and_after_the_recompute(done: list[Done], scores: dict[str, float]) -> None:
    """One test, for the workers of a run would each make the portfolio for tests of their own."""
    assert len(done) == PRODUCTS
    assert unlike_promised([pair for one in done for pair in one.filled], scores) == []
    assert unlike_promised([pair for one in done for pair in one.copies], scores) == []
    more = [
        (product.ndc, gain.action.code)
        for one in done
        for gain, product in one.copies
        if scores[product.ndc] > one.best + EXACT
    ]
    assert more == [], "another action of the catalogue gains more than the first"

    best = Counter(one.filled[0][0].action.kind for one in done if one.filled[0][1] is one.product)
    assert sum(best.values()) == PRODUCTS, "every product has an action that its firm can do alone"
    assert {gain.action.kind for one in done for gain, _ in one.filled} == OWN, "every kind was done by form"
    assert sum(len(one.copies) for one in done) > 10 * PRODUCTS
    named = {gain.action.kind: gain.action.decided_by for one in done for gain in one.plan.proposed}
    assert named[KindCode.AREA] == named[KindCode.LEVEL] == "an assessor"
    assert named[KindCode.RESOLVE] == "FDA"
