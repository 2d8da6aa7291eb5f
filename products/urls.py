"""Pages of products' inputs."""

from django.urls import path

from products.views import grant

app_name = "products"

urlpatterns = [
    path("disclosures/", grant.grant_list_page, name="grant-list"),
    path("disclosures/new/", grant.grant_create, name="grant-create"),
    path("disclosures/<int:grant>/withdraw/", grant.grant_withdraw_page, name="grant-withdraw"),
]
