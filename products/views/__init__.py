"""The pages of the quarterly figures."""

from products.views.kpi_attest import kpi_draft_attest, kpi_draft_review
from products.views.kpi_draft import (
    kpi_draft,
    kpi_draft_copy,
    kpi_draft_discard,
    kpi_draft_open,
    kpi_draft_withhold,
)
from products.views.kpi_list import kpi_list
from products.views.kpi_state import kpi_draft_state
from products.views.kpi_submission import kpi_submission, kpi_submission_list

__all__ = [
    "kpi_draft",
    "kpi_draft_attest",
    "kpi_draft_copy",
    "kpi_draft_discard",
    "kpi_draft_open",
    "kpi_draft_review",
    "kpi_draft_state",
    "kpi_draft_withhold",
    "kpi_list",
    "kpi_submission",
    "kpi_submission_list",
]
