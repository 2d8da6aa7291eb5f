"""For every column of every registered input a valid new value, and the row to change."""

from typing import Any

from django.db.models import Model, fields

from products.models import Enrolment, KpiSubmission, Product, Shortage, SupplyNode
from qmm.models import Assessment, Establishment, Inspection
from ratings.inputs import INPUTS, Input
from ratings.models import MethodologyRelease
from tests.ratings.conftest import Portfolio, forget_marks

# SQL for columns whose new value does not follow from their type.
SPECIAL = {
    (Product, "ndc"): "'099901-0303'",
    (Product, "substances"): "ARRAY['CISPLATIN', 'ETOPOSIDE']",
    (Establishment, "country"): "'BRA'",
    (Enrolment, "withdrawn_on"): "current_date - 3",
    (Enrolment, "suspended_on"): "current_date - 3",
    (SupplyNode, "stage"): "'ksm'",
    (SupplyNode, "share"): "share * 0.996",
    (SupplyNode, "valid_to"): "current_date + 40",
    (KpiSubmission, "quarter_end"): "'2026-06-30'",
    (KpiSubmission, "attested_at"): "NULL",
    (Inspection, "classification"): "'OAI'",
    (Inspection, "resolved_on"): "current_date - 3",
    (Shortage, "package_ndc"): "'099901-0202-01'",
    (Shortage, "status"): "'current'",
    (MethodologyRelease, "version"): "'2026.1-b'",
}
# Keys cannot be changed while other rows point to them, which foreign keys hold.
UNCHANGEABLE = {(Product, "id"), (Establishment, "id")}
# Filled together with another column, which a constraint demands.
TOGETHER = {
    "voided_at": "void_reason = 'entered twice'",
    "suspended_on": "suspension_reason = 'figures in doubt'",
}


def columns_of(entry: Input) -> list[tuple[Input, str]]:
    """Every column that counts or decides whether the row counts."""
    return [(entry, column) for column in (*entry.columns, *entry.condition_columns)]


CASES = [case for entry in INPUTS for case in columns_of(entry) if (entry.model, case[1]) not in UNCHANGEABLE]


def row_of(entry: Input, portfolio: Portfolio) -> Model:
    """A row of the strong product, or of the establishment that finishes it, for each table."""
    finished_at = portfolio.strong.supply_nodes.get(stage="fdf").establishment
    if entry.model is Product:
        return portfolio.strong
    if entry.model is Establishment:
        return finished_at
    if entry.model in (Assessment, Inspection):
        return entry.model.objects.get(establishment=finished_at)
    if entry.model in (Shortage, MethodologyRelease):
        return entry.model.objects.get()
    if entry.model is SupplyNode:
        return SupplyNode.objects.get(product=portfolio.strong, stage="testing")
    return entry.model.objects.get(product=portfolio.strong)


def lone_row_of(entry: Input, portfolio: Portfolio) -> Model:
    """A row that may be deleted and written again, for nothing points to it."""
    if entry.model is Product:
        return portfolio.spare
    if entry.model is Establishment:
        site = Establishment.objects.create(name="Lone site", country="CAN")
        forget_marks()
        return site
    return row_of(entry, portfolio)


def other_parent(entry: Input, portfolio: Portfolio) -> dict[str, int]:
    """The column that says whose the row is -> somebody else's key."""
    elsewhere = portfolio.strong.supply_nodes.filter(stage="api").first().establishment_id
    return {"product_id": portfolio.spare.pk, "establishment_id": elsewhere}


def new_value(entry: Input, column: str, row: Model, portfolio: Portfolio) -> str:
    """SQL of another valid value for that column of that row."""
    if (entry.model, column) in SPECIAL:
        return SPECIAL[entry.model, column]
    if column in other_parent(entry, portfolio):
        return str(other_parent(entry, portfolio)[column])
    field = next(f for f in entry.model._meta.fields if f.column == column)
    if column in TOGETHER or column == "superseded_at":
        return "now()"
    if isinstance(field, fields.BooleanField):
        return f"NOT coalesce({column}, false)"
    if isinstance(field, fields.DateField):
        return f"coalesce({column}, current_date) - 1"
    if isinstance(field, fields.IntegerField):
        step = 1 if column.endswith(("denominator", "lines")) else -1
        return f"greatest(0, {column} + {step})" if step < 0 and getattr(row, column) else f"{column} + 1"
    return f"coalesce({column}, 1) * 0.93"


def update_sql(entry: Input, column: str, row: Model, portfolio: Portfolio) -> str:
    value = new_value(entry, column, row, portfolio)
    together = f", {TOGETHER[column]}" if column in TOGETHER else ""
    if column == "disruption_notice_rate_numerator":
        together = ", disruption_notice_rate_denominator = disruption_notice_rate_denominator + 1"
    return f"UPDATE {entry.table} SET {column} = {value}{together} WHERE id = {row.pk}"


def expected_marks(entry: Input, column: str, row: Model, portfolio: Portfolio) -> set[tuple[str, int]]:
    """Both sides where the row moves, else the one it belongs to."""
    if entry.marks == "all":
        return {("all", 0)}
    if entry.marks == "ndc":
        keys = {int(portfolio.strong.ndc.replace("-", ""))}
        if column == "package_ndc":
            keys.add(int(portfolio.fragile.ndc.replace("-", "")))
        return {("ndc", key) for key in keys}
    keys = {getattr(row, entry.key)}
    if column == entry.key:
        keys.add(other_parent(entry, portfolio)[column])
    return {(entry.marks, key) for key in keys}


def values_of(row: Model) -> dict[str, Any]:
    """The row's columns but its key, as they would be written again."""
    generated = {"product_ndc"}
    return {
        field.column: getattr(row, field.attname)
        for field in row._meta.fields
        if not field.primary_key and field.column not in generated
    }
