"""Lists page by page: no row twice, none left out, whatever changes meanwhile."""

from typing import Any

from products.models import Product, Shortage
from tests.walk.world import World


def made(first: int, count: int) -> list[Product]:
    return [
        Product.objects.create(ndc=f"00{number:04d}-0001", display_ndc=f"{number:04d}-0001", molecule=f"M {number}")
        for number in range(first, first + count)
    ]


def walked(asker: Any, path: str, between: Any = None) -> list[dict[str, Any]]:
    found, address = [], path
    while address:
        page = asker.get(address).json()
        found += page["results"]
        address = page["next"]
        if between:
            between()
    return found


def test_every_row_comes_once_though_rows_come_and_go(machine: Any, world: World) -> None:
    products = made(1, 20)
    buyer, changes = machine("purchaser"), iter(range(100))

    def between() -> None:
        place = next(changes)
        if place == 0:
            products[0].delete()  # already seen
            made(500, 1)  # still to come
            Product.objects.filter(pk=products[15].pk).update(nonproprietary_name="renamed")

    ndcs = [row["ndc"] for row in walked(buyer, "products/?page_size=4", between)]
    assert ndcs == sorted(set(ndcs))
    assert len(ndcs) == 23  # 20 and the world's two, and the one that came
    assert [row["ndc"] for row in walked(buyer, "ratings/?enrolled=no&page_size=7")] == ndcs[1:21]


def test_a_full_last_page_has_no_next(machine: Any, world: World) -> None:
    made(1, 2)
    buyer = machine("purchaser")
    page = buyer.get("products/?page_size=4").json()
    assert (len(page["results"]), page["next"]) == (4, None)


def test_next_keeps_the_filters(machine: Any, world: World) -> None:
    for number in range(3):
        Shortage.objects.create(
            package_ndc=f"000001-0001-0{number}", status="resolved", changed_on="2026-01-01", entry_key=str(number)
        )
    buyer = machine("purchaser")
    assert len(walked(buyer, "shortages/?status=resolved&page_size=1")) == 3
    assert len(walked(buyer, "shortages/?page_size=1")) == 4


def test_molecules_with_any_letter_in_their_name_can_be_walked(machine: Any, world: World) -> None:
    names = ["A/B 100%", "Å & B", "B+C; D", "C'D\"E"]
    for number, name in enumerate(names):
        Product.objects.create(ndc=f"00000{number}-0001", display_ndc="x", molecule=name.upper())
    buyer = machine("purchaser")
    rows = walked(buyer, "molecules/?page_size=1")
    assert sorted(row["molecule"] for row in rows) == sorted([*(name.upper() for name in names), "WALKAMINE"])
    from urllib.parse import quote

    for row in rows:
        assert buyer.get(f"molecules/{quote(row['molecule'])}/").json() == row
