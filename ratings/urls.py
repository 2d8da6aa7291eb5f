"""Pages of the ratings."""

from django.urls import path

from ratings import views
from ratings.mergers import views as mergers
from ratings.reviews import views as reviews

app_name = "ratings"

urlpatterns = [
    path("products/", views.rating_list, name="rating-list"),
    path("products/export.csv", views.rating_export_csv, name="rating-export-csv"),
    path("products/export.xlsx", views.rating_export_xlsx, name="rating-export-xlsx"),
    path("products/<str:ndc>/", views.rating_detail, name="rating-detail"),
    path("products/<str:ndc>/freshness/", views.rating_freshness, name="rating-freshness"),
    path("products/<str:ndc>/supply/preview/", views.supply_preview, name="supply-preview"),
    path("products/<str:ndc>/plan/", views.planner, name="planner"),
    path("products/<str:ndc>/plan/next/", views.planner_next, name="planner-next"),
    path("products/<str:ndc>/plan/effort/", views.planner_effort, name="planner-effort"),
    path("products/<str:ndc>/what-if/", views.what_if, name="what-if"),
    path("products/<str:ndc>/what-if/score/", views.what_if_score, name="what-if-score"),
    path("products/<str:ndc>/what-if/scenarios/", views.scenario_save, name="scenario-save"),
    path(
        "products/<str:ndc>/what-if/scenarios/<int:scenario_id>/delete/",
        views.scenario_delete,
        name="scenario-delete",
    ),
    path("products/<str:ndc>/reviews/new/", reviews.review_create, name="review-create"),
    path("reviews/", reviews.review_list, name="review-list"),
    path("reviews/<int:review>/", reviews.review_detail, name="review-detail"),
    path("reviews/<int:review>/appeal/", reviews.review_appeal_page, name="review-appeal"),
    path("reviews/<int:review>/files/<int:file>/", reviews.review_file, name="review-file"),
    path("reviews/<int:review>/<slug:event>/", reviews.review_step_page, name="review-step"),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("portfolio/actions/", views.portfolio_actions, name="portfolio-actions"),
    path("drafts/effect/", views.many_effect, name="many-effect"),
    path("assessments/<int:case>/plan/effect/", views.plan_effect, name="plan-effect"),
    path("drafts/<int:draft>/effect/", views.draft_effect, name="draft-effect"),
    path("establishments/", views.establishment_list, name="establishment-list"),
    path("establishments/duplicates/", mergers.duplicate_list, name="establishment-duplicates"),
    path("establishments/duplicates/find/", mergers.duplicates_find_now, name="establishment-duplicates-find"),
    path("establishments/duplicates/<int:pair>/apart/", mergers.pair_apart_page, name="establishment-pair-apart"),
    path("establishments/merge/", mergers.establishment_merge, name="establishment-merge"),
    path("establishments/merges/<int:merge>/", mergers.merge_detail, name="establishment-merge-detail"),
    path("establishments/merges/<int:merge>/undo/", mergers.merge_undo_page, name="establishment-merge-undo"),
    path("establishments/<int:pk>/", views.establishment_detail, name="establishment-detail"),
    path("molecules/", views.molecule_index, name="molecule-list"),
    path("molecules/<path:molecule>/", views.molecule_detail, name="molecule-detail"),
    path("kpis/workbooks/<int:upload>/effect/", views.workbook_effect, name="workbook-effect"),
    path("program/", views.program, name="program"),
    path("program/<str:setting>/", views.program_change, name="program-change"),
    path("method/", views.newest_methodology, name="methodology-newest"),
    path("method/<str:version>/", views.methodology_detail, name="methodology-detail"),
    path("method/<str:version>/score/", views.methodology_score, name="methodology-score"),
]
