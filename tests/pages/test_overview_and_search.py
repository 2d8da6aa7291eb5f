"""The operator's first page and the search."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from products.models import KpiSubmission, Product
from qmm.models import AREAS, Assessment, Establishment
from ratings.models import ProductRating, StaleMark
from tests.pages import factory
from tests.pages.test_rating_page import words


def test_overview_counts_what_stands_where(
    operator_client: Client, pair: tuple[Product, Product], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(14):
        text = words(operator_client.get("/").content.decode())
    assert "2 of 2 enrolled products are rated, 50% of them High or Very high." in text
    assert "Nothing waits: every rating shows the latest inputs." in text
    assert "Every product can be computed." in text


def test_overview_names_what_waits_and_what_failed(operator_client: Client, pair: tuple[Product, Product]) -> None:
    StaleMark.objects.create(kind="product", key=pair[0].pk, source="test")
    ProductRating.objects.filter(product=pair[1]).update(
        failed_count=4, failed_at=timezone.now(), failure="shares of fdf add up to 0.5"
    )
    text = words(operator_client.get("/").content.decode())
    assert re.search(r"1 change waits to be computed, the oldest for 0(\.\d)? s\.", text)
    assert "One product cannot be computed" in text
    assert "shares of fdf add up to 0.5" in text


def test_overview_tells_the_latest_change_with_its_cause(
    operator_client: Client, pair: tuple[Product, Product], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(fill_rate_numerator=88_000)
    factory.settle(pair[0])
    with django_assert_num_queries(16):
        text = words(operator_client.get("/").content.decode())
    assert re.search(r"80\.1 → 7\d\.\d High Fill rate 98\.2% → 88% \(98,200 → 88,000 of 100,000\)", text)


def test_one_assessment_that_moves_many_products_is_told_once(
    operator_client: Client, pair: tuple[Product, Product]
) -> None:
    site = Establishment.objects.get(name="Halden Plant 2")
    Assessment.objects.create(establishment=site, completed_on=timezone.localdate(), **dict.fromkeys(AREAS, 5))
    factory.settle(*pair)
    html = operator_client.get("/").content.decode()
    assert html.count("QMM level of Halden Plant 2") == 1
    text = words(html)
    assert "2 products of Vantry Pharma and Halden Sterile" in text
    assert "2 rose" in text


def test_overview_leads_to_what_waits_and_what_failed(operator_client: Client, pair: tuple[Product, Product]) -> None:
    StaleMark.objects.create(kind="product", key=pair[0].pk, source="test")
    ProductRating.objects.filter(product=pair[1]).update(failed_count=4, failed_at=timezone.now(), failure="shares")
    html = operator_client.get("/").content.decode()
    for path in ("/admin/ratings/stalemark/", "/admin/ratings/productrating/?failed_at__isempty=0"):
        assert f'href="{path}"' in html
        assert operator_client.get(path).status_code == 200


def test_the_method_page_defines_every_indicator(operator_client: Client, db: None) -> None:
    from ratings.scoring import INDICATORS

    html = operator_client.get("/method/2026.1/").content.decode()
    assert all(f'id="{code}"' in html for code in INDICATORS)
    assert operator_client.get("/method/1999.1/").status_code == 404


def test_the_method_page_speaks_as_the_product_page_does(operator_client: Client, db: None) -> None:
    text = words(operator_client.get("/method/2026.1/").content.decode())
    assert "stages weigh API 35%, finished dose 45%, packaging 10% and testing 10%." in text
    assert "80% → 0 · 90% → 50 · 95% → 80 · 98% → 100" in text
    assert "Unit: percent of units" in text
    assert "no plan → 0 · written → 40 · reviewed within 12 months → 70" in text
    assert "contact around the clock → 15" in text
    assert "15 → 0 · 60 → 45" in text


@pytest.mark.parametrize("path", ["/nowhere/", "/products/000009-9999/"])
def test_a_missing_page_is_a_designed_one(operator_client: Client, db: None, path: str) -> None:
    response = operator_client.get(path)
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_an_error_page_needs_no_database_and_no_user() -> None:
    from django.test import RequestFactory
    from django.views.defaults import server_error

    assert "Something went wrong" in server_error(RequestFactory().get("/")).content.decode()
