"""Inventory: how long patients are supplied when making stops."""

from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Days of inventory on hand",
    unit="days",
    team=Team.DEMAND_AND_SUPPLY,
    definition=(
        "Released finished goods in your own and your distributors' consigned warehouses, divided by average daily "
        "demand; the mean of the last 90 days. Goods in quarantine, expired or already allocated goods do not "
        "count. Example: 45,000 vials at 500 a day are 90 days."
    ),
    remedy="Build finished stock beyond the time that a failed batch or a stopped site takes to be replaced.",
    kpis=("days_inventory_on_hand",),
)
def days_inventory_on_hand(evidence: Evidence) -> Values:
    return evidence.figure("days_inventory_on_hand")


@indicator(
    label="Safety stock",
    unit="days of demand",
    team=Team.DEMAND_AND_SUPPLY,
    definition=(
        "Finished goods that are actually held back against surprises (not the target), divided by average daily "
        "demand; the mean of the last 90 days. Cycle stock waiting for its ordinary shipment does not count."
    ),
    remedy="Raise the safety stock that is really held, and keep it apart from cycle stock.",
    kpis=("safety_stock_days",),
)
def safety_stock_days(evidence: Evidence) -> Values:
    return evidence.figure("safety_stock_days")


@indicator(
    label="Safety stock adherence",
    unit="share of month-ends",
    team=Team.DEMAND_AND_SUPPLY,
    definition=(
        "Month-ends at which safety stock was at or above its target, divided by the month-ends of the last 12 "
        "months. Example: 11 of 12."
    ),
    remedy=(
        "Find out why stock fell below target (forecast error, late release, late materials) and repair that; "
        "refill safety stock before serving new business."
    ),
    kpis=("safety_stock_adherence",),
)
def safety_stock_adherence(evidence: Evidence) -> Values:
    return evidence.rate("safety_stock_adherence")


@indicator(
    label="Shelf life",
    unit="months",
    team=Team.DEMAND_AND_SUPPLY,
    definition=(
        "Approved shelf life of the product in months, from manufacture to expiry under labeled storage; if packages "
        "differ, the shortest."
    ),
    remedy="Extend the approved shelf life with stability data: a longer life lets you hold more stock without waste.",
    kpis=("shelf_life_months",),
)
def shelf_life_months(evidence: Evidence) -> Values:
    return evidence.figure("shelf_life_months")
