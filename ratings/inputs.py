"""The registry of inputs: which tables and columns decide a rating, and what a mark of theirs names.

Triggers, the loader's counter-test and the drift check are all made from this list. A row counts only while it meets
`condition`; its columns count too, for a row that leaves or enters that state changes the rating.
"""

from dataclasses import dataclass
from typing import Literal

from django.db.models import Model

from products.models import Enrolment, KpiSubmission, Product, Shortage, SupplyNode
from products.models.kpi_submission import COUNT_PAIRS, FIGURE_RANGES
from qmm.models import AREAS, Assessment, Establishment, Inspection
from ratings.models import MethodologyRelease


@dataclass(frozen=True, slots=True)
class Input:
    """One table of inputs.

    model: the Django model. marks: the kind of the mark. key: SQL over the row that gives the mark's key.
    columns: database columns that count. condition: SQL that holds for the rows that count.
    condition_columns: the columns it reads.
    """

    model: type[Model]
    marks: Literal["product", "establishment", "ndc", "all"]
    key: str
    columns: tuple[str, ...]
    condition: str = "true"
    condition_columns: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table


KPI_COLUMNS = (
    *(f"{pair}_{part}" for pair in COUNT_PAIRS for part in ("numerator", "denominator")),
    *(figure for figure in FIGURE_RANGES if figure != "safety_stock_target_days"),
    "safety_stock_target_days",
    "qualified_lines",
    "risk_management_plan_exists",
    "risk_management_plan_reviewed_on",
    "risk_management_plan_tested_on",
    "emergency_stock_process_exists",
    "emergency_stock_allocation_rule",
    "emergency_stock_contact_24_7",
    "emergency_stock_tested_on",
    "emergency_stock_ships_within_24h",
)

INPUTS = (
    Input(Product, "product", "id", ("id", "ndc", "substances")),
    Input(
        Enrolment,
        "product",
        "product_id",
        ("product_id", "enrolled_on", "withdrawn_on", "suspended_on"),
    ),
    Input(
        SupplyNode,
        "product",
        "product_id",
        (
            "product_id",
            "stage",
            "establishment_id",
            "share",
            "is_qualified",
            "last_batch_on",
            "valid_from",
            "valid_to",
        ),
        "voided_at IS NULL",
        ("voided_at",),
    ),
    Input(
        KpiSubmission,
        "product",
        "product_id",
        ("product_id", "quarter_end", *KPI_COLUMNS),
        "attested_at IS NOT NULL AND superseded_at IS NULL AND voided_at IS NULL",
        ("attested_at", "superseded_at", "voided_at"),
    ),
    Input(Shortage, "ndc", "replace(product_ndc, '-', '')::bigint", ("package_ndc", "status", "changed_on")),
    Input(Establishment, "establishment", "id", ("id", "country")),
    Input(
        Assessment,
        "establishment",
        "establishment_id",
        ("establishment_id", "completed_on", *AREAS),
        "voided_at IS NULL",
        ("voided_at",),
    ),
    Input(
        Inspection,
        "establishment",
        "establishment_id",
        ("establishment_id", "classification", "ended_on", "resolved_on"),
        "voided_at IS NULL",
        ("voided_at",),
    ),
    Input(MethodologyRelease, "all", "0", ("version", "in_force_from")),
)
