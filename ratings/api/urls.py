"""Addresses of the API's ratings, molecules and methodology."""

from django.urls import path

from ratings.api.dependents import Dependents
from ratings.api.duplicates import DuplicateList, DuplicatesFind, PairApart
from ratings.api.lookup import RatingLookup
from ratings.api.mergers import MergeDetail, MergeList, MergePreviewOf, MergeUndo
from ratings.api.methodology import MethodologyDetail, MethodologyList
from ratings.api.molecules import MoleculeDetail, MoleculeList
from ratings.api.one_rating import RatingDetail, RatingExplanation, RatingHistory
from ratings.api.planning import ScenarioDetail, ScenarioList, WhatIf
from ratings.api.rating_list import RatingList

urlpatterns = [
    path("establishments/duplicates/", DuplicateList.as_view(), name="duplicate-list"),
    path("establishments/duplicates/find/", DuplicatesFind.as_view(), name="duplicate-find"),
    path("establishments/duplicates/<int:pair>/apart/", PairApart.as_view(), name="duplicate-apart"),
    path("establishments/merges/", MergeList.as_view(), name="merge-list"),
    path("establishments/merges/preview/", MergePreviewOf.as_view(), name="merge-preview"),
    path("establishments/merges/<int:merge>/", MergeDetail.as_view(), name="merge-detail"),
    path("establishments/merges/<int:merge>/undo/", MergeUndo.as_view(), name="merge-undo"),
    path("establishments/<int:pk>/dependents/", Dependents.as_view(), name="dependent-list"),
    path("ratings/", RatingList.as_view(), name="rating-list"),
    path("ratings/lookup/", RatingLookup.as_view(), name="rating-lookup"),
    path("ratings/<str:ndc>/", RatingDetail.as_view(), name="rating-detail"),
    path("ratings/<str:ndc>/history/", RatingHistory.as_view(), name="rating-history"),
    path("ratings/<str:ndc>/explanation/", RatingExplanation.as_view(), name="rating-explanation"),
    path("products/<str:ndc>/what-if/", WhatIf.as_view(), name="what-if"),
    path("scenarios/", ScenarioList.as_view(), name="scenario-list"),
    path("scenarios/<int:scenario_id>/", ScenarioDetail.as_view(), name="scenario-detail"),
    path("molecules/", MoleculeList.as_view(), name="molecule-list"),
    path("molecules/<path:molecule>/", MoleculeDetail.as_view(), name="molecule-detail"),
    path("methodology/", MethodologyList.as_view(), name="methodology-list"),
    path("methodology/<str:version>/", MethodologyDetail.as_view(), name="methodology-detail"),
]
