"""Addresses of the API's products and shortages, of what their makers report, disclose and draw from whom."""

from django.urls import path

from products.api import assessment_imports, disclosure_requests, drafts, grants, questionnaire, supply, views
from products.urls import kpis  # noqa: F401  knows how a quarter stands in an address

urlpatterns = [
    path("assessments/imports/", assessment_imports.AssessmentImports.as_view(), name="assessment-import-list"),
    path(
        "assessments/imports/check/",
        assessment_imports.AssessmentImportCheck.as_view(),
        name="assessment-import-check",
    ),
    path("assessments/imports/fda-report/", assessment_imports.FdaReport.as_view(), name="fda-report-create"),
    path("products/", views.ProductList.as_view(), name="product-list"),
    path("products/<str:ndc>/", views.ProductDetail.as_view(), name="product-detail"),
    path("products/<str:ndc>/supply-nodes/", supply.SupplyNodes.as_view(), name="supply-node-list"),
    path("products/<str:ndc>/supply-nodes/history/", supply.SupplyHistory.as_view(), name="supply-node-history"),
    path("questionnaire/", questionnaire.Questionnaire.as_view(), name="questionnaire"),
    path("kpi-drafts/", drafts.DraftList.as_view(), name="kpi-draft-list"),
    path("kpi-drafts/<str:ndc>/<quarter:quarter_end>/", drafts.DraftDetail.as_view(), name="kpi-draft-detail"),
    path("grants/", grants.GrantList.as_view(), name="grant-list"),
    path("grants/looks/", grants.GrantLooks.as_view(), name="grant-look-list"),
    path("grants/received/", disclosure_requests.GrantsReceived.as_view(), name="grant-received-list"),
    path("grants/<int:grant>/", grants.GrantDetail.as_view(), name="grant-detail"),
    path("disclosure-requests/", disclosure_requests.RequestList.as_view(), name="request-list"),
    path("disclosure-requests/received/", disclosure_requests.RequestsReceived.as_view(), name="request-received-list"),
    path(
        "disclosure-requests/received/<int:asked>/decline/",
        disclosure_requests.RequestDecline.as_view(),
        name="request-decline",
    ),
    path("shortages/", views.ShortageList.as_view(), name="shortage-list"),
]
