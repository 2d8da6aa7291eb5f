"""The published example: two products of one maker at one plant, 80.1 and 29.8, with a past of their own.

The example is the methodology's own file. What it says holds today; its dates move along with the day of loading.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from dscr.demo.calendar import Calendar
from dscr.demo.dice import dice
from dscr.demo.directory import PAIR, Item
from dscr.demo.kpis import attested
from dscr.demo.sites import Places, Site
from products.models import KpiSubmission, SupplyNode
from qmm.models import AREAS, Assessment, Inspection
from ratings.scoring.example import appendix_b

# Thirteen months ago the maker qualified its second API source for the first product.
SECOND_SOURCE_DAYS = 400
# What the plant and its suppliers scored three years before, in levels below today's.
EARLIER_LEVELS = Decimal("0.5")
# Dates that the file gives as "tested": days before the quarter's end, well within the twelve months.
TESTED_DAYS = 45


@cache
def example() -> dict[str, Any]:
    return appendix_b()


def _shifted(calendar: Calendar, text: str) -> date:
    """The same number of days before today as the file's date lies before its own."""
    return calendar.today - (date.fromisoformat(example()["as_of"]) - date.fromisoformat(text))


def _sites(places: Places) -> dict[str, Site]:
    return {site.fei: site for site in places.sites if site.fei in example()["establishments"]}


def _items(items: list[Item]) -> Iterator[tuple[Item, dict[str, Any]]]:
    for (ndc, _), product in zip(PAIR, example()["products"], strict=True):
        yield next(item for item in items if item.ndc == ndc), product


def pair_assessments(calendar: Calendar, places: Places) -> list[Assessment]:
    found = []
    for fei, site in _sites(places).items():
        for entry in example()["establishments"][fei]["qmm"]:
            levels = {area: Decimal(str(entry["areas"][area])) for area in AREAS}
            day = _shifted(calendar, entry["completed_on"])
            lower = {area: level - EARLIER_LEVELS for area, level in levels.items()}
            found.append(Assessment(establishment=site.establishment, completed_on=day - timedelta(1000), **lower))
            found.append(Assessment(establishment=site.establishment, completed_on=day, **levels))
    return found


def pair_inspections(calendar: Calendar, places: Places) -> list[Inspection]:
    return [
        Inspection(
            establishment=site.establishment,
            classification=entry["classification"],
            ended_on=_shifted(calendar, entry["ended_on"]),
        )
        for fei, site in _sites(places).items()
        for entry in example()["establishments"][fei]["inspections"]
    ]


def pair_nodes(calendar: Calendar, places: Places, items: list[Item]) -> list[SupplyNode]:
    sites, found = _sites(places), []
    for item, product in _items(items):
        begun = calendar.opening - timedelta(days=400)
        qualified = calendar.ago(SECOND_SOURCE_DAYS)
        api = [node for node in product["nodes"] if node["stage"] == "api"]
        if len(api) == 2:
            found.append(_node(sites, item, {**api[0], "share": 1.0}, begun, until=qualified))
        for node in product["nodes"]:
            is_new = len(api) == 2 and node["stage"] == "api"
            found.append(_node(sites, item, node, qualified if is_new else begun, batch=calendar.opening))
    return found


def _node(
    sites: dict[str, Site],
    item: Item,
    node: dict[str, Any],
    since: date,
    until: date | None = None,
    batch: date | None = None,
) -> SupplyNode:
    return SupplyNode(
        product=item.product,
        stage=node["stage"],
        establishment=sites[node["fei"]].establishment,
        share=node["share"],
        is_qualified=node["qualified"],
        last_batch_on=max(since, batch or since) - timedelta(days=20),
        valid_from=since,
        valid_to=until,
    )


def pair_submissions(seed: int, calendar: Calendar, items: list[Item]) -> list[KpiSubmission]:
    found = []
    for item, product in _items(items):
        roll = dice(seed, "pair", item.ndc)
        for number, quarter_end in enumerate(reversed(calendar.quarter_ends)):
            answers = _columns(product["kpis"], quarter_end)
            answers["days_inventory_on_hand"] -= 3 * number if item.ndc == PAIR[0][0] else -2 * number
            answers["order_to_ship_days"] += 0.2 * number
            answers["fill_rate_numerator"] -= 500 * number
            found.append(
                KpiSubmission(
                    product=item.product, quarter_end=quarter_end, **answers, **attested(roll, calendar, quarter_end)
                )
            )
    return found


def _columns(kpis: dict[str, dict[str, Any]], quarter_end: date) -> dict[str, Any]:
    """The file's answers as the record's columns; what was done within twelve months becomes a date."""
    columns: dict[str, Any] = {}
    tested_on = quarter_end - timedelta(days=TESTED_DAYS)
    for code, answer in kpis.items():
        if code == "risk_management_plan":
            columns[f"{code}_exists"] = answer["value"] != "none"
            columns[f"{code}_tested_on"] = tested_on if answer["value"] == "tested" else None
        elif code == "emergency_stock_process":
            ticks = {f"emergency_stock_{tick}": ticked for tick, ticked in answer.items()}
            columns["emergency_stock_tested_on"] = tested_on if ticks.pop("emergency_stock_tested_12m") else None
            columns |= ticks
        elif answer.get("state") == "not_applicable":
            columns |= {f"{code}_numerator": 0, f"{code}_denominator": 0}
        else:
            columns |= {code if part == "value" else f"{code}_{part}": figure for part, figure in answer.items()}
    return columns
