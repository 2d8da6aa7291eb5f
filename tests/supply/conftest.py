"""The pair of appendix_b with its maker, and a site that could join."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from products.models import Product, SupplyNode
from qmm.models import Establishment, EstablishmentIdentifier
from tests.pages import factory

FIRM = "Halden Group"


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    Organisation.objects.filter(name=FIRM).update(kinds=[OrganisationKind.MANUFACTURER])
    SupplyNode.objects.update(valid_from=timezone.localdate() - timedelta(days=500))
    return products


@pytest.fixture
def product(pair: tuple[Product, Product]) -> Product:
    return pair[0]


@pytest.fixture
def editor(pair: tuple[Product, Product]) -> User:
    return factory.user_of(FIRM, Role.MANUFACTURER_EDITOR)


@pytest.fixture
def newcomer(db: None) -> Establishment:
    """A registered site in Basel."""
    site = Establishment.objects.create(
        name="Basel Actives", address="1 Rheinweg, Basel", country="CHE", last_seen_on=date(2026, 1, 1)
    )
    EstablishmentIdentifier.objects.create(establishment=site, scheme="fei", value="3009990001")
    return site


@pytest.fixture
def today() -> date:
    return timezone.localdate()
