"""How far a grant lets a reader see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import User
from products.models import DisclosureGrant, Enrolment
from ratings.queries.sight import AS_PUBLISHED, sight_of
from tests.walk.world import READERS, World

Give = Callable[..., DisclosureGrant]


def anew(user: User) -> User:
    """Without what was read for an earlier request."""
    return User.objects.get(pk=user.pk)


def test_a_grant_opens_its_things_and_no_figures(
    world: World, give: Give, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader = anew(world.users["granted"])
    with django_assert_num_queries(2):  # membership, grants
        assert sight_of(reader, world.own) == AS_PUBLISHED
    give(kpis=["fill_rate"])
    give(kpis=["fill_rate", "shelf_life_months"], valid_to=timezone.localdate() + timedelta(days=9))
    reader = anew(reader)
    with django_assert_num_queries(3):  # membership, grants, enrollments
        sight = sight_of(reader, world.own)
    assert sight.granted_kpis == {"fill_rate", "shelf_life_months"}
    assert (sight.figures, sight.supply, sight.maturity) == (False, False, frozenset())
    today = timezone.localdate()
    assert sight.granted
    assert sight.granted.kpis == {
        "fill_rate": today + timedelta(days=29),
        "shelf_life_months": today + timedelta(days=8),
    }
    assert sight.since == Enrolment.objects.get(product=world.own).enrolled_on
    assert sight.sees_granted(today)
    assert not sight.sees_granted(sight.since - timedelta(days=1))
    assert not sight.sees(today)
    give(shows_supply=True)
    assert sight_of(anew(world.users["granted"]), world.own).supply


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader not in ("purchaser",)])
def test_it_changes_nothing_for_any_other_role(world: World, give: Give, reader: str) -> None:
    before = sight_of(anew(world.users[reader]), world.own)
    give(kpis=["fill_rate"], shows_supply=True, shows_maturity=True, to_all_purchasers=True)
    assert sight_of(anew(world.users[reader]), world.own) == before
