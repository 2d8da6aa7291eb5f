"""The questions, section by section, with their fixed definitions: two firms that count alike answer alike.

Source: design/domain.md, "The KPI questionnaire"; methodology.md, "KPI domains".
"""

from products.questionnaire.fields import Field, Kind, Question, Section

_YEAR = "The 12 months to the quarter's end."
_MONTHS_90 = "Mean of the 90 days to the quarter's end."


def _counts(code: str, first: str, second: str, unit: str) -> tuple[Field, Field]:
    return (
        Field(f"{code}_numerator", first, Kind.COUNT, unit),
        Field(f"{code}_denominator", second, Kind.COUNT, unit),
    )


def _one(column: str, label: str, kind: Kind, unit: str) -> tuple[Field]:
    return (Field(column, label, kind, unit),)


NETWORK = Section(
    "supply_network",
    "Supply network planning and strategy",
    "How full the lines are, how many there are, and which materials rest on one source.",
    (
        Question(
            "dual_sourced_materials",
            "Dual-sourced critical materials",
            "Critical is every material without which no batch can be made or released: excipients, key starting "
            "materials, stoppers, vials, filters.",
            "Critical materials with two or more qualified sources / all critical materials",
            "At the quarter's end.",
            "The active ingredient, which is judged by its supply nodes. A source that is approved but never delivered "
            "is not qualified.",
            "9 of 12 materials.",
            _counts("dual_sourced_materials", "With two or more qualified sources", "Critical materials", "materials"),
        ),
        Question(
            "capacity_utilisation",
            "Capacity utilization",
            "Demand for everything made on this product's lines as a percentage of total installed capacity. Capacity "
            "is all qualified lines running 24 hours, 7 days a week. The higher of the two figures counts.",
            "Demand / installed capacity, past and forecast",
            "Past: the 12 months to the quarter's end. Forecast: the 12 months after it.",
            "Lines that are not qualified for this product. Planned shutdowns stay within capacity.",
            "Lines for 10 million vials a year and demand for 7.2 million: 72%.",
            (
                Field("capacity_utilisation_historical", "Last 12 months", Kind.PERCENT, "%"),
                Field("capacity_utilisation_forecast", "Next 12 months", Kind.PERCENT, "%"),
            ),
        ),
        Question(
            "operating_mode",
            "Operating mode",
            "Hours a week for which this product's finished-dose lines are scheduled, of the 168 hours of a week.",
            "Scheduled hours / weeks, averaged over the lines",
            _YEAR,
            "Planned maintenance and shutdown weeks. Overtime that was not scheduled.",
            "Two eight-hour shifts on five days are 80 hours.",
            _one("operating_mode_hours_per_week", "Scheduled hours", Kind.AMOUNT, "hours per week"),
        ),
        Question(
            "qualified_lines",
            "Qualified lines",
            "Finished-dose lines at all your establishments that are qualified to make this product.",
            "A count",
            "At the quarter's end.",
            "Lines without a commercial or validation batch in the last 36 months.",
            "Two filling lines at one site and one at another: 3.",
            _one("qualified_lines", "Lines", Kind.WHOLE, "lines"),
        ),
    ),
)

PLANNING = Section(
    "demand_and_supply",
    "Demand and supply planning",
    "How long patients are supplied when making stops, and how often orders are met in full.",
    (
        Question(
            "fill_rate",
            "Fill rate",
            "Units that were shipped complete on the first order, of all units that customers ordered.",
            "Units shipped complete on first order / units ordered",
            _YEAR,
            "Nothing is left out of what was ordered: canceled back-orders stay in. Back-orders shipped later do not "
            "count as filled.",
            "97,500 of 100,000 vials.",
            _counts("fill_rate", "Units shipped complete on first order", "Units ordered", "units"),
            lines="An order line counts as filled, with all its units, only if its first shipment held all that was "
            "ordered. A line that was first shipped in part counts nothing, even if the rest followed. A line belongs "
            "to the day of its order. Canceled units stay among those ordered.",
        ),
        Question(
            "safety_stock_days",
            "Safety stock",
            "Finished goods actually held back against surprises, in days of average demand. Not the target.",
            "Safety stock on hand / average daily demand",
            _MONTHS_90,
            "Cycle stock that waits for its ordinary shipment.",
            "30,000 vials held back at 500 a day: 60 days.",
            _one("safety_stock_days", "Held", Kind.AMOUNT, "days of demand"),
        ),
        Question(
            "safety_stock_target_days",
            "Safety stock target",
            "The safety stock that you mean to hold. Shown beside what is held; it is not scored.",
            "Target / average daily demand",
            "At the quarter's end.",
            "None.",
            "A target of 45,000 vials at 500 a day: 90 days.",
            _one("safety_stock_target_days", "Target", Kind.AMOUNT, "days of demand"),
        ),
        Question(
            "safety_stock_adherence",
            "Safety stock adherence",
            "Month-ends at which safety stock was at or above its target.",
            "Month-ends at or above target / month-ends",
            _YEAR,
            "None. The target is the one that was in force at each month-end.",
            "11 of 12 month-ends.",
            _counts("safety_stock_adherence", "Month-ends at or above target", "Month-ends", "month-ends"),
        ),
        Question(
            "days_inventory_on_hand",
            "Days of inventory on hand",
            "Released finished goods in your own and your distributors' consigned warehouses, in days of average "
            "demand.",
            "Finished goods on hand / average daily demand",
            _MONTHS_90,
            "Goods in quarantine, expired goods, goods already allocated to an order.",
            "45,000 vials at 500 a day: 90 days.",
            _one("days_inventory_on_hand", "On hand", Kind.AMOUNT, "days"),
        ),
        Question(
            "shelf_life_months",
            "Shelf life",
            "Approved shelf life from manufacture to expiry under labeled storage.",
            "Months; if packages differ, the shortest",
            "At the quarter's end.",
            "Extensions that are requested and not yet approved.",
            "24 months.",
            _one("shelf_life_months", "Approved", Kind.AMOUNT, "months"),
        ),
    ),
)

LOGISTICS = Section(
    "logistics",
    "Logistics and distribution",
    "How fast and how punctually orders reach customers.",
    (
        Question(
            "on_time_delivery",
            "On-time delivery",
            "Orders delivered by the date first committed to the customer. A date that was moved later does not count.",
            "Orders delivered by first committed date / orders due",
            _YEAR,
            "Orders that the customer canceled before they were due.",
            "19 of 20 orders.",
            _counts("on_time_delivery", "Delivered by the first committed date", "Orders due", "orders"),
            lines="Each order line counts as one order. It belongs to the day of its first committed date; of several "
            "committed dates the earliest counts. It is on time if its last delivery came on or before that day; a "
            "line without a day of delivery is not. A line canceled on a day before its committed date is left out.",
        ),
        Question(
            "order_to_ship_days",
            "Order to shipment",
            "Calendar days from receipt of an order to its shipment, such that nine of ten orders were at least as "
            "fast.",
            "90th percentile of (shipped - received)",
            _YEAR,
            "Orders that were not shipped. Orders for a later date count from the day when they may ship.",
            "Of 100 orders 90 shipped within 5 days: 5.",
            _one("order_to_ship_days", "90th percentile", Kind.AMOUNT, "days"),
            lines="Each order line counts as one order. It belongs to the day of its shipment; of several shipments of "
            "a line the last counts. The days run from the day of the order or, if that is later, from the day on "
            "which it may ship.",
        ),
    ),
)

FINANCE = Section(
    "finance",
    "Finance",
    "Whether the product earns what keeping its plant alive costs.",
    (
        Question(
            "equipment_depreciated_share",
            "Age of production equipment",
            "How far the equipment that makes this product is written off. 0% is new, 100% fully written off.",
            "Accumulated depreciation / gross value of the equipment",
            "At the end of the last fiscal year.",
            "Buildings and land.",
            "Bought for $20 million, $9 million written off: 45%.",
            _one("equipment_depreciated_share", "Written off", Kind.PERCENT, "%"),
        ),
        Question(
            "capital_reinvestment_ratio",
            "Capital reinvestment",
            "Whether as much is invested in this product's plant and equipment as wears out: 1 means just as much.",
            "Capital expenditure / depreciation",
            "Mean of the last 3 fiscal years.",
            "Buying other firms or products. Land.",
            "$3 million a year spent, $2.5 million depreciated: 1.2.",
            _one("capital_reinvestment_ratio", "Spending per depreciation", Kind.AMOUNT, "times depreciation"),
        ),
        Question(
            "contribution_margin",
            "Contribution margin",
            "What is left of the net price after variable cost. Net price is after rebates, chargebacks and returns. "
            "May be negative.",
            "(Net price - variable cost) / net price",
            _YEAR,
            "Fixed cost: depreciation, salaries of staff not paid by batch, overhead.",
            "Net $10, variable cost $7: 30%.",
            _one("contribution_margin", "Of net price", Kind.PERCENT, "%"),
        ),
    ),
)

SERVICE = Section(
    "customer_service",
    "Customer service and patient engagement",
    "Whether you are prepared for a disruption, and tell others in time.",
    (
        Question(
            "risk_management_plan",
            "Risk management plan",
            "The plan that identifies and evaluates risks to the supply of this product, which section 506C(j) of the "
            "FD&C Act asks of makers of critical drugs. A review or test counts for 12 months.",
            "Whether it exists, and the dates of its last review and test",
            "At the quarter's end; dates age by themselves.",
            "A test counts only once all actions that resulted from it are closed.",
            "Written, reviewed 2026-02-10, tested 2025-11-04.",
            (
                Field("risk_management_plan_exists", "A written plan exists", Kind.TICK),
                Field("risk_management_plan_reviewed_on", "Last review", Kind.DATE, required=False),
                Field("risk_management_plan_tested_on", "Last test, actions closed", Kind.DATE, required=False),
            ),
        ),
        Question(
            "emergency_stock_process",
            "Emergency stock process",
            "Whether emergency stock reaches patients. Without a written process the other statements count nothing.",
            "One statement each",
            "At the quarter's end; the test counts for 12 months.",
            "Processes that cover other products only.",
            "A written process with an allocation rule, tested 2026-01-20.",
            (
                Field("emergency_stock_process_exists", "A written process exists", Kind.TICK),
                Field("emergency_stock_allocation_rule", "It rules who is served first", Kind.TICK, required=False),
                Field("emergency_stock_contact_24_7", "A contact is reachable 24/7", Kind.TICK, required=False),
                Field("emergency_stock_tested_on", "Last test", Kind.DATE, required=False),
                Field("emergency_stock_ships_within_24h", "Ships within 24 hours", Kind.TICK, required=False),
            ),
        ),
        Question(
            "disruption_notice_rate",
            "Disruption notices",
            "Disruptions of supply that were announced to customers and to FDA in time. If there was none, answer that "
            "it does not apply.",
            "Disruptions announced in time / disruptions",
            _YEAR,
            "Delays of single orders.",
            "2 of 3 disruptions.",
            _counts("disruption_notice_rate", "Announced in time", "Disruptions", "disruptions"),
            may_not_apply=True,
        ),
    ),
)

SECTIONS = (NETWORK, PLANNING, LOGISTICS, FINANCE, SERVICE)
QUESTIONS = tuple(question for section in SECTIONS for question in section.questions)
FIELDS = {item.column: item for question in QUESTIONS for item in question.fields}
