"""The demonstration in the database: every band and status, histories that move for reasons, and its refusals."""

from collections import defaultdict
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from dscr.access.models import Membership
from dscr.demo.load import Report
from products.models import DisclosureGrant, Product
from ratings.models import ProductRating, RatingSnapshot, StaleMark, Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


def test_every_status_and_band_is_there() -> None:
    heads = ProductRating.objects.values_list("status", "band")
    assert {status for status, _ in heads} == set(Status)
    bands = [band for _, band in heads if band]
    assert set(bands) == {1, 2, 3, 4, 5}
    assert sum(band in (2, 3, 4) for band in bands) > 0.75 * len(bands)
    assert len(heads) == 610


def test_nothing_is_left_to_do_and_nothing_failed(loaded: Report) -> None:
    assert not StaleMark.objects.exists()
    assert not ProductRating.objects.filter(failed_count__gt=0).exists()
    assert loaded.rated_today == 610
    assert loaded.past_snapshots > 5000


def test_products_that_do_not_take_part_have_no_head() -> None:
    assert Product.objects.filter(rating__isnull=True, enrolments__isnull=True).count() == 120


@pytest.mark.parametrize(("ndc", "score", "band"), [("999901-0101", 80.1, 4), ("999901-0202", 29.8, 1)])
def test_the_published_example_has_its_published_score(ndc: str, score: float, band: int) -> None:
    head = ProductRating.objects.get(product__ndc=ndc)
    assert (head.score, head.band) == (score, band)


def test_a_second_source_lifted_the_first_product_of_the_example_by_a_band() -> None:
    qualified = Product.objects.get(ndc="999901-0101").supply_nodes.filter(stage="api").latest("valid_from").valid_from
    history = RatingSnapshot.objects.filter(product__ndc="999901-0101", status=Status.RATED)
    before = history.filter(as_of__lt=qualified).latest("as_of")
    after = history.get(as_of=qualified)
    assert (before.band, after.band) == (3, 4)
    assert after.score - before.score > 3


def test_histories_move() -> None:
    histories = defaultdict(list)
    for product_id, band in (
        RatingSnapshot.objects.filter(status=Status.RATED).order_by("id").values_list("product_id", "band")
    ):
        histories[product_id].append(band)
    moved = [bands for bands in histories.values() if len(bands) >= 3 and len(set(bands)) > 1]
    assert len(moved) > 100
    assert any(bands[0] < bands[-1] for bands in moved)
    assert any(bands[0] > bands[-1] for bands in moved)


def test_snapshots_follow_the_days_and_each_prior_band_is_that_of_an_earlier_day() -> None:
    last: dict[int, RatingSnapshot] = {}
    rows = RatingSnapshot.objects.defer("inputs", "explanation").order_by("id")
    assert rows.first().as_of < timezone.localdate() - timedelta(days=600)
    for snapshot in rows:
        before = last.get(snapshot.product_id)
        assert before is None or before.as_of < snapshot.as_of
        if snapshot.status == Status.RATED:
            assert snapshot.prior_band == (before.band_uncapped if before else None)
            last[snapshot.product_id] = snapshot


def test_every_account_signs_in_and_has_a_membership() -> None:
    for name in ("operator", "manufacturer", "purchaser", "assessor", "coordinator", "auditor"):
        user = authenticate(username=f"{name}@demo.example", password="dscr-demo")
        assert user is not None, name
        assert user.is_superuser == user.is_staff == (name == "operator")
        assert Membership.objects.filter(user=user, organisation__is_synthetic=True).exists()


def test_a_second_load_says_so_and_if_empty_says_nothing() -> None:
    with pytest.raises(CommandError, match="loaded already"):
        call_command("load_demo", verbosity=0)
    out = StringIO()
    call_command("load_demo", "--if-empty", stdout=out)
    assert out.getvalue() == ""


def test_a_day_ahead_is_refused() -> None:
    with pytest.raises(CommandError, match="lies ahead"):
        call_command("load_demo", "--today", str(timezone.localdate() + timedelta(days=2)), verbosity=0)


def test_outside_local_mode_it_is_refused(settings: object) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="local mode only"):
        call_command("load_demo", verbosity=0)


def test_one_disclosure_shows_a_new_purchaser_what_it_looks_like() -> None:
    (grant,) = DisclosureGrant.objects.in_force()
    assert (grant.product.ndc, grant.grantee.name) == ("999901-0101", "Fernwick Hospital Purchasing Alliance")
    assert (grant.granted_by.email, grant.shows_supply, len(grant.kpis)) == ("manufacturer@demo.example", True, 3)
