"""The pair of appendix B, published, and a browser signed in as its maker."""

import pytest
from django.test import Client

from dscr.access.roles import Role
from products.models import Product
from qmm.models import Establishment
from tests.pages import factory

FIRM = "Halden Group"


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    """The firm owns its plant; the two suppliers of the API belong to nobody in the program."""
    strong, fragile = factory.appendix_b()
    plant = Establishment.objects.get(name=factory.NAMES["3001000001"])
    plant.owner = strong.enrolments.get().organisation
    plant.save()
    factory.settle(strong, fragile)
    return strong, fragile


@pytest.fixture
def maker(pair: tuple[Product, Product]) -> Client:
    client = Client()
    client.force_login(factory.user_of(FIRM, Role.MANUFACTURER_EDITOR))
    return client
