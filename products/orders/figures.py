"""Figures of the questionnaire from order lines, by its fixed definitions.

A quarter's figure counts 12 months to the quarter's end: the fill rate by the day of the order, on-time delivery by the
first committed date, order to shipment by the day of shipment. Every order line counts as one order of its product.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from products.orders.cells import MISSING
from products.orders.lines import Problem

REPEATED = "Repeats an earlier line: same order, line number and content"
CONTRADICTS = "Another line has the same order and line number, but another product, order date or quantity ordered"
MOST_QUARTERS = 40
COUNTS = (
    "lines_ordered",
    "units_ordered",
    "units_complete",
    "units_cancelled",
    "orders_due",
    "orders_on_time",
    "orders_undelivered",
    "orders_shipped",
)


def one_row_a_line(rows: pd.DataFrame, refuse: Callable[[Problem], None]) -> pd.DataFrame:
    """Rows of one order line put together; `first_shipped` is what its first shipment held.

    The earliest committed date counts, the last shipment and, once all of it is delivered, the last delivery.
    """
    several = rows[rows.duplicated("key", keep=False)]
    single = rows.drop(several.index).rename(columns={"quantity_shipped": "first_shipped"}) if len(several) else None
    if single is None:
        return rows.rename(columns={"quantity_shipped": "first_shipped"})
    repeated = several.duplicated([column for column in several if column != "line"])
    given = several[~repeated].replace(MISSING, np.nan)
    groups = given.groupby("key", sort=False)
    differs = (groups[["product", "ordered_on", "quantity_ordered"]].nunique() > 1).any(axis=1)
    contradicts = given["key"].isin(differs.index[differs])
    for lines, reason in ((several["line"][repeated], REPEATED), (given["line"][contradicts], CONTRADICTS)):
        for line in lines.tolist():
            refuse(Problem(int(line), reason))
    return pd.concat([single, _merged(given[~contradicts])], ignore_index=True)


def _merged(given: pd.DataFrame) -> pd.DataFrame:
    """`given` has NaN for what is missing."""
    groups = given.groupby("key", sort=False)
    frame = groups.agg(
        line=("line", "first"),
        product=("product", "first"),
        ordered_on=("ordered_on", "first"),
        may_ship_on=("may_ship_on", "min"),
        committed_on=("committed_on", "min"),
        shipped_on=("shipped_on", "max"),
        delivered_on=("delivered_on", "max"),
        cancelled=("cancelled", "max"),
        cancelled_on=("cancelled_on", "min"),
        quantity_ordered=("quantity_ordered", "first"),
        largest=("quantity_shipped", "max"),
    )
    first_day = groups["shipped_on"].transform("min")
    first = given["quantity_shipped"].where(given["shipped_on"] == first_day)
    frame["first_shipped"] = first.groupby(given["key"], sort=False).sum(min_count=1)
    frame["first_shipped"] = frame["first_shipped"].fillna(frame.pop("largest"))
    underway = (given["shipped_on"].notna() | (given["quantity_shipped"] > 0)) & given["delivered_on"].isna()
    frame.loc[underway.groupby(given["key"], sort=False).any(), "delivered_on"] = np.nan
    return frame.reset_index().fillna(MISSING).astype(np.int64)


def figures(lines: pd.DataFrame, today: date) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    """(rows, exclusions): a row for each product and ended quarter that counts anything, and one with `quarter_end`
    None for all lines of the file; exclusions: figure -> reason -> number of lines of the file.

    Rows hold product, quarter_end, COUNTS and order_to_ship_days (None where nothing was shipped).
    """
    measured, exclusions = _measured(lines)
    products, places = np.unique(lines["product"].to_numpy(), return_inverse=True)
    quarters = _quarters(measured, today)
    rows = _rows(measured, places, products, None)
    for quarter in quarters:
        rows += _rows(measured, places, products, quarter)
    return rows, exclusions


def _measured(lines: pd.DataFrame) -> tuple[dict[str, np.ndarray], dict[str, dict[str, int]]]:
    """What each line adds to each figure, and in which quarter (-1: it does not count there)."""
    column = {name: lines[name].to_numpy() for name in lines}
    has = {name: column[name] != MISSING for name in column}
    ordered, due = has["ordered_on"], has["committed_on"]
    units = column["quantity_ordered"]
    fills = ordered & has["quantity_ordered"]
    complete = fills & has["first_shipped"] & (column["first_shipped"] >= units)
    cancelled_in_time = due & has["cancelled_on"] & (column["cancelled_on"] < column["committed_on"])
    counts_due = due & ~cancelled_in_time
    delivered = counts_due & has["delivered_on"]
    shipped = ordered & has["shipped_on"]
    start = np.maximum(column["ordered_on"], column["may_ship_on"])
    measured = {
        "fill_quarter": _quarter_of(column["ordered_on"], fills),
        "due_quarter": _quarter_of(column["committed_on"], counts_due),
        "ship_quarter": _quarter_of(column["shipped_on"], shipped),
        "units": np.where(fills, units, 0),
        "complete": np.where(complete, units, 0),
        "cancelled": np.where(fills & (column["cancelled"] > 0), units, 0),
        "on_time": delivered & (column["delivered_on"] <= column["committed_on"]),
        "undelivered": counts_due & ~delivered,
        "days": np.where(shipped, np.maximum(column["shipped_on"] - start, 0), 0),
    }
    exclusions = {
        "fill_rate": {
            "no day of the order": int((~ordered).sum()),
            "no quantity ordered": int((ordered & ~has["quantity_ordered"]).sum()),
        },
        "on_time_delivery": {
            "no first committed date": int((~due).sum()),
            "a cancellation before the day due": int(cancelled_in_time.sum()),
        },
        "order_to_ship_days": {
            "no day of shipment": int((~has["shipped_on"]).sum()),
            "no day of the order": int((has["shipped_on"] & ~ordered).sum()),
        },
    }
    return measured, exclusions


def _quarter_of(days: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Quarters since 1970, -1 where the line does not count."""
    months = np.where(counts, days, 0).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.where(counts, months // 3, -1).astype(np.int32)


def quarter_end(quarter: int) -> date:
    year, place = divmod(quarter + 1, 4)
    return date(1970 + year, 1 + 3 * place, 1) - timedelta(days=1)


def _quarters(measured: dict[str, np.ndarray], today: date) -> range:
    """Those in whose 12 months anything lies, ended ones only, the last MOST_QUARTERS of them."""
    found = [measured[name][measured[name] >= 0] for name in ("fill_quarter", "due_quarter", "ship_quarter")]
    found = [quarters for quarters in found if len(quarters)]
    if not found:
        return range(0)
    current = (today.year - 1970) * 4 + (today.month - 1) // 3
    last = min(int(max(quarters.max() for quarters in found)) + 3, current - 1)
    return range(max(int(min(quarters.min() for quarters in found)), last - MOST_QUARTERS + 1), last + 1)


def _rows(
    measured: dict[str, np.ndarray], places: np.ndarray, products: np.ndarray, quarter: int | None
) -> list[dict[str, Any]]:
    """One quarter, by its own and the three quarters before it; None: whatever the day."""

    def within(name: str) -> np.ndarray:
        days = measured[name]
        return days >= 0 if quarter is None else (days > quarter - 4) & (days <= quarter) & (days >= 0)

    def count(chosen: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        given = None if weights is None else weights[chosen]
        return np.bincount(places[chosen], given, len(products)).astype(np.int64)

    filled, due, shipped = within("fill_quarter"), within("due_quarter"), within("ship_quarter")
    table = {
        "lines_ordered": count(filled),
        "units_ordered": count(filled, measured["units"]),
        "units_complete": count(filled, measured["complete"]),
        "units_cancelled": count(filled, measured["cancelled"]),
        "orders_due": count(due),
        "orders_on_time": count(due, measured["on_time"]),
        "orders_undelivered": count(due, measured["undelivered"]),
        "orders_shipped": count(shipped),
    }
    days = _nine_of_ten(places[shipped], measured["days"][shipped], len(products))
    counts_any = (table["lines_ordered"] + table["orders_due"] + table["orders_shipped"]) > 0
    return [
        {"product": int(products[at]), "quarter_end": None if quarter is None else quarter_end(quarter)}
        | {name: int(values[at]) for name, values in table.items()}
        | {"order_to_ship_days": int(days[at]) if table["orders_shipped"][at] else None}
        for at in np.flatnonzero(counts_any).tolist()
    ]


def _nine_of_ten(places: np.ndarray, days: np.ndarray, products: int) -> np.ndarray:
    """For each product the fewest days within which nine of ten of its orders were shipped."""
    found = np.zeros(products, np.int64)
    order = np.lexsort((days, places))
    counts = np.bincount(places, minlength=products)
    starts = np.cumsum(counts) - counts
    some = counts > 0
    found[some] = days[order][starts[some] + (9 * counts[some] + 9) // 10 - 1]
    return found
