"""What the planner promises is what another way of scoring finds once the action is in the database."""

import random
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from dscr.access.roles import Role
from products.models import KpiSubmission, Product, SupplyNode
from qmm.models import AREAS, Assessment, Establishment, Inspection
from ratings.queries.plan import planned
from tests.pages import factory
from tests.planner.conftest import FIRM
from tests.planner.stored import do
from tests.ratings.independent import independent_rating

SEEDS = range(8)
WITHHELD = ("fill_rate_numerator", "safety_stock_days", "order_to_ship_days", "contribution_margin")


def randomize(product: Product, seed: int) -> None:
    """Other figures, sources and sites than the example's, some withheld, some faulty in life's ways."""
    dice = random.Random(seed)
    today = timezone.localdate()
    days = [dice.choice([None, 30, 500]) for _ in range(3)]
    dates = [day and today - timedelta(days=day) for day in days]
    KpiSubmission.objects.filter(product=product).update(
        dual_sourced_materials_numerator=dice.randint(0, 9),
        dual_sourced_materials_denominator=12,
        capacity_utilisation_historical=round(dice.uniform(0.5, 1), 3),
        capacity_utilisation_forecast=round(dice.uniform(0.5, 1), 3),
        operating_mode_hours_per_week=dice.randint(60, 168),
        qualified_lines=dice.randint(1, 2),
        days_inventory_on_hand=dice.randint(5, 190),
        safety_stock_days=dice.choice([None, 10, 70]),
        shelf_life_months=dice.randint(5, 38),
        fill_rate_numerator=dice.randint(700, 1000),
        fill_rate_denominator=1000,
        on_time_delivery_numerator=dice.randint(650, 999),
        on_time_delivery_denominator=999,
        order_to_ship_days=dice.choice([None, 3, 12]),
        contribution_margin=dice.choice([None, -0.1, 0.22]),
        risk_management_plan_exists=dice.choice([True, False]),
        risk_management_plan_reviewed_on=dates[0],
        risk_management_plan_tested_on=dates[1],
        emergency_stock_process_exists=dice.choice([True, False]),
        emergency_stock_allocation_rule=dice.choice([True, False]),
        emergency_stock_contact_24_7=dice.choice([True, False]),
        emergency_stock_tested_on=dates[2],
        emergency_stock_ships_within_24h=dice.choice([True, False]),
    )
    if not KpiSubmission.objects.get(product=product).risk_management_plan_exists:
        KpiSubmission.objects.filter(product=product).update(
            risk_management_plan_reviewed_on=None, risk_management_plan_tested_on=None
        )
    far = Establishment.objects.create(name=f"Far {seed}", country=dice.choice(["IND", "", "CAN"]))
    if dice.random() < 0.7:
        levels = {area: dice.choice([1.5, 2.0, 3.4, 4.0]) for area in AREAS}
        Assessment.objects.create(establishment=far, completed_on=today - timedelta(days=40), **levels)
    if dice.random() < 0.4:
        Inspection.objects.create(establishment=far, classification="OAI", ended_on=today - timedelta(days=20))
    share = dice.choice([0.0, 0.3, 0.6])
    api = SupplyNode.objects.filter(product=product, stage="api").order_by("-share").first()
    assert api
    api.share = round(api.share - share, 9)
    if api.share < 0:
        api.share, share = 0.4, 0.6
    SupplyNode.objects.filter(product=product, stage="api").exclude(pk=api.pk).update(share=0)
    api.share = round(1 - share, 9)
    api.save()
    SupplyNode.objects.create(
        product=product,
        stage="api",
        establishment=far,
        share=share,
        is_qualified=dice.choice([True, False]),
        last_batch_on=today - timedelta(days=100),
        valid_from=today - timedelta(days=100),
    )
    # Everything is the firm's own, so that every kind of action is proposed.
    Establishment.objects.update(owner=product.enrolments.get().organisation)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_action_done_scores_as_promised(pair: tuple[Product, Product], seed: int) -> None:
    product = pair[seed % 2]
    randomize(product, seed)
    maker = factory.user_of(FIRM, Role.MANUFACTURER_EDITOR)
    plan = planned(maker, [product])
    found = plan.plans[0]
    now = independent_rating(product)
    assert found.now.score == now["score"]
    best = found.gains[0].exact or 0 if found.gains else 0.05
    for gain in found.proposed:
        with transaction.atomic():
            do(gain.action, product)
            rating = independent_rating(product)
            transaction.set_rollback(True)
        assert rating["score"] == (pytest.approx(gain.after.score, abs=0.05) if gain.after.is_rated else None), (
            gain.action
        )
        if now["exact"] is not None and not gain.action.is_open:
            assert rating["exact"] - now["exact"] <= best + 1e-4
