"""Order lines written by hand, and what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from products.orders.figures import figures, one_row_a_line
from products.orders.files import chunks, inspect
from products.orders.lines import LineReader
from products.orders.mapping import OrderMapping, guess
from products.orders.product_names import OwnProduct, ProductFinder

TODAY = date(2026, 11, 20)
VIAL, BAG = OwnProduct(1, "099901-0101", ("cisplatin",)), OwnProduct(2, "099901-0202", ("carboplatin",))
HEADS = "Order,Line,NDC,Ordered on,Committed on,Shipped on,Delivered on,Quantity ordered,Quantity shipped,Canceled"


@dataclass
class Outcome:
    rows: list[dict[str, Any]]
    exclusions: dict[str, dict[str, int]]
    reader: LineReader

    def of(self, product: int = 1, quarter: date | None = date(2026, 9, 30)) -> dict[str, Any]:
        return next((r for r in self.rows if (r["product"], r["quarter_end"]) == (product, quarter)), {})

    def fill(self, **where: Any) -> tuple[int, int]:
        row = self.of(**where)
        return row["units_complete"], row["units_ordered"]

    def on_time(self, **where: Any) -> tuple[int, int]:
        row = self.of(**where)
        return row["orders_on_time"], row["orders_due"]

    def to_ship(self, **where: Any) -> tuple[int | None, int]:
        row = self.of(**where)
        return row["order_to_ship_days"], row["orders_shipped"]

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        return sorted(tuple(problem) for problem in self.reader.problems.kept)


def outcome_of(path: Path, mapping: OrderMapping | None = None, size: int = 3, **options: Any) -> Outcome:
    """Everything between a file and its figures, in chunks of `size` lines."""
    shape, _ = inspect(path, path.name)
    mapping = mapping or OrderMapping(guess(shape.heads, None).columns, **options)
    finder = ProductFinder([VIAL, BAG], mapping.names)
    reader = LineReader(mapping, len(shape.heads), shape.head, finder, TODAY)
    for rows in chunks(path, shape, path.name, size):
        reader.add(rows)
    lines = one_row_a_line(reader.lines(), reader.problems.add)
    return Outcome(*figures(lines, TODAY), reader)


@pytest.fixture
def computed(tmp_path: Path) -> Callable[..., Outcome]:
    """computed("1,1,99901-101,...", ...): the outcome of these lines under the usual heads."""

    def compute(*lines: str, heads: str = HEADS, **options: Any) -> Outcome:
        path = tmp_path / "orders.csv"
        path.write_text("\n".join([heads, *lines]) + "\n")
        return outcome_of(path, **options)

    return compute
