"""Rules 6 and 7: what a snapshot holds, when one is written, and what time does to it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from ratings import loaders
from ratings.models import ProductRating, RatingSnapshot, StaleMark, Status
from ratings.recompute import recompute_pending
from ratings.sweep import mark_due
from tests.ratings.conftest import Portfolio, marks
from tests.ratings.observe import score_of


def test_the_pair_of_the_brief_has_its_scores(computed: Portfolio) -> None:
    assert (score_of(computed.strong), score_of(computed.fragile)) == (80.1, 29.8)


def test_nothing_changed_writes_no_snapshot(computed: Portfolio) -> None:
    before = RatingSnapshot.objects.count()
    verified = ProductRating.objects.get(product=computed.strong).verified_at
    StaleMark.objects.create(kind="all", key=0, source="test")
    recompute_pending()
    assert RatingSnapshot.objects.count() == before
    assert ProductRating.objects.get(product=computed.strong).verified_at > verified


def test_a_snapshot_alone_gives_its_figures_again(computed: Portfolio) -> None:
    from ratings.layout import unpack_inputs
    from ratings.scoring import load_methodology, score_effective

    for snapshot in RatingSnapshot.objects.all():
        inputs = unpack_inputs(snapshot.product_id, snapshot.prior_band, snapshot.inputs)
        table = score_effective(inputs, load_methodology(snapshot.methodology))
        assert table.score[0] == snapshot.score
        assert table.exact[0] == snapshot.exact
        assert table.domains[0] == pytest.approx(snapshot.explanation[:8], abs=1e-4)


@pytest.mark.parametrize(
    "change", ["UPDATE ratings_ratingsnapshot SET score = 99", "DELETE FROM ratings_ratingsnapshot"]
)
def test_snapshots_cannot_be_changed(computed: Portfolio, change: str) -> None:
    with pytest.raises(Exception, match="kept for ever"), connection.cursor() as cursor:
        cursor.execute(change)


def test_snapshots_cannot_be_truncated(computed: Portfolio) -> None:
    with pytest.raises(Exception, match="kept for ever"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ratings_ratingsnapshot")


def test_time_makes_a_head_due(computed: Portfolio) -> None:
    """Rule 6. An assessment that expires tomorrow changes the score tomorrow, without any write."""
    today = timezone.localdate()
    KpiSubmission.objects.filter(product=computed.strong).update(emergency_stock_tested_on=today - timedelta(days=365))
    recompute_pending()
    head = ProductRating.objects.get(product=computed.strong)
    assert head.next_change_on == today + timedelta(days=1)
    assert mark_due(today) == 0
    assert mark_due(today + timedelta(days=1)) == 1
    assert marks() == {("product", computed.strong.pk)}
    assert mark_due(today + timedelta(days=1)) == 0  # once is enough


def test_the_prior_band_is_of_an_earlier_day(computed: Portfolio) -> None:
    """Rule 7. However often a product is computed in a day, the buffer looks at the day before."""
    first = RatingSnapshot.objects.get(product=computed.strong)
    KpiSubmission.objects.filter(product=computed.strong).update(
        fill_rate_numerator=0, days_inventory_on_hand=0, safety_stock_days=0, order_to_ship_days=30
    )
    recompute_pending()
    today = RatingSnapshot.objects.filter(product=computed.strong).latest("id")
    assert (first.prior_band, today.prior_band) == (None, None)
    assert today.band_uncapped == 3
    with transaction.atomic(), connection.cursor() as cursor:
        loaded = loaders.load(cursor, [computed.strong.pk], timezone.localdate() + timedelta(days=1))
    assert loaded.frames.prior_band.tolist() == [3]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"suspended_on": date(2026, 1, 1), "suspension_reason": "figures in doubt"}, Status.SUSPENDED),
        ({"withdrawn_on": date(2026, 1, 1)}, Status.WITHDRAWN),
    ],
)
def test_what_is_not_rated_has_no_score(computed: Portfolio, change: dict[str, Any], status: Status) -> None:
    Enrolment.objects.filter(product=computed.strong).update(**change)
    recompute_pending()
    head = ProductRating.objects.get(product=computed.strong)
    assert (head.status, head.score, head.band) == (status, None, None)


def test_a_submission_expires_a_year_after_its_quarter(computed: Portfolio) -> None:
    KpiSubmission.objects.filter(product=computed.strong).update(quarter_end=date(2024, 12, 31))
    KpiSubmission.objects.filter(product=computed.fragile).delete()
    Product.objects.filter(pk=computed.spare.pk).update(substances=["A", "B"])
    Enrolment.objects.create(
        product=computed.spare, organisation=Enrolment.objects.first().organisation, enrolled_on=date(2026, 1, 1)
    )
    recompute_pending()
    statuses = dict(ProductRating.objects.values_list("product", "status"))
    assert statuses == {
        computed.strong.pk: Status.EXPIRED,
        computed.fragile.pk: Status.NOT_YET_RATED,
        computed.spare.pk: Status.OUT_OF_SCOPE,
    }


def test_time_heals_a_product_that_failed(computed: Portfolio) -> None:
    """It is due on the day on which its nodes change, however long its marks are set back."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    node = SupplyNode.objects.get(product=computed.strong, stage="testing")
    node.share, node.valid_to = 0.5, tomorrow
    node.save()
    node.pk, node.share, node.valid_from, node.valid_to = None, 1, tomorrow, None
    node.save()
    assert set(recompute_pending().failed) == {computed.strong.pk}
    assert ProductRating.objects.get(product=computed.strong).next_change_on == tomorrow
    assert mark_due() == 0
    assert mark_due(tomorrow) == 1


def test_a_negative_zero_is_the_same_figure(computed: Portfolio) -> None:
    own = KpiSubmission.objects.filter(product=computed.strong)
    own.update(contribution_margin=0.0)
    recompute_pending()
    before = RatingSnapshot.objects.count()
    own.update(contribution_margin=-0.0)
    StaleMark.objects.create(kind="product", key=computed.strong.pk, source="test")
    recompute_pending()
    assert RatingSnapshot.objects.count() == before
