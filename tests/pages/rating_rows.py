"""Seven products that differ in all that the list of NDCs filters and sorts by."""

from typing import Any

from django.http import QueryDict
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from products.models import Product
from ratings.filters import RatingFilter
from ratings.models import ProductRating, RatingSnapshot, Status
from ratings.queries.rating_list import rating_list
from tests.pages import factory

ROWS: dict[str, dict[str, Any]] = {
    "a": {"name": "cisplatin", "labeler": "Halden", "score": 61.2, "band": 3, "coverage": 0.9},
    "b": {"name": "Bleomycin", "labeler": "Vantry", "score": 88.0, "band": 5, "coverage": 0.7, "form": "TABLET"},
    "c": {"name": "cisplatin", "labeler": "Vantry", "status": Status.INSUFFICIENT_DATA, "coverage": 0.95},
    "d": {"name": "atropine", "labeler": "Corvo", "score": 40.5, "band": 2, "coverage": 1.0, "route": "ORAL; TOPICAL"},
    "e": {"name": "atropine", "labeler": "Bexley", "status": Status.NOT_YET_RATED, "failed": 3},
    "x": {"name": "Atropine", "labeler": "Ashvale", "is_in": False},
    "y": {"name": "cisplatin", "labeler": "Orrin", "is_in": False},
}


def make_rows() -> dict[str, Product]:
    """Seven products whose keys are their letters; x and y have no head."""
    made = {}
    for number, (letter, row) in enumerate(ROWS.items(), 1):
        product = made[letter] = Product.objects.create(
            ndc=f"000001-{number:04}",
            display_ndc=f"0001-{number:04}",
            nonproprietary_name=row["name"],
            proprietary_name=letter,
            labeler_name=row["labeler"],
            molecule=row["name"].upper(),
            dosage_form=row.get("form", "INJECTION"),
            route=row.get("route", "INTRAVENOUS"),
        )
        if not row.get("is_in", True):
            continue
        values = {
            "status": row.get("status", Status.RATED),
            "score": row.get("score"),
            "band": row.get("band"),
            "coverage": row.get("coverage"),
        }
        head = ProductRating(product=product, failed_count=row.get("failed", 0), **values)
        if not head.failed_count:
            head.published_snapshot = snapshot(product, **values)
        head.save()
    return made


def snapshot(product: Product, **values: Any) -> RatingSnapshot:
    return RatingSnapshot.objects.create(
        product=product,
        methodology="2026.1",
        as_of=timezone.localdate(),
        computed_at=timezone.now(),
        exact=values["score"],
        qmm_coverage=1,
        inputs=[],
        explanation=[],
        fingerprint="00000000-0000-0000-0000-000000000000",
        **({"gates": 0} | values),
    )


def limit_some(rows: dict[str, Product]) -> None:
    """a: two gates lower the band; b: one holds and changes nothing; d: one lowers it, and the band before is Moderate
    only by the buffer below 55."""
    for letter, score, uncapped, band, gates in (
        ("a", 71.0, 4, 3, 0b011),
        ("b", 60.0, 3, 3, 0b001),
        ("d", 53.5, 3, 2, 0b100),
    ):
        values = {"status": Status.RATED, "score": score, "band": band, "coverage": 1.0}
        head = rows[letter].rating
        head.published_snapshot = snapshot(rows[letter], band_uncapped=uncapped, gates=gates, **values)
        head.score, head.band = score, band
        head.save()


def filtered(query: str) -> RatingFilter:
    buyer = User.objects.filter(email="buyer@demo.example").first()
    buyer = buyer or factory.user_with(Role.PURCHASER, "buyer@demo.example")
    return RatingFilter(QueryDict(query), queryset=rating_list(buyer))


def letters(query: str) -> str:
    found = filtered(query)
    assert found.errors == {}
    return "".join(product.proprietary_name for product in found.qs)
