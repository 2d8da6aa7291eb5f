"""The pair of appendix_b, whose API supplier belongs to another firm than its maker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Product, SupplyNode
from qmm.models import Establishment, Inspection
from tests.pages import factory

MAKER, OWNER = "Halden Group", "Ashvale Group"


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    SupplyNode.objects.update(valid_from=timezone.localdate() - timedelta(days=500))
    for name, firm in (("Halden Plant 2", MAKER), ("Ashvale Chemicals", OWNER)):
        owner, _ = Organisation.objects.get_or_create(name=firm, defaults={"kinds": ["manufacturer"]})
        Establishment.objects.filter(name=name).update(owner=owner)
    Inspection.objects.create(
        establishment=Establishment.objects.get(name="Ashvale Chemicals"),
        classification="VAI",
        ended_on=timezone.localdate() - timedelta(days=300),
    )
    factory.settle(*products)
    return products


@pytest.fixture
def site(pair: tuple[Product, Product]) -> Establishment:
    return Establishment.objects.get(name="Ashvale Chemicals")


@pytest.fixture
def maker(pair: tuple[Product, Product]) -> User:
    return factory.user_of(MAKER, Role.MANUFACTURER_EDITOR)


@pytest.fixture
def attestor(pair: tuple[Product, Product]) -> User:
    return factory.user_of(OWNER, Role.ATTESTOR)


@pytest.fixture
def operator(db: None) -> User:
    return factory.user_of("Office", Role.OPERATOR)
