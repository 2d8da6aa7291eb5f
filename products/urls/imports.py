"""Assessments that were made elsewhere."""

from django.urls import path

from products.views.assessment_import import (
    assessment_import_check,
    assessment_import_list,
    assessment_import_store,
    fda_report_create,
)

urlpatterns = [
    path("assessments/imports/", assessment_import_list, name="assessment-import-list"),
    path("assessments/imports/check/", assessment_import_check, name="assessment-import-check"),
    path("assessments/imports/store/", assessment_import_store, name="assessment-import-store"),
    path("assessments/imports/fda-report/", fda_report_create, name="fda-report-create"),
]
