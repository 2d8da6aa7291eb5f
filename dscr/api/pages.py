"""A person's tokens, and the API's documentation."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.api import tokens
from dscr.api.forms import TokenForm
from dscr.api.models import ApiToken
from dscr.api.reference import reference
from dscr.audit.notes import note


@require_safe
@never_cache
def token_list(request: HttpRequest) -> HttpResponse:
    return _page(request, TokenForm(request.user))


@require_POST
@never_cache
def token_create(request: HttpRequest) -> HttpResponse:
    """The only answer that shows the secret."""
    form = TokenForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    token, secret = tokens.token_create(given["membership"], name=given["name"], days=given["days"])
    note(request, "token made", ("api-token", token.pk, str(token)))
    return _page(request, TokenForm(request.user), made=token, secret=secret)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, membership__user=request.user)
    tokens.token_revoke(token)
    note(request, "token revoked", ("api-token", token.pk, str(token)))
    messages.success(request, f"The token “{token.name}” is revoked. Programs that use it are refused from now on.")
    return redirect("tokens:token-list")


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """The reference, written from the committed schema. No query of its own."""
    context = {
        "reference": reference(),
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "rate": settings.API_RATE,
        "rate_anonymous": settings.API_RATE_ANONYMOUS,
    }
    return render(request, "api/api_docs.html", context)


@require_safe
def api_docs_interactive(request: HttpRequest) -> HttpResponse:
    return render(request, "api/api_docs_interactive.html")


def _page(request: HttpRequest, form: TokenForm, status: int = 200, **context: object) -> HttpResponse:
    own = ApiToken.objects.filter(membership__user=request.user).select_related("membership__organisation")
    rows = sorted(own, key=lambda token: (token.state != "active", -token.created_at.timestamp()))
    return render(request, "api/token_list.html", {"tokens": rows, "form": form, **context}, status=status)
