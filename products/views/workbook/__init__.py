"""The pages of KPI workbooks: template and upload, the report, and the steps that follow it."""

from products.views.workbook.detail import workbook_detail, workbook_progress, workbook_report
from products.views.workbook.start import (
    workbook_start,
    workbook_template_csv,
    workbook_template_xlsx,
    workbook_upload,
)
from products.views.workbook.steps import workbook_attest, workbook_discard, workbook_write

__all__ = [
    "workbook_attest",
    "workbook_detail",
    "workbook_discard",
    "workbook_progress",
    "workbook_report",
    "workbook_start",
    "workbook_template_csv",
    "workbook_template_xlsx",
    "workbook_upload",
    "workbook_write",
]
