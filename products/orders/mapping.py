"""Which column of a file is what: guessed from the heads, chosen by the firm, remembered for its next file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from products.orders.cells import order_of_dates
from products.orders.files import Row


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can be. `heads`: how others call it, in small letters and digits alone."""

    code: str
    label: str
    hint: str
    heads: tuple[str, ...]
    is_date: bool = False


ROLES = (
    Role(
        "order_id",
        "Order number",
        "Shown nowhere; with the line number it tells lines apart.",
        ("order", "orderid", "ordernumber", "orderno", "po", "poso", "salesorder", "salesordernumber", "so"),
    ),
    Role(
        "line_id",
        "Line number",
        "Number of the line within its order, or of the line in the whole file. Rows with the same order and line "
        "number are shipments of one line.",
        ("line", "lineid", "linenumber", "lineno", "orderline", "orderlineid", "item", "itemno", "position", "id"),
    ),
    Role(
        "product",
        "Product",
        "An NDC in any form, or a name that you match to your products.",
        ("ndc", "ndccode", "productndc", "packagendc", "ndc11", "product", "productname", "productcode", "material",
         "itemdescription", "description", "drug", "sku"),
    ),
    Role(
        "ordered_on",
        "Ordered on",
        "Day on which the order was received.",
        ("orderedon", "orderdate", "ordered", "dateordered", "orderreceived", "receivedon", "orderreceiveddate",
         "orderentrydate", "podate", "createdon"),
        True,
    ),
    Role(
        "may_ship_on",
        "May ship from",
        "For orders for a later date: the first day on which they may ship.",
        ("mayshipfrom", "mayshipon", "earliestship", "earliestshipdate", "requestedshipdate", "shipnotbefore"),
        True,
    ),
    Role(
        "committed_on",
        "First committed date",
        "Delivery date that was first promised to the customer, not one that was moved later.",
        ("committedon", "committeddate", "firstcommitteddate", "firstcommitted", "commitdate", "promiseddate",
         "promisedate", "promisedon", "scheduleddeliverydate", "committeddeliverydate", "duedate", "dueon"),
        True,
    ),
    Role(
        "shipped_on",
        "Shipped on",
        "Day on which it left.",
        ("shippedon", "shipdate", "shipped", "dateshipped", "actualshipdate", "goodsissuedate", "shippeddate"),
        True,
    ),
    Role(
        "delivered_on",
        "Delivered on",
        "Day on which the customer received it.",
        ("deliveredon", "deliverydate", "delivered", "datedelivered", "actualdeliverydate", "deliveredtoclientdate",
         "proofofdelivery", "poddate", "delivereddate"),
        True,
    ),
    Role(
        "quantity_ordered",
        "Quantity ordered",
        "Whole units, in the same unit as the quantity shipped.",
        ("quantityordered", "orderedquantity", "orderquantity", "orderqty", "qtyordered", "orderedqty", "quantity",
         "qty", "lineitemquantity", "unitsordered"),
    ),
    Role(
        "quantity_shipped",
        "Quantity shipped",
        "Whole units of this shipment. Blank is none.",
        ("quantityshipped", "shippedquantity", "shipquantity", "shipqty", "qtyshipped", "shippedqty", "unitsshipped"),
    ),
    Role(
        "cancelled",
        "Canceled",
        "Yes or no, or the day. Only a day before the committed date takes a line out of on-time delivery; canceled "
        "units stay in the fill rate.",
        ("canceled", "cancelled", "canceledon", "cancelledon", "canceldate", "cancellationdate", "iscanceled",
         "iscancelled"),
    ),
)  # fmt: skip
BY_CODE = {role.code: role for role in ROLES}
DATES = tuple(role.code for role in ROLES if role.is_date)
# What each figure needs besides the product.
MEASURES = {
    "fill_rate": ("Fill rate", ("ordered_on", "quantity_ordered", "quantity_shipped")),
    "on_time_delivery": ("On-time delivery", ("committed_on", "delivered_on")),
    "order_to_ship_days": ("Order to shipment", ("ordered_on", "shipped_on")),
}


def needs_in_words() -> str:
    """What each figure needs besides the product, in one sentence."""
    said = []
    for label, roles in MEASURES.values():
        *first, last = (BY_CODE[role].label.lower() for role in roles)
        said.append(f"{label.lower()} needs {', '.join(first)} and {last}")
    return "; ".join(said)[0].upper() + "; ".join(said)[1:] + "."


@dataclass(frozen=True, slots=True)
class OrderMapping:
    """columns: role -> column, counted from 0. one_product: the product of every line, where no column says it.
    names: text of the product column -> product, where the text is no NDC."""

    columns: Mapping[str, int] = field(default_factory=dict)
    day_first: bool = False
    one_product: int | None = None
    names: Mapping[str, int] = field(default_factory=dict)

    @property
    def measures(self) -> list[str]:
        """The figures that these columns give."""
        return [code for code, (_, needed) in MEASURES.items() if all(role in self.columns for role in needed)]

    def as_json(self, heads: Sequence[str]) -> dict[str, Any]:
        """With the heads, by which it fits the next file."""
        return {
            "columns": dict(self.columns),
            "heads": {role: heads[column] for role, column in self.columns.items()},
            "day_first": self.day_first,
            "one_product": self.one_product,
            "names": dict(self.names),
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        return cls(given["columns"], given["day_first"], given["one_product"], given["names"])


@dataclass(frozen=True, slots=True)
class Guess:
    """columns: role -> column. remembered: whether they come from an earlier file."""

    columns: dict[str, int]
    remembered: bool


def guess(heads: Sequence[str], remembered: Mapping[str, Any] | None) -> Guess:
    """From the heads of an earlier file where they occur again, else from usual heads; each column once."""
    known = {_plain(head): role for role, head in (remembered or {}).get("heads", {}).items()}
    plain = [_plain(head) for head in heads]
    columns: dict[str, int] = {}
    for place, head in enumerate(plain):
        if (role := known.get(head)) and role not in columns:
            columns[role] = place
    from_memory = bool(columns)
    for role in ROLES:
        if role.code in columns or (from_memory and role.code not in known.values()):
            continue  # what was left out last time is left out again
        found = (plain.index(head) for head in role.heads if head in plain)
        place = next((place for place in found if place not in columns.values()), None)
        if place is not None:
            columns[role.code] = place
    return Guess(columns, from_memory)


def orders_of_dates(rows: Sequence[Row], width: int) -> list[str]:
    """For each column, in which order its dates like 03/04/2026 are (`order_of_dates`)."""
    return [order_of_dates(row[column] for row in rows if column < len(row)) for column in range(width)]


def order_of_columns(columns: Mapping[str, int], orders: Sequence[str]) -> str:
    """The same of all columns that hold dates, together."""
    found = {orders[columns[role]] for role in (*DATES, "cancelled") if role in columns} - {""}
    if "both" in found or {"day", "month"} <= found:
        return "both"
    return next((word for word in ("day", "month", "either") if word in found), "")


def _plain(head: str) -> str:
    return re.sub(r"[^a-z0-9]", "", head.lower())
