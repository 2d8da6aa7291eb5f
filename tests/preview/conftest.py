"""Results in preview: the setting put in force, products computed as a worker would, and readers of every kind."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.moments import moment
from products.models import KpiSubmission, Product
from ratings.loaders import load
from ratings.models import ProductRating, StaleMark
from ratings.previews import previewing, published_from
from ratings.program import PREVIEW_DAYS, setting_change, setting_held
from ratings.publish import publish, score_batch
from ratings.recompute import lock_heads
from tests.pages import factory

FIRM = "Halden Group"
PUBLISHED, PREVIEWED = 80.1, 75.8  # the strong product with its own stock, and with 20 days of it


def office() -> User:
    return User.objects.filter(email="office@demo.example").first() or factory.user_of(
        "Office", Role.OPERATOR, "office@demo.example"
    )


def set_days(days: int) -> None:
    setting_change(setting_held(PREVIEW_DAYS), days, user=office(), reason="test")


def keep_stock(product: Product, days: int) -> None:
    KpiSubmission.objects.filter(product=product).update(days_inventory_on_hand=days)


def compute(product: Product, at: datetime | None = None) -> None:
    """What a worker does with the product, inside the test's transaction; marks go."""
    at = at or timezone.now()
    today = timezone.localdate(at)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.ratings_head_update")
        heads = lock_heads(cursor, [product.pk])
        batch = score_batch(load(cursor, [product.pk], today), today)
        publish(cursor, batch, heads, at, previewing(cursor, [product.pk]))
    StaleMark.objects.all().delete()


def head(product: Product) -> ProductRating:
    return ProductRating.objects.get(product=product)


def words(html: str) -> str:
    """What is read, with single plain spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " "))


def when(since: datetime, days: int) -> str:
    """The time of publication as pages tell it, in plain spaces."""
    return words(moment(published_from(since, days)))


def client_of(organisation: str, role: str) -> Client:
    client = Client()
    client.force_login(factory.user_of(organisation, role))
    return client


@pytest.fixture
def pair(db: None) -> tuple[Product, Product]:
    products = factory.appendix_b()
    factory.settle(*products)
    return products


@pytest.fixture
def previewed(pair: tuple[Product, Product]) -> Product:
    """Published with 80.1, in preview for 14 days with less, since an hour ago."""
    set_days(14)
    keep_stock(pair[0], 20)
    compute(pair[0], timezone.now() - timedelta(hours=1))
    return pair[0]
