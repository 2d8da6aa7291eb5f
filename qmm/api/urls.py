"""Addresses of the API's establishments, rubrics and levels, and of the agreement of assessors."""

from django.urls import path

from qmm.api import agreement, plans, rubrics, scores, search, views

urlpatterns = [
    path("agreement/", agreement.Agreement.as_view(), name="agreement"),
    path("establishments/", views.EstablishmentList.as_view(), name="establishment-list"),
    path("establishments/search/", search.EstablishmentSearch.as_view(), name="establishment-search-list"),
    path("establishments/<int:pk>/", views.EstablishmentDetail.as_view(), name="establishment-detail"),
    path("assessments/<int:case>/scores/", scores.OwnScores.as_view(), name="own-score-list"),
    path("assessments/<int:case>/scores/<str:element>/", scores.OwnScore.as_view(), name="own-score-detail"),
    path("assessments/<int:case>/plan/", plans.Plan.as_view(), name="plan-detail"),
    path("assessments/<int:case>/plan/<int:number>/", plans.PlanAction.as_view(), name="plan-action"),
    path("rubrics/", rubrics.RubricList.as_view(), name="rubric-list"),
    path("rubrics/<str:version>/", rubrics.RubricDetail.as_view(), name="rubric-detail"),
]
