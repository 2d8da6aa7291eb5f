"""Delivery: what customers ordered, when it came."""

from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Fill rate",
    unit="share of units",
    team=Team.DEMAND_AND_SUPPLY,
    definition=(
        "Units shipped complete on the first order, divided by units ordered, over the last 12 months. Back-orders "
        "that were shipped later do not count as filled, and canceled back-orders stay in the denominator."
    ),
    remedy=(
        "Ship orders complete the first time: raise stock where orders were short, and release batches earlier. A "
        "falling fill rate is an early sign of shortage."
    ),
    kpis=("fill_rate",),
)
def fill_rate(evidence: Evidence) -> Values:
    return evidence.rate("fill_rate")


@indicator(
    label="On-time delivery",
    unit="share of orders",
    team=Team.LOGISTICS,
    definition=(
        "Orders delivered by the first committed date, divided by orders due, over the last 12 months. A date that "
        "was moved later does not count; what matters is the date first promised to the customer."
    ),
    remedy="Promise dates that hold, and repair the most frequent causes of late orders.",
    kpis=("on_time_delivery",),
)
def on_time_delivery(evidence: Evidence) -> Values:
    return evidence.rate("on_time_delivery")


@indicator(
    label="Order to shipment",
    unit="days",
    team=Team.LOGISTICS,
    definition=(
        "Days from receipt of an order to its shipment: the 90th percentile over the last 12 months, so that nine of "
        "ten orders were shipped at least as fast. Calendar days; orders for a later date count from the day when "
        "they may ship."
    ),
    remedy="Keep goods released and near customers, and shorten order handling.",
    kpis=("order_to_ship_days",),
)
def order_to_ship_days(evidence: Evidence) -> Values:
    return evidence.figure("order_to_ship_days")
