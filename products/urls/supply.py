"""Supply chains: the editor, the history, and one change for many products."""

from django.urls import path

from products.views.supply_chain import supply_chain, supply_history
from products.views.supply_site import supply_site

urlpatterns = [
    path("products/<str:ndc>/supply/", supply_chain, name="supply-chain"),
    path("products/<str:ndc>/supply/history/", supply_history, name="supply-history"),
    path("supply/establishments/<int:pk>/", supply_site, name="supply-site"),
]
