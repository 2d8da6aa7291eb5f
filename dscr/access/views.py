"""Signing in and out, for the admin too. In local mode the demonstration accounts are one click away."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dscr.access.forms import DEMO_ACCOUNTS, DEMO_PASSWORD, SignInForm
from dscr.access.models import User
from dscr.access.rules import may_open
from dscr.access.scoping import may


class SignIn(views.LoginView):
    template_name = "access/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_success_url(self) -> str:
        """The page that asked for signing in, where the role opens it; else the first page."""
        target = self.get_redirect_url()
        return target if target and may_open(self.request.user, target) else self.get_default_redirect_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.LOCAL:
            present = set(
                User.objects.filter(email__in=[account.email for account in DEMO_ACCOUNTS], is_active=True).values_list(
                    "email", flat=True
                )
            )
            context["demo_accounts"] = [account for account in DEMO_ACCOUNTS if account.email in present]
            context["demo_password"] = DEMO_PASSWORD
        return context


class SignOut(views.LogoutView):
    """A link here only asks: signing out is a form, so that no other site can do it to a reader."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return render(request, "access/sign_out.html") if request.user.is_authenticated else redirect("access:sign-in")


@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin sends here whom it does not let in; one sign-in page serves the whole program."""
    if not request.user.is_authenticated:
        return views.redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    if not request.user.is_staff or not may(request.user, "change_records"):
        raise Http404
    return redirect("admin:index")
