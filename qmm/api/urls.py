"""Addresses of the API's establishments."""

from django.urls import path

from qmm.api import views

urlpatterns = [
    path("establishments/", views.EstablishmentList.as_view(), name="establishment-list"),
    path("establishments/<int:pk>/", views.EstablishmentDetail.as_view(), name="establishment-detail"),
]
