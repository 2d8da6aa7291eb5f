"""What a manufacturer is asked per product and quarter: the KPI codes, their fields and what a field may hold.

One list gives the file format, the columns of `Frames.kpis` and the checks, so the three cannot drift apart.
Source: methodology.md, "Portfolio format" and "KPI domains".
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["KPIS", "KPI_BY_CODE", "KPI_COLUMN", "KPI_FIELDS", "Field", "FieldKind", "Kpi"]


class FieldKind(Enum):
    COUNT = "a count, 0 or more"
    AMOUNT = "a number, 0 or more"
    SIGNED = "a number"
    HOURS = "hours per week"
    WHOLE = "a whole number, 0 or more"
    ANSWER = "one of the answers"
    TICK = "true or false"


@dataclass(frozen=True, slots=True)
class Field:
    """One figure: its key in the file, its column in `Frames.kpis` and in the database, and its kind."""

    name: str
    column: str
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class Kpi:
    """One question. `answers` are the words of an ANSWER field in the order of their codes 0, 1, 2, ..."""

    code: str
    fields: tuple[Field, ...]
    answers: tuple[str, ...] = ()
    may_not_apply: bool = False
    optional_fields: bool = False  # a part of the fields may be given

    @property
    def is_counts(self) -> bool:
        return self.fields[0].kind is FieldKind.COUNT


def _value(code: str, kind: FieldKind = FieldKind.AMOUNT, answers: tuple[str, ...] = ()) -> Kpi:
    return Kpi(code, (Field("value", code, kind),), answers)


def _counts(code: str, may_not_apply: bool = False) -> Kpi:
    parts = ("numerator", "denominator")
    return Kpi(code, tuple(Field(p, f"{code}_{p}", FieldKind.COUNT) for p in parts), may_not_apply=may_not_apply)


def _parts(code: str, prefix: str, kind: FieldKind, *names: str) -> Kpi:
    return Kpi(code, tuple(Field(n, f"{prefix}_{n}", kind) for n in names), optional_fields=len(names) > 1)


KPIS: tuple[Kpi, ...] = (
    _counts("dual_sourced_materials"),
    _parts("capacity_utilisation", "capacity_utilisation", FieldKind.AMOUNT, "historical", "forecast"),
    _parts("operating_mode", "operating_mode", FieldKind.HOURS, "hours_per_week"),
    _value("qualified_lines", FieldKind.WHOLE),
    _value("days_inventory_on_hand"),
    _value("safety_stock_days"),
    _value("safety_stock_target_days"),
    _counts("safety_stock_adherence"),
    _value("shelf_life_months"),
    _counts("fill_rate"),
    _counts("on_time_delivery"),
    _value("order_to_ship_days"),
    _value("equipment_depreciated_share"),
    _value("capital_reinvestment_ratio"),
    _value("contribution_margin", FieldKind.SIGNED),
    _value("risk_management_plan", FieldKind.ANSWER, ("none", "exists", "reviewed", "tested")),
    _parts(
        "emergency_stock_process",
        "emergency_stock",
        FieldKind.TICK,
        "process_exists",
        "allocation_rule",
        "contact_24_7",
        "tested_12m",
        "ships_within_24h",
    ),
    _counts("disruption_notice_rate", may_not_apply=True),
)
KPI_BY_CODE = {kpi.code: kpi for kpi in KPIS}
KPI_FIELDS: tuple[str, ...] = tuple(field.column for kpi in KPIS for field in kpi.fields)
KPI_COLUMN = {name: position for position, name in enumerate(KPI_FIELDS)}
