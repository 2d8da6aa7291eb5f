"""The pair of appendix_b, published, and browsers signed in as each kind of reader."""

import pytest
from django.test import Client

from dscr.access.roles import Role
from products.models import Product
from tests.pages import factory
from tests.pages.rating_rows import make_rows


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    factory.settle(*products)
    return products


@pytest.fixture
def operator_client(db: None) -> Client:
    client = Client()
    client.force_login(factory.operator())
    return client


@pytest.fixture
def rows(db: None) -> dict[str, Product]:
    """The list of NDCs, by letters."""
    return make_rows()


@pytest.fixture
def buyer(db: None) -> Client:
    client = Client()
    client.force_login(factory.user_with(Role.PURCHASER, "buyer@demo.example"))
    return client


def page(client: Client, product: Product, path: str = "") -> str:
    return client.get(f"/products/{product.ndc}/{path}").content.decode()
