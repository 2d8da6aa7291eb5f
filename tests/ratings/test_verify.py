"""Verifying sees whatever readers would see."""

import pytest
from django.db import connection
from django.utils import timezone

from qmm.models import Inspection
from ratings.models import ProductRating
from ratings.verify import verify
from tests.ratings.conftest import Portfolio
from tests.ratings.observe import score_of


def test_verify_finds_what_was_tampered_with_and_repairs_it(computed: Portfolio) -> None:
    from django.core.management import call_command

    ProductRating.objects.filter(product=computed.strong).update(score=99.9)
    assert verify().wrong == {computed.strong.pk: "head score is 99.9, fresh is 80.1"}
    with pytest.raises(SystemExit) as stop:
        call_command("verify_ratings")
    assert stop.value.code == 1
    call_command("verify_ratings", "--repair")
    assert score_of(computed.strong) == 80.1


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("published_snapshot_id = NULL", "published snapshot is None"),
        ("computed_snapshot_id = {other}, published_snapshot_id = {other}", "product of the snapshot is"),
        ("next_change_on = NULL", "next change is None, fresh is 20"),
        ("coverage = 0.1", "head coverage is 0.1, fresh is 1.0"),
        ("failed_count = 7", "failures without a mark is 7, fresh is 0"),
        ("fingerprint = gen_random_uuid()", "head fingerprint is"),
    ],
)
def test_verify_sees_what_readers_see(computed: Portfolio, change: str, difference: str) -> None:
    other = ProductRating.objects.get(product=computed.fragile).computed_snapshot_id
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE ratings_productrating SET {change.format(other=other)} WHERE product_id = {computed.strong.pk}"
        )
    assert verify().wrong[computed.strong.pk].startswith(difference)


def test_pending_products_stand_apart(computed: Portfolio) -> None:
    site = computed.strong.supply_nodes.get(stage="fdf").establishment
    Inspection.objects.create(establishment=site, classification="OAI", ended_on=timezone.localdate())
    report = verify()
    assert (report.checked, report.pending, report.wrong) == (0, 2, {})
