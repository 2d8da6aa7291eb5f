"""Addresses of the API's establishments, rubrics and levels."""

from django.urls import path

from qmm.api import rubrics, scores, search, views

urlpatterns = [
    path("establishments/", views.EstablishmentList.as_view(), name="establishment-list"),
    path("establishments/search/", search.EstablishmentSearch.as_view(), name="establishment-search-list"),
    path("establishments/<int:pk>/", views.EstablishmentDetail.as_view(), name="establishment-detail"),
    path("assessments/<int:case>/scores/", scores.OwnScores.as_view(), name="own-score-list"),
    path("assessments/<int:case>/scores/<str:element>/", scores.OwnScore.as_view(), name="own-score-detail"),
    path("rubrics/", rubrics.RubricList.as_view(), name="rubric-list"),
    path("rubrics/<str:version>/", rubrics.RubricDetail.as_view(), name="rubric-detail"),
]
