"""The indicators, one module per domain. `INDICATORS` holds them by code, in the fixed order of the domains."""

from .capacity import capacity_utilisation, manufacturing_redundancy, operating_mode
from .continuity import disruption_notice_rate, emergency_stock_process, risk_management_plan
from .definition import Evidence, Indicator, Team
from .delivery import fill_rate, on_time_delivery, order_to_ship_days
from .geography import domestic_nearshore_share
from .inventory import days_inventory_on_hand, safety_stock_adherence, safety_stock_days, shelf_life_months
from .investment import capital_reinvestment_ratio, contribution_margin, equipment_depreciated_share
from .sourcing import backup_api_suppliers, dual_sourced_materials

__all__ = ["INDICATORS", "Evidence", "Indicator", "Team"]

INDICATORS: dict[str, Indicator] = {
    item.code: item
    for item in (
        backup_api_suppliers,
        dual_sourced_materials,
        capacity_utilisation,
        operating_mode,
        manufacturing_redundancy,
        days_inventory_on_hand,
        safety_stock_days,
        safety_stock_adherence,
        shelf_life_months,
        fill_rate,
        on_time_delivery,
        order_to_ship_days,
        equipment_depreciated_share,
        capital_reinvestment_ratio,
        contribution_margin,
        domestic_nearshore_share,
        risk_management_plan,
        emergency_stock_process,
        disruption_notice_rate,
    )
}
