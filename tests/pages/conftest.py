"""The pair of appendix_b, published, and browsers signed in as each kind of reader."""

import pytest
from django.test import Client

from products.models import Product
from tests.pages import factory


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


def page(client: Client, product: Product, path: str = "") -> str:
    return client.get(f"/products/{product.ndc}/{path}").content.decode()
