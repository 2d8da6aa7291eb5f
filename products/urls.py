"""Pages on which a manufacturer works at its products."""

from django.urls import path

from products import views

app_name = "products"

urlpatterns = [
    path("products/<str:ndc>/supply/", views.supply_chain, name="supply-chain"),
    path("products/<str:ndc>/supply/history/", views.supply_history, name="supply-history"),
    path("supply/establishments/<int:pk>/", views.supply_site, name="supply-site"),
]
