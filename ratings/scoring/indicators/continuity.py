"""Continuity: being prepared for a disruption, and telling others in time."""

import numpy as np

from ..questionnaire import KPI_BY_CODE
from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Risk management plan",
    unit="state of the plan",
    team=Team.CUSTOMER_SERVICE,
    definition=(
        "The plan that identifies and evaluates risks to the supply of this product (the one that section 506C(j) of "
        "the FD&C Act asks of makers of critical drugs). None; exists; reviewed within the last 12 months; or tested "
        "within the last 12 months with all resulting actions closed."
    ),
    remedy="Write the plan; review it every year; test it with an exercise and close the actions that result.",
    kpis=("risk_management_plan",),
)
def risk_management_plan(evidence: Evidence) -> Values:
    return evidence.figure("risk_management_plan")  # the code of the answer; the curve holds the points per code


@indicator(
    label="Emergency stock process",
    unit="points of the checklist",
    team=Team.CUSTOMER_SERVICE,
    definition=(
        "Five statements about getting emergency stock to patients: a written process exists; it has a rule for "
        "allocating scarce stock; a contact is reachable 24 hours, 7 days a week; it was tested within the last 12 "
        "months; emergency orders ship within 24 hours. Each true statement adds its points; without a written "
        "process the others count nothing."
    ),
    remedy="Write the process first, then add an allocation rule, a contact around the clock and a yearly test.",
    kpis=("emergency_stock_process",),
)
def emergency_stock_process(evidence: Evidence) -> Values:
    rule = evidence.methodology.rule("emergency_stock_process")
    columns = {field.name: evidence.figure(field.column) for field in KPI_BY_CODE["emergency_stock_process"].fields}
    points = sum(np.nan_to_num(columns[tick]) * worth for tick, worth in rule.ticks.items())
    points = np.where(np.nan_to_num(columns[rule.required_tick]) > 0, points, 0.0)
    withheld = np.all([np.isnan(column) for column in columns.values()], axis=0)
    return np.where(withheld, np.nan, points)


@indicator(
    label="Disruption notices",
    unit="share of disruptions",
    team=Team.CUSTOMER_SERVICE,
    definition=(
        "Disruptions of supply that were announced to customers and to FDA in time, divided by all disruptions, over "
        "the last 12 months. If there was none, answer that it does not apply: the other indicators of the domain "
        "then carry its weight."
    ),
    remedy="Announce every expected interruption as soon as it is known, by a rule that does not wait for approval.",
    kpis=("disruption_notice_rate",),
)
def disruption_notice_rate(evidence: Evidence) -> Values:
    return evidence.rate("disruption_notice_rate")
