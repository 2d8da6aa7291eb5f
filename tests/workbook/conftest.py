import pytest

from products.models import Product
from tests.pages import factory
from tests.workbook.maker import Firm


@pytest.fixture
def firm(db: None) -> Firm:
    return Firm()


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    factory.settle(*products)
    return products
