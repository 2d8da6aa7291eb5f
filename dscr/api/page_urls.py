"""Pages for people about the API: their tokens, and how to use it."""

from django.urls import path

from dscr.api import pages

app_name = "tokens"

urlpatterns = [
    path("account/tokens/", pages.token_list, name="token-list"),
    path("account/tokens/new/", pages.token_create, name="token-create"),
    path("account/tokens/<int:pk>/revoke/", pages.token_revoke, name="token-revoke"),
    path("api/v1/docs/", pages.api_docs, name="api-docs"),
    path("api/v1/docs/interactive/", pages.api_docs_interactive, name="api-docs-interactive"),
]
