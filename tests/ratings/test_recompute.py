"""Rules 4 and 5: a product that cannot be computed fails alone, and nothing bad gets in or stays."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from ratings import loaders, recompute
from ratings.loaders import id_array
from ratings.marks import DROP_ORPHANS
from ratings.models import MethodologyRelease, ProductRating, StaleMark
from ratings.recompute import recompute_pending
from tests.ratings.conftest import Portfolio, marks
from tests.ratings.observe import assert_right, score_of


def test_one_product_that_cannot_be_scored_beside_a_hundred_that_can(computed: Portfolio) -> None:
    """Rule 5. It fails alone, says why, keeps its last published score, and is tried again with growing gaps."""
    organisation = Enrolment.objects.first().organisation
    template = KpiSubmission.objects.get(product=computed.strong)
    nodes = list(SupplyNode.objects.filter(product=computed.strong))
    crowd = Product.objects.bulk_create(
        Product(ndc=f"099902-{number:04}", display_ndc=f"99902-{number:04}", substances=["CISPLATIN"])
        for number in range(100)
    )
    Enrolment.objects.bulk_create(
        Enrolment(product=product, organisation=organisation, enrolled_on=date(2025, 1, 1)) for product in crowd
    )
    for product in crowd:
        for node in nodes:
            node.pk, node.product = None, product
        SupplyNode.objects.bulk_create(nodes)
        template.pk, template.product = None, product
        template.save(force_insert=True)
    SupplyNode.objects.filter(product=computed.strong, stage="fdf").update(share=0.5)
    outcome = recompute_pending()
    assert outcome.recomputed == 100
    assert outcome.failed == {computed.strong.pk: "the shares of stage fdf add up to 0.5, not to 1"}
    head = ProductRating.objects.get(product=computed.strong)
    assert (head.score, head.failed_count) == (80.1, 1)
    assert head.failure == outcome.failed[computed.strong.pk]
    gaps = []
    for _ in range(4):
        mark = StaleMark.objects.latest("not_before")
        gaps.append(round((mark.not_before - ProductRating.objects.get(pk=head.pk).failed_at).total_seconds()))
        assert recompute_pending().failed == {}  # not before its time
        StaleMark.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        recompute_pending()
    assert gaps == [2, 4, 8, 16]
    SupplyNode.objects.filter(product=computed.strong, stage="fdf").update(share=1)
    recompute_pending()
    assert ProductRating.objects.get(pk=head.pk).failed_count == 0
    assert_right(computed.strong, *crowd[:3])


def test_an_error_in_a_batch_isolates_the_product_that_causes_it(
    computed: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_batch = recompute.score_batch

    def broken(loaded: Any, as_of: date) -> Any:
        if computed.fragile.pk in loaded.frames.product_ids:
            raise ZeroDivisionError("a bug")
        return score_batch(loaded, as_of)

    SupplyNode.objects.filter(stage="testing").update(share=0.998)
    monkeypatch.setattr(recompute, "score_batch", broken)
    outcome = recompute_pending()
    assert outcome.failed == {computed.fragile.pk: "ZeroDivisionError: a bug"}
    assert outcome.recomputed == 1
    assert score_of(computed.fragile) == 29.8
    assert ProductRating.objects.get(product=computed.fragile).failed_count == 1


def test_a_release_without_a_file_stops_nobody_for_good(computed: Portfolio) -> None:
    """It is refused at the form; by SQL it raises, no product is set back, and all goes on once it is right again."""
    with pytest.raises(ValidationError, match=r"unknown; available: 2026\.1"):
        MethodologyRelease(version="2026.l", in_force_from=date(2026, 2, 1)).full_clean()
    MethodologyRelease.objects.create(version="2026.l", in_force_from=date(2026, 2, 1))
    with pytest.raises(loaders.NoMethodologyError):
        recompute_pending()
    assert marks() == {("product", key) for key in computed.products}
    assert not ProductRating.objects.filter(failed_count__gt=0).exists()
    MethodologyRelease.objects.filter(version="2026.l").delete()
    recompute_pending()
    assert_right(computed.strong, computed.fragile)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE products_supplynode SET valid_to = 'infinity'",
        "UPDATE products_enrolment SET enrolled_on = '-infinity'",
        "UPDATE products_kpisubmission SET emergency_stock_tested_on = 'infinity'",
        "UPDATE qmm_assessment SET completed_on = '20000-01-01'",
        "UPDATE qmm_inspection SET ended_on = '-infinity'",
        "UPDATE products_shortage SET changed_on = 'infinity'",
        "UPDATE ratings_methodologyrelease SET in_force_from = '-infinity'",
        "UPDATE ratings_stalemark SET kind = 'Product'",
    ],
)
def test_the_database_refuses_what_no_calendar_could_work_with(stored: Portfolio, change: str) -> None:
    StaleMark.objects.create(kind="product", key=1, source="test")
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_save_outside_autocommit_is_no_error(computed: Portfolio) -> None:
    transaction.set_autocommit(False)
    try:
        SupplyNode.objects.get(product=computed.strong, stage="testing").save()
        transaction.commit()
    finally:
        transaction.set_autocommit(True)


@pytest.mark.django_db
def test_marks_of_products_that_left_are_looked_for_once() -> None:
    """Whatever the planner believes of the tables: joined, they were looked for again for each mark."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {DROP_ORPHANS.format(ids=id_array([1, 2, 3]))}")
        plan = [line for (line,) in cursor.fetchall()]
    once = next(number for number, line in enumerate(plan) if "InitPlan" in line)
    assert not any("Join" in line or "Nested Loop" in line for line in plan[:once])
