"""Signing in and out, for the admin too. In local mode the demonstration accounts are one click away."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from dscr.access.adapters import landing
from dscr.access.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from dscr.access.lockout import rule_words
from dscr.access.models import User
from dscr.access.scoping import may


class SignIn(LoginView):
    def get_authenticated_redirect_url(self) -> str:
        return landing(self.request.user, get_next_redirect_url(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["lock_rule"] = rule_words()
        if settings.LOCAL:
            addresses = [account.email for account in DEMO_ACCOUNTS]
            present = set(User.objects.filter(email__in=addresses, is_active=True).values_list("email", flat=True))
            context["demo_accounts"] = [account for account in DEMO_ACCOUNTS if account.email in present]
            context["demo_password"] = DEMO_PASSWORD
        return context


@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin sends here whom it does not let in; one sign-in page serves the whole program."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    if not request.user.is_staff or not may(request.user, "change_records"):
        raise Http404
    return redirect("admin:index")
