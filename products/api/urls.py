"""Addresses of the API's products and shortages."""

from django.urls import path

from products.api import grants, views

urlpatterns = [
    path("products/", views.ProductList.as_view(), name="product-list"),
    path("products/<str:ndc>/", views.ProductDetail.as_view(), name="product-detail"),
    path("grants/", grants.GrantList.as_view(), name="grant-list"),
    path("grants/<int:grant>/", grants.GrantDetail.as_view(), name="grant-detail"),
    path("shortages/", views.ShortageList.as_view(), name="shortage-list"),
]
