"""A firm of 500 products, eight quarters and 3,000 supply nodes: server time of every page of a manufacturer, its
median, beside the number of queries."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from dscr.bench.firm_pages import Asked, Asker
from dscr.bench.firm_rows import firm_create
from dscr.bench.measured import Measured, median_of
from dscr.bench.pages import prepare

PRODUCTS = 500
PAGE = 0.200  # seconds
TIMES = 7


def measure() -> list[Measured]:
    hosts = [*settings.ALLOWED_HOSTS, "testserver"]
    with tempfile.TemporaryDirectory() as folder, override_settings(ALLOWED_HOSTS=hosts, PRIVATE_FILES=Path(folder)):
        firm = firm_create(PRODUCTS)
        prepare()
        cache.clear()
        with override_settings(API_RATE=10**9):
            return [_measured(one) for one in Asker(firm).all()]


def _measured(one: Asked) -> Measured:
    seconds = median_of(one.ask, TIMES)
    with CaptureQueriesContext(connection) as queries:
        one.ask()
    return Measured(f"firm: {one.name}", seconds, PAGE, None, f"{len(queries)} queries")
