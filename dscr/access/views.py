"""Signing in. In local mode the demonstration accounts are one click away."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views

from dscr.access.forms import DEMO_ACCOUNTS, DEMO_PASSWORD, SignInForm
from dscr.access.models import User


class SignIn(views.LoginView):
    template_name = "access/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

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
