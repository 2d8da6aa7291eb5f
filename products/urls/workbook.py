"""Pages of KPI workbooks; the effect on the scores is served by ratings."""

from django.urls import path

from products.views import workbook as views
from products.views.raw_file import workbook_delete

urlpatterns = [
    path("kpis/workbooks/", views.workbook_start, name="workbook-start"),
    path("kpis/workbooks/template.xlsx", views.workbook_template_xlsx, name="workbook-template-xlsx"),
    path("kpis/workbooks/template.csv", views.workbook_template_csv, name="workbook-template-csv"),
    path("kpis/workbooks/upload/", views.workbook_upload, name="workbook-upload"),
    path("kpis/workbooks/<int:upload>/", views.workbook_detail, name="workbook-detail"),
    path("kpis/workbooks/<int:upload>/progress/", views.workbook_progress, name="workbook-progress"),
    path("kpis/workbooks/<int:upload>/report.csv", views.workbook_report, name="workbook-report"),
    path("kpis/workbooks/<int:upload>/write/", views.workbook_write, name="workbook-write"),
    path("kpis/workbooks/<int:upload>/attest/", views.workbook_attest, name="workbook-attest"),
    path("kpis/workbooks/<int:upload>/delete/", workbook_delete, name="workbook-delete"),
    path("kpis/workbooks/<int:upload>/discard/", views.workbook_discard, name="workbook-discard"),
]
