"""Capacity and redundancy: room to make more, and a second place to make it."""

import numpy as np

from ..supply import FDF
from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Capacity utilization",
    unit="share of installed capacity",
    team=Team.SUPPLY_NETWORK,
    definition=(
        "Demand for everything made on the product's lines, divided by total installed capacity: all qualified "
        "lines running 24 hours, 7 days a week. Two figures: historical (demand of the last 12 months) and forecast "
        "(the next 12 months). The higher, that is the worse, counts; with one of them missing the indicator is "
        "withheld. Example: 0.72 = 72% of capacity."
    ),
    remedy=(
        "Add or qualify a line, shorten changeovers, or move other products away, so that forecast demand leaves "
        "spare capacity; report both figures."
    ),
    kpis=("capacity_utilisation",),
)
def capacity_utilisation(evidence: Evidence) -> Values:
    # np.maximum passes NaN on: one missing figure withholds both
    return np.maximum(
        evidence.figure("capacity_utilisation_historical"), evidence.figure("capacity_utilisation_forecast")
    )


@indicator(
    label="Operating mode",
    unit="hours per week",
    team=Team.SUPPLY_NETWORK,
    definition=(
        "Hours per week for which the product's finished-dose lines are scheduled, on average over the last 12 "
        "months, of the 168 hours of a week. Two eight-hour shifts on five days are 80 hours. Lines that already run "
        "around the clock cannot run longer when another manufacturer fails."
    ),
    remedy=("Spread the schedule over more lines, or qualify another line, so that hours can still be added."),
    kpis=("operating_mode",),
)
def operating_mode(evidence: Evidence) -> Values:
    return evidence.figure("operating_mode_hours_per_week")


@indicator(
    label="Manufacturing redundancy",
    unit="independent places of manufacture",
    team=Team.SUPPLY_NETWORK,
    definition=(
        "How many finished-dose establishments could make the product: three or more, two, or one. Counted are "
        "establishments that are named in the approved application, made a commercial or validation batch within "
        "the last 36 months and are not under unresolved official action. A single establishment counts only if "
        "the product has a second qualified line there. Taken from the supply nodes and the number of qualified "
        "lines (1 if not given); withheld if no finished-dose establishment is given."
    ),
    remedy=(
        "Qualify a second finished-dose establishment, your own or a contract manufacturer's; as a first step "
        "qualify a second line at the present one."
    ),
    kpis=("qualified_lines",),
)
def manufacturing_redundancy(evidence: Evidence) -> Values:
    sources = evidence.supply.sources[:, FDF]
    second_line = evidence.lines >= evidence.methodology.supply.redundant_lines
    redundancy = np.where(sources == 1, second_line, sources)
    return np.where(evidence.supply.has_stage[:, FDF], redundancy, np.nan)
