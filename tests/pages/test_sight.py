"""How far each role sees into a product."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Enrolment, Product
from qmm.models import Establishment
from ratings.queries.sight import AS_PUBLISHED, EVERYTHING, Sight, sight_of
from tests.pages import factory


def of_firm(role: str, firm: str = "Halden Group") -> User:
    return factory.user_of(firm, role)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_oversight_sees_everything(pair: tuple[Product, Product], role: str) -> None:
    assert sight_of(factory.user_with(role), pair[0]) == EVERYTHING


@pytest.mark.parametrize(
    "role", [Role.PURCHASER, Role.COORDINATOR, Role.ASSESSOR, Role.LEAD_ASSESSOR, Role.ESTABLISHMENT_CONTACT, None]
)
def test_others_see_what_was_published(pair: tuple[Product, Product], role: str | None) -> None:
    assert sight_of(factory.user_with(role), pair[0]) == AS_PUBLISHED
    assert sight_of(AnonymousUser(), pair[0]) == AS_PUBLISHED


@pytest.mark.parametrize("role", [Role.MANUFACTURER_EDITOR, Role.ATTESTOR])
def test_a_manufacturer_sees_its_own_figures_and_the_levels_of_its_own_sites(
    pair: tuple[Product, Product], role: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    plant.owner = Organisation.objects.get(name="Halden Group")
    plant.save()
    user = of_firm(role)
    with django_assert_num_queries(4):  # membership, own?, enrolments, sites
        sight = sight_of(user, pair[0])
    assert sight == Sight(True, frozenset({plant.pk}), date(2025, 1, 1))
    assert sight.reads_level(plant.pk)
    assert not sight.reads_level(plant.pk + 1)
    assert sight_of(of_firm(role, "Another firm"), pair[0]) == AS_PUBLISHED


def test_figures_of_an_earlier_firm_stay_its_own(pair: tuple[Product, Product]) -> None:
    old, new = (
        Organisation.objects.get(name="Halden Group"),
        Organisation.objects.create(name="New", kinds=["manufacturer"]),
    )
    today = timezone.localdate()
    Enrolment.objects.filter(product=pair[0]).update(withdrawn_on=today - timedelta(days=20))
    assert sight_of(of_firm(Role.ATTESTOR), pair[0]).since == date(2025, 1, 1)  # withdrawn, and nobody took over
    for days, firm in ((20, old), (10, new)):
        Enrolment.objects.filter(product=pair[0], withdrawn_on=None).update(withdrawn_on=today - timedelta(days=days))
        Enrolment.objects.create(product=pair[0], organisation=firm, enrolled_on=today - timedelta(days=days))
        if firm == old:
            assert sight_of(of_firm(Role.MANUFACTURER_EDITOR), pair[0]).since == date(2025, 1, 1)
    assert sight_of(User.objects.get(email__startswith="attestor"), pair[0]) == AS_PUBLISHED
    sight = sight_of(of_firm(Role.ATTESTOR, "New"), pair[0])
    assert sight.since == today - timedelta(days=10)
    assert sight.sees(today)
    assert not sight.sees(today, today - timedelta(days=11))
