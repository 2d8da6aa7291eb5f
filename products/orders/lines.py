"""Rows of text into columns of numbers, 60 bytes a line: what is left of a million lines fits into memory.

A line with a value that cannot be true, or cannot be read, is not used at all; a line that lacks a value is used for
the figures that need no such value.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from products.orders.cells import MISSING, WRONG, day_of, read_cancelled, read_day, read_units
from products.orders.files import Row
from products.orders.mapping import BY_CODE, DATES, OrderMapping
from products.orders.product_names import MOST_NAMED, REASONS, ProductFinder

MOST_PROBLEMS = 10_000  # kept line by line; all are counted
EARLIEST = date(1990, 1, 1)
LATEST_DAYS = 3_653  # ahead of today, for dates that may lie ahead
QUANTITIES = ("quantity_ordered", "quantity_shipped")
PAST = ("ordered_on", "shipped_on", "delivered_on", "cancelled_on")
NOT_A_ROW = "The line has {} columns than the heads; a cell that holds the separator needs quotation marks around it"


class Problem(NamedTuple):
    """A line that could not be used. `value`: the cell, where one is to blame."""

    line: int
    reason: str
    value: str = ""


@dataclass
class Problems:
    """Counted by reason; the first MOST_PROBLEMS are kept."""

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        self.counts[problem.reason] += 1
        if len(self.kept) < MOST_PROBLEMS:
            self.kept.append(problem)


class _Read(dict[str, int]):
    """Cells that were read before: a million lines have a few hundred days."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: str) -> int:
        if len(self) > 100_000:
            self.clear()
        found = self[text] = self.read(text)
        return found


class LineReader:
    """Takes chunks of rows; `lines()` gives the usable ones, a row each, in the order of the file.

    Columns: line, key (int64, equal for rows of one order line), product; ordered_on, may_ship_on, committed_on,
    shipped_on, delivered_on, cancelled_on (int32 days or MISSING), cancelled, quantity_ordered, quantity_shipped
    (int64 or MISSING).
    """

    def __init__(self, mapping: OrderMapping, width: int, head: int, finder: ProductFinder, today: date) -> None:
        self.columns, self.width, self.finder = mapping.columns, width, finder
        self.one_product = mapping.one_product
        self.today, self.next_line = day_of(today), head + 1
        self.days = _Read(lambda text: read_day(text, mapping.day_first))
        self.units = _Read(read_units)
        self.cancelled: dict[str, tuple[bool | None, int]] = {}
        self.day_first = mapping.day_first
        self.read, self.blank, self.problems = 0, 0, Problems()
        self.unmatched: Counter[tuple[str, int]] = Counter()
        self.parts: list[pd.DataFrame] = []

    def add(self, rows: Sequence[Row]) -> None:
        first, self.next_line = self.next_line, self.next_line + len(rows)
        kept, numbers = self._rows(rows, first)
        self.read += len(kept)
        if kept:
            columns = list(zip(*kept, strict=True))
            cells = {role: columns[place] for role, place in self.columns.items()}
            self.parts.append(self._part(cells, np.array(numbers, np.int32)))

    def lines(self) -> pd.DataFrame:
        if not self.parts:
            return self._part({}, np.zeros(0, np.int32))
        frame = pd.concat(self.parts, ignore_index=True)
        self.parts.clear()
        return frame

    def _rows(self, rows: Sequence[Row], first: int) -> tuple[list[Row], list[int]]:
        """Those that are as wide as the heads, with their line numbers."""
        kept, numbers = [], []
        for number, row in enumerate(rows, first):
            if not any(map(str.strip, row)):
                self.blank += 1
                continue
            if len(row) != self.width:
                if len(row) < self.width or any(map(str.strip, row[self.width :])):
                    self.read += 1
                    self.problems.add(Problem(number, NOT_A_ROW.format("fewer" if len(row) < self.width else "more")))
                    continue
                row = row[: self.width]
            kept.append(row)
            numbers.append(number)
        return kept, numbers

    def _part(self, cells: dict[str, tuple[str, ...]], numbers: np.ndarray) -> pd.DataFrame:
        size = len(numbers)
        found: dict[str, np.ndarray] = {"line": numbers, "key": self._keys(cells, numbers)}
        if self.one_product is not None:
            found["product"] = np.full(size, self.one_product, np.int64)
        else:
            found["product"] = _read_all(self.finder, cells.get("product", ("",) * size), np.int64)
        for role in DATES:
            found[role] = _read_all(self.days, cells[role], np.int32) if role in cells else _missing(size, np.int32)
        for role in QUANTITIES:
            found[role] = _read_all(self.units, cells[role], np.int64) if role in cells else _missing(size, np.int64)
        found["cancelled"], found["cancelled_on"] = self._cancelled(cells.get("cancelled"), size)
        return self._usable(found, cells)

    def _keys(self, cells: dict[str, tuple[str, ...]], numbers: np.ndarray) -> np.ndarray:
        """Of order and line number; a line without one stands for itself."""
        if "line_id" not in cells:
            return numbers.astype(np.int64)
        lines = cells["line_id"]
        orders = cells.get("order_id", ("",) * len(lines))
        pairs = zip(orders, lines, numbers.tolist(), strict=True)
        hashes = (hash((order, line) if line.strip() else number) for order, line, number in pairs)
        return np.fromiter(hashes, np.int64, len(lines))

    def _cancelled(self, texts: tuple[str, ...] | None, size: int) -> tuple[np.ndarray, np.ndarray]:
        if texts is None:
            return np.zeros(size, np.int8), _missing(size, np.int32)
        for text in set(texts) - self.cancelled.keys():
            self.cancelled[text] = read_cancelled(text, self.day_first)
        read = [self.cancelled[text] for text in texts]
        states = np.array([-1 if state is None else state for state, _ in read], np.int8)
        days = np.array([day for _, day in read], np.int32)
        if len(self.cancelled) > 100_000:
            self.cancelled.clear()
        return states, days

    def _usable(self, found: dict[str, np.ndarray], cells: dict[str, tuple[str, ...]]) -> pd.DataFrame:
        """Without the lines that fail a check; the first check that fails is the reason."""
        bad = np.zeros(len(found["line"]), bool)
        for failed, reason, role in self._checks(found):
            new = failed & ~bad
            if not new.any():
                continue
            bad |= new
            texts = cells.get(role, ())
            for place in np.flatnonzero(new).tolist():
                value = texts[place][:100] if texts else ""
                self.problems.add(Problem(int(found["line"][place]), reason, value))
                if role == "product":
                    self._count_unmatched(value, int(found["product"][place]))
        return pd.DataFrame(found)[~bad] if bad.any() else pd.DataFrame(found)

    def _count_unmatched(self, text: str, code: int) -> None:
        if len(self.unmatched) < MOST_NAMED or (text, code) in self.unmatched:
            self.unmatched[text, code] += 1

    def _checks(self, found: dict[str, np.ndarray]) -> list[tuple[np.ndarray, str, str]]:
        """(which lines fail, the reason, the column to blame), the plainest first."""
        labels = {role: BY_CODE[role].label for role in (*DATES, *QUANTITIES)} | {"cancelled_on": "Canceled"}
        checks = [(found["product"] == code, reason, "product") for code, reason in REASONS.items()]
        checks += [(found[role] == WRONG, f"{labels[role]}: no date that can be read", role) for role in DATES]
        checks += [
            (found[role] == WRONG, f"{labels[role]}: no whole number of units from 0", role) for role in QUANTITIES
        ]
        checks.append((found["cancelled"] == -1, "Canceled: neither yes or no nor a date", "cancelled"))
        checks.append((found["quantity_ordered"] == 0, "Quantity ordered: 0", "quantity_ordered"))
        earliest = day_of(EARLIEST)
        for role in (*DATES, "cancelled_on"):
            blamed = "cancelled" if role == "cancelled_on" else role
            given = found[role] > WRONG
            checks.append((given & (found[role] < earliest), f"{labels[role]}: before {EARLIEST.year}", blamed))
            if role in PAST:
                checks.append((found[role] > self.today, f"{labels[role]}: in the future", blamed))
            else:
                late = found[role] > self.today + LATEST_DAYS
                checks.append((late, f"{labels[role]}: more than ten years ahead", blamed))
        ordered, shipped, delivered = (found[role] for role in ("ordered_on", "shipped_on", "delivered_on"))
        orders = (
            (shipped, ordered, "Shipped before it was ordered", "shipped_on"),
            (delivered, shipped, "Delivered before it was shipped", "delivered_on"),
            (delivered, ordered, "Delivered before it was ordered", "delivered_on"),
            (found["committed_on"], ordered, "First committed date before the order", "committed_on"),
        )
        for later, earlier, reason, role in orders:
            checks.append(((later > WRONG) & (earlier > WRONG) & (later < earlier), reason, role))
        return checks


def _read_all(read: dict[str, int], texts: tuple[str, ...], kind: type) -> np.ndarray:
    return np.fromiter(map(read.__getitem__, texts), kind, len(texts))


def _missing(size: int, kind: type) -> np.ndarray:
    return np.full(size, MISSING, kind)
