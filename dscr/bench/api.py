"""The API against a bare Django view: the same rows by one SQL query, dumped with orjson. Both are called in this
process, without a server or middleware, so that nothing but their own work counts."""

import time
from collections.abc import Callable
from typing import Any

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import resolve

from dscr.access.roles import Role
from dscr.api.tokens import token_create
from dscr.bench.measured import Measured, median_of
from dscr.bench.pages import prepare, reader
from products.models import Product

# Times as long as the bare view: 0.25 of its requests a second for a list, 0.3 for a detail.
LIST, DETAIL = 4.0, 1 / 0.3
TIMES = 300
LOOKUP_SECONDS = 0.7
LOOKED_UP = 10_000

ROWS = """
SELECT p.ndc, p.display_ndc, p.labeler_name, p.proprietary_name, p.nonproprietary_name, p.molecule, p.dosage_form,
    p.route, p.strength, s.status, s.score, s.band, s.coverage, s.gates, s.methodology, s.as_of, s.computed_at,
    h.verified_at
FROM products_product p JOIN ratings_productrating h ON h.product_id = p.id
JOIN ratings_ratingsnapshot s ON s.id = h.published_snapshot_id
"""
LISTED = ROWS + "WHERE h.band = ANY(%s) AND p.dosage_form = %s ORDER BY p.ndc LIMIT 50"
ONE = ROWS + "WHERE p.ndc = %s"


def measure() -> list[Measured]:
    prepare()
    with override_settings(API_RATE=10**9):
        ask = Asker()
        found = [
            ask.against("GET ratings/, 50 rows", "/api/v1/ratings/?band=3&band=4&dosage_form=INJECTION", LISTED, LIST),
            ask.against("GET ratings/{ndc}/", f"/api/v1/ratings/{ask.ndc}/", ONE, DETAIL),
        ]
        found.append(ask.look_up())
    return found


class Asker:
    """A purchaser's program."""

    def __init__(self) -> None:
        _, self.secret = token_create(reader(Role.PURCHASER).membership, name="Bench")
        self.factory = RequestFactory(SERVER_NAME="127.0.0.1", HTTP_AUTHORIZATION=f"Token {self.secret}")
        self.ndc = Product.objects.filter(rating__score__isnull=False).earliest("pk").ndc

    def against(self, name: str, address: str, sql: str, limit: float) -> Measured:
        """The two in turn, so that neither has the quieter machine."""
        parameters = [[3, 4], "INJECTION"] if sql is LISTED else [self.ndc]
        match = resolve(address.partition("?")[0])

        def api() -> None:
            request = self.factory.get(address)
            request.resolver_match = match
            _sound(match.func(request, *match.args, **match.kwargs).render())

        def bare() -> None:
            _sound(bare_view(self.factory.get(address), sql, parameters))

        ours, floor = in_turn(api, bare)
        return Measured(name, ours, floor, limit, f"{floor / ours:.2f} of the bare view's requests a second")

    def look_up(self) -> Measured:
        keys = Product.objects.order_by("?").values_list("display_ndc", flat=True)[:LOOKED_UP]
        given = [key.replace("-", "") + "01" if place % 3 else f"{key}-01" for place, key in enumerate(keys)]
        body = orjson.dumps({"ndcs": given})
        match = resolve("/api/v1/ratings/lookup/")

        def post() -> None:
            request = self.factory.post("/api/v1/ratings/lookup/", body, content_type="application/json")
            request.resolver_match = match
            _sound(match.func(request).render())

        return Measured(f"look-up of {len(given):,} NDCs, median", median_of(post, 7), LOOKUP_SECONDS, None, "of 7")


def bare_view(request: HttpRequest, sql: str, parameters: list[Any]) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return HttpResponse(orjson.dumps(rows), content_type="application/json")


def _sound(response: HttpResponse) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"The API answered {response.status_code}: {response.content[:300]!r}")


def in_turn(one: Callable[[], None], other: Callable[[], None]) -> tuple[float, float]:
    """Median seconds of both."""
    taken: list[list[float]] = [[], []]
    for turn in range(TIMES + 10):
        for place, work in enumerate((one, other)):
            start = time.perf_counter()
            work()
            if turn >= 10:
                taken[place].append(time.perf_counter() - start)
    first, second = (sorted(times)[TIMES // 2] for times in taken)
    return first, second
