"""A body that puts the drafts of many products: read as a whole, so that everything wrong is named at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import Http404
from rest_framework.request import Request

from products.api.answers import changes_of, nested, read_body
from products.api.draft_shapes import version_tag
from products.api.named import keys_of
from products.models import Product
from products.queries.due import quarter_of
from products.queries.firm_quarters import FirmQuarter, firm_quarters
from products.services.kpi_draft_put import DraftPut

MOST, COUNTED = 500, 10  # drafts of one request; of these, that count as one
SHOWN = 40  # characters of an NDC that is none
ITEM = ("ndc", "etag", "answers", "notes", "is_correction")
WHOLE = ("quarter_end", "source", "drafts")


@dataclass(slots=True)
class Batch:
    """`parts`: place in the list -> what to store. `wrong`: as errors nest. `stale`, `settled`: places."""

    quarter_end: date = date.min
    source: str = ""
    parts: dict[int, DraftPut] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    stale: list[int] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)

    def errors(self, *, stale: str, settled: str) -> dict[str, Any]:
        """All of it, also what by itself would be 412 or 409."""
        drafts = self.wrong.get("drafts", {})
        if isinstance(drafts, str):
            return self.wrong
        for places, name, text in ((self.stale, "etag", stale), (self.settled, "is_correction", settled)):
            for place in places:
                drafts.setdefault(str(place), {}).setdefault(name, text)
        return self.wrong | {"drafts": {place: drafts[place] for place in sorted(drafts, key=int)}}

    @staticmethod
    def pointers(places: Iterable[int], text: str) -> list[dict[str, str]]:
        return [{"pointer": f"#/drafts/{place}", "detail": text} for place in places]


def read_batch(request: Request, today: date, *, whole: bool) -> Batch:
    """Five queries and one where something was attested, however many drafts."""
    batch, given = Batch(), request.data
    head = read_body(given, WHOLE)
    batch.wrong, batch.source = head.problems, head.source
    items = given.get("drafts") if isinstance(given, dict) else None
    if isinstance(given, dict):
        _read_quarter(given.get("quarter_end"), batch)
        if not isinstance(items, list) or not 1 <= len(items) <= MOST:
            batch.wrong["drafts"] = f"Give a list of 1 to {MOST} drafts."
    if not isinstance(items, list) or "drafts" in batch.wrong:
        return batch
    products = _products(request, items)
    found = firm_quarters(request.user, list(products.values()), batch.quarter_end)
    wrong: dict[str, Any] = {}
    seen: set[int] = set()
    for place, item in enumerate(items):
        product = products.get(_ndc_of(item))
        standing = found.get(product.pk) if product else None
        problems = _read_item(batch, place, item, standing, today, whole=whole)
        if product and product.pk in seen:
            problems.setdefault("ndc", f"{product.display_ndc} stands here twice. Give each product once.")
        elif product and not standing and "quarter_end" not in batch.wrong:
            problems.setdefault("ndc", f"No figures of {product.display_ndc} are asked for this quarter.")
        elif not product and isinstance(item, dict):
            problems.setdefault("ndc", _no_product(_ndc_of(item)))
        seen.update({product.pk} if product else ())
        if problems:
            wrong[str(place)] = problems
    if wrong:
        batch.wrong["drafts"] = wrong
    return batch


def lost_products(request: Request) -> dict[str, Any]:
    """Of a body that was done once: place in the list -> what is wrong where the product is no longer reached."""
    items = request.data["drafts"]
    products = _products(request, items)
    found = firm_quarters(request.user, list(products.values()), date.fromisoformat(request.data["quarter_end"]))
    reached = {text for text, product in products.items() if product.pk in found}
    return {
        str(place): {"ndc": _no_product(text)} for place, text in enumerate(map(_ndc_of, items)) if text not in reached
    }


def _read_quarter(given: Any, batch: Batch) -> None:
    try:
        day = date.fromisoformat(given)
        if not 1990 < day.year < 9999 or quarter_of(day).ends_on != day:
            raise ValueError
        batch.quarter_end = day
    except (TypeError, ValueError):
        batch.wrong["quarter_end"] = "Give the last day of a quarter, such as 2026-09-30."


def _read_item(
    batch: Batch, place: int, item: Any, found: FirmQuarter | None, today: date, *, whole: bool
) -> dict[str, Any]:
    """What is wrong with it; what is not goes to the batch."""
    body = read_body(item, ITEM)
    if not isinstance(item, dict):
        return body.problems
    problems = body.problems
    if not isinstance(item.get("etag"), str):
        problems["etag"] = "Give the ETag of the draft as you read it; the list tells it."
    if found is None:
        return problems
    changes = changes_of(found.figures, body, today, whole=whole)
    problems = nested(problems, changes.problems)
    if "etag" not in problems and item["etag"] != version_tag(found.figures):
        batch.stale.append(place)
    if found.figures.attested and not found.figures.draft and not body.is_correction:
        batch.settled.append(place)
    batch.parts[place] = DraftPut(found.figures, changes.answers, changes.notes)
    return problems


def _products(request: Request, items: Iterable[Any]) -> dict[str, Product]:
    """Text of an NDC -> the one own product that it names. One query."""
    keys = {text: _keys(text) for text in map(_ndc_of, items)}
    own = Product.objects.for_user(request.user, "enter_kpis")
    named = {product.ndc: product for product in own.filter(ndc__in={key for found in keys.values() for key in found})}
    fitting = {text: [named[key] for key in found if key in named] for text, found in keys.items()}
    return {text: found[0] for text, found in fitting.items() if len(found) == 1}


def _keys(text: str) -> list[str]:
    try:
        return keys_of(text)
    except Http404:
        return []


def _no_product(text: str) -> str:
    return f"“{text[:SHOWN]}” is no product of yours, or names several."


def _ndc_of(item: Any) -> str:
    given = item.get("ndc", "") if isinstance(item, Mapping) else ""
    return given if isinstance(given, str) else str(given)
