"""Products as arrays, without a database: the golden portfolios, and small ones made by hand."""

from functools import cache
from typing import Any

import numpy as np

from ratings.scoring import KPI_FIELDS, EffectiveInputs, resolve
from ratings.scoring.portfolio import Portfolio, read_portfolio
from ratings.scoring.questionnaire import KPI_COLUMN
from tests.scoring.portfolios import golden

MIDDLING = {
    "dual_sourced_materials_numerator": 3,
    "dual_sourced_materials_denominator": 10,
    "capacity_utilisation_historical": 0.8,
    "capacity_utilisation_forecast": 0.9,
    "operating_mode_hours_per_week": 130,
    "days_inventory_on_hand": 50,
    "safety_stock_days": 40,
    "safety_stock_adherence_numerator": 9,
    "safety_stock_adherence_denominator": 12,
    "shelf_life_months": 20,
    "fill_rate_numerator": 91,
    "fill_rate_denominator": 100,
    "on_time_delivery_numerator": 88,
    "on_time_delivery_denominator": 100,
    "order_to_ship_days": 8,
    "equipment_depreciated_share": 0.6,
    "capital_reinvestment_ratio": 0.7,
    "contribution_margin": 0.2,
    "risk_management_plan": 1,
    "disruption_notice_rate_numerator": 2,
    "disruption_notice_rate_denominator": 4,
}


def inputs_of(nodes: list[tuple[Any, ...]], **kpis: float) -> EffectiveInputs:
    """One product; nodes are (stage, establishment, share, qualified, country, level, under action)."""
    figures = np.full((1, len(KPI_FIELDS)), np.nan)
    for column, value in (MIDDLING | kpis).items():
        figures[0, KPI_COLUMN[column]] = value
    stage, site, share, qualified, country, level, action = (list(column) for column in zip(*nodes, strict=True))
    return EffectiveInputs(
        product_ids=np.array([1]),
        prior_band=np.array([0], dtype=np.int8),
        in_shortage=np.array([False]),
        kpis=figures,
        node_product=np.zeros(len(nodes), dtype=np.int32),
        node_stage=np.array(stage, dtype=np.int8),
        node_establishment_id=np.array(site, dtype=np.int64),
        node_share=np.array(share, dtype=float),
        node_qualified=np.array(qualified, dtype=bool),
        node_country=np.array(country, dtype=np.int32),
        node_level=np.array(level, dtype=float),
        node_oai=np.array(action, dtype=bool),
    )


@cache
def random_portfolio() -> tuple[Portfolio, EffectiveInputs]:
    """The 150 golden products, which reach every segment of every curve."""
    portfolio = read_portfolio(golden("random"))
    return portfolio, resolve(portfolio.frames, portfolio.methodology, portfolio.as_of)
