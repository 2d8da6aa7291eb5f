"""/metrics is for Prometheus, behind a token."""

import re

import pytest
from django.test import Client

from dscr.access.models import Organisation
from products.models import Product
from ratings.models import ProductRating, StaleMark, WorkerTally

pytestmark = pytest.mark.django_db


def scrape(client: Client, settings) -> str:
    response = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    assert response.status_code == 200
    return response.content.decode()


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic demo-metrics-token", "Bearer é"])
def test_without_the_token_it_says_nothing(client: Client, given: str) -> None:
    response = client.get("/metrics", headers={"Authorization": given} if given else {})
    assert response.status_code == 401
    assert response.content == b""
    assert response["WWW-Authenticate"] == "Bearer"


def test_it_counts_marks_heads_and_what_workers_did(client: Client, settings) -> None:
    Organisation.objects.create(name="Firm", kinds=["manufacturer"])
    for number, failed in ((1, 0), (2, 3)):
        product = Product.objects.create(ndc=f"90000{number}-0001", display_ndc="x")
        ProductRating.objects.create(product=product, status=3, failed_count=failed)
    StaleMark.objects.all().delete()
    StaleMark.objects.create(kind="product", key=1, source="t")
    WorkerTally.objects.create(worker="a:1", recomputed=5, published=3, failed=1, retries=2)
    WorkerTally.objects.create(worker="b:2", recomputed=7)
    text = scrape(client, settings)
    assert figure(text, "dscr_marks_waiting") == 1
    assert 0 <= figure(text, "dscr_oldest_mark_seconds") < 60
    assert figure(text, "dscr_recomputed_total") == 12
    assert figure(text, "dscr_published_total") == 3
    assert figure(text, "dscr_failed_total") == 1
    assert figure(text, "dscr_retries_total") == 2
    assert figure(text, 'dscr_heads{status="not_yet_rated"}') == 2
    assert figure(text, 'dscr_heads{status="rated"}') == 0
    assert figure(text, "dscr_failed_heads") == 1
    assert figure(text, "dscr_workers_alive") == 2


def test_it_has_the_times_of_requests(client: Client, settings) -> None:
    client.get("/health/")
    text = scrape(client, settings)
    assert 'django_http_requests_latency_seconds_by_view_method_count{method="GET",view="health:health"}' in text
