"""Investment: whether the product earns what keeping its plant alive costs."""

from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Age of production equipment",
    unit="share of value depreciated",
    team=Team.FINANCE,
    definition=(
        "Accumulated depreciation divided by the gross value of the equipment that makes the product, at the end of "
        "the last fiscal year. 0 is new, 1 fully written off; buildings and land do not count."
    ),
    remedy="Replace or overhaul the equipment that is nearly written off, beginning with the bottleneck of the line.",
    kpis=("equipment_depreciated_share",),
)
def equipment_depreciated_share(evidence: Evidence) -> Values:
    return evidence.figure("equipment_depreciated_share")


@indicator(
    label="Capital reinvestment",
    unit="capital expenditure / depreciation",
    team=Team.FINANCE,
    definition=(
        "Capital expenditure on the product's plant and equipment divided by its depreciation, the mean of the last "
        "3 years. 1 means that as much is invested as wears out."
    ),
    remedy="Invest at least what is depreciated each year, and more while the equipment is old.",
    kpis=("capital_reinvestment_ratio",),
)
def capital_reinvestment_ratio(evidence: Evidence) -> Values:
    return evidence.figure("capital_reinvestment_ratio")


@indicator(
    label="Contribution margin",
    unit="share of net price",
    team=Team.FINANCE,
    definition=(
        "Net price less variable cost, divided by net price (after rebates, chargebacks and returns), over the last "
        "12 months. May be negative. A product that earns nothing is the first to be given up."
    ),
    remedy="Renegotiate price or contract terms, reduce variable cost, or seek an incentive that pays for reliability.",
    kpis=("contribution_margin",),
)
def contribution_margin(evidence: Evidence) -> Values:
    return evidence.figure("contribution_margin")
