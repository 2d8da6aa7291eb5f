"""`updated_since` misses nothing, not even a transaction that computed early and committed late.

An answer may tell more than what is new, as long as some other transaction is open; tests run beside others, so they
ask for what must be told, and from just behind a publication for what must not.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from products.models import KpiSubmission, Product
from ratings.models import ProductRating, RatingSnapshot
from tests.api.conftest import Machine
from tests.pages.factory import publish_as_of
from tests.walk.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ["099901-0101", "099902-0202"]


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def buyer(world: World) -> Machine:
    return Machine(world.users["purchaser"])


def asked(buyer: Machine, since: str) -> tuple[list[str], str]:
    answer = buyer.get(f"ratings/?updated_since={since}").json()
    return [row["ndc"] for row in answer["results"]], answer["next_since"]


def publish_anew(product: Product) -> None:
    KpiSubmission.objects.filter(product=product).update(fill_rate_numerator=500_000_000)
    publish_as_of(product, timezone.localdate())


def behind(product: Product) -> str:
    """A token from right after the product's publication."""
    return str(ProductRating.objects.get(product=product).published_in + 1)


def test_a_run_begins_where_the_one_before_ended(buyer: Machine, world: World) -> None:
    since = buyer.get("ratings/").json()["next_since"]
    publish_anew(world.other)
    found, after = asked(buyer, since)
    assert "099902-0202" in found
    assert int(since) <= int(after)
    assert asked(buyer, behind(world.other))[0] == []
    assert asked(buyer, "0")[0] == ALL


def test_who_commits_late_is_not_missed(buyer: Machine, world: World) -> None:
    """T1 publishes and stays open; T2 begins later and commits; a reader takes its token; T1 commits."""
    published, may_commit = threading.Event(), threading.Event()

    def late_worker() -> None:
        try:
            with transaction.atomic():
                publish_anew(world.own)
                published.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    before = buyer.get("ratings/099901-0101/").json()["score"]
    late = threading.Thread(target=late_worker)
    late.start()
    try:
        assert published.wait(20)
        begin = behind(world.other)
        publish_anew(world.other)  # a later number, committed at once
        found, since = asked(buyer, begin)
        assert found == ["099902-0202"]
        assert buyer.get("ratings/099901-0101/").json()["score"] == before
    finally:
        may_commit.set()
        late.join()
    numbers = {head.product_id: head.published_in for head in ProductRating.objects.all()}
    assert numbers[world.own.pk] < numbers[world.other.pk]  # what a highest number seen would have missed
    answer = buyer.get(f"ratings/?updated_since={since}").json()
    told = {row["ndc"]: row["score"] for row in answer["results"]}
    assert told["099901-0101"] < before


def test_the_token_of_a_run_is_that_of_its_first_page(buyer: Machine, world: World) -> None:
    """What is published behind the reader, while later pages are read, comes with the next run."""
    first = buyer.get("ratings/?page_size=1").json()
    publish_anew(world.own)  # on the page that was read already
    second = buyer.get(first["next"]).json()
    assert [row["ndc"] for row in second["results"]] == ["099902-0202"]
    assert second["next_since"] == first["next_since"]
    assert "099901-0101" in asked(buyer, second["next_since"])[0]


def test_what_is_only_verified_is_not_told_again(buyer: Machine, world: World) -> None:
    since = behind(world.own)
    publish_as_of(world.own, timezone.localdate())
    assert "099901-0101" not in asked(buyer, since)[0]


def test_a_new_head_is_told_before_it_is_computed(buyer: Machine, world: World) -> None:
    since = behind(world.other)
    product = Product.objects.create(ndc="000001-0001", display_ndc="0001-0001")
    ProductRating.objects.create(product=product)
    assert asked(buyer, since)[0] == ["000001-0001"]


def test_a_time_looks_back_longer_than_a_worker_may_take(buyer: Machine, world: World) -> None:
    newest = RatingSnapshot.objects.order_by("-computed_at").values_list("computed_at", flat=True)[0]
    assert asked(buyer, f"{newest + timedelta(minutes=15):%Y-%m-%dT%H:%M:%SZ}")[0] == ALL
    assert asked(buyer, f"{newest + timedelta(minutes=17):%Y-%m-%dT%H:%M:%SZ}")[0] == []
