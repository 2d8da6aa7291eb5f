"""A second client, and what is published now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection

from products.models import Product
from ratings.models import ProductRating
from ratings.verify import verify
from tests.ratings.conftest import marks
from tests.ratings.independent import independent_rating


@contextmanager
def second_connection() -> Iterator[Any]:
    """Another client, as psql would be: its transaction stays open until it commits."""
    given = connection.get_connection_params()
    own = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    other = psycopg2.connect(**own)
    try:
        yield other
    finally:
        other.close()


def score_of(product: Product) -> float | None:
    return ProductRating.objects.get(product=product).score


def assert_right(*products: Product) -> None:
    assert not marks()
    assert verify().wrong == {}
    for product in products:
        assert score_of(product) == independent_rating(product)["score"]
