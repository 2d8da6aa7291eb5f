"""Pages of the ratings."""

from django.urls import path

from ratings import views

app_name = "ratings"

urlpatterns = [
    path("products/", views.rating_list, name="rating-list"),
    path("products/export.csv", views.rating_export_csv, name="rating-export-csv"),
    path("products/export.xlsx", views.rating_export_xlsx, name="rating-export-xlsx"),
    path("products/<str:ndc>/", views.rating_detail, name="rating-detail"),
    path("products/<str:ndc>/freshness/", views.rating_freshness, name="rating-freshness"),
    path("drafts/<int:pk>/effect/", views.draft_effect, name="draft-effect"),
    path("establishments/", views.establishment_list, name="establishment-list"),
    path("establishments/<int:pk>/", views.establishment_detail, name="establishment-detail"),
    path("molecules/", views.molecule_index, name="molecule-list"),
    path("molecules/<path:molecule>/", views.molecule_detail, name="molecule-detail"),
    path("method/", views.newest_methodology, name="methodology-newest"),
    path("method/<str:version>/", views.methodology_detail, name="methodology-detail"),
    path("method/<str:version>/score/", views.methodology_score, name="methodology-score"),
]
