"""Every address of API v1, app by app."""

from django.urls import include, path

from dscr.api.schema_endpoint import Schema
from dscr.api.token_endpoints import CurrentToken, TokenCreate

app_name = "api"

urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("tokens/", TokenCreate.as_view(), name="token-create"),
    path("tokens/current/", CurrentToken.as_view(), name="token-current"),
    path("", include("qmm.api.urls")),
    path("", include("products.api.urls")),
    path("", include("ratings.api.urls")),
]
