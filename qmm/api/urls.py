"""Addresses of the API's establishments."""

from django.urls import path

from qmm.api import search, views

urlpatterns = [
    path("establishments/", views.EstablishmentList.as_view(), name="establishment-list"),
    path("establishments/search/", search.EstablishmentSearch.as_view(), name="establishment-search-list"),
    path("establishments/<int:pk>/", views.EstablishmentDetail.as_view(), name="establishment-detail"),
]
