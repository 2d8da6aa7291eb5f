"""The page behind an invitation's link."""

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dscr.access.invitation_forms import AcceptForm
from dscr.access.invitations import Invitation, NotClaimableError, invitation_claim, invitation_of
from dscr.access.models import User
from dscr.access.views.account import switch_to

STATUS = {"unknown": 404, "accepted": 410, "revoked": 410, "expired": 410, "other": 403}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password1", "password2")
@rate_limit(action="signup")
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """A new person gives name and password; someone who has an account signs in; nobody else may claim it."""
    invitation = invitation_of(token)
    state = invitation.state if invitation else "unknown"
    if invitation is None or state != "waiting":
        return _refusal(request, invitation, state)
    if request.user.is_authenticated:
        return _accept_signed_in(request, invitation)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return render(request, "access/invitation_sign_in.html", {"invitation": invitation})
    return _accept_new_person(request, invitation)


def _refusal(request: HttpRequest, invitation: Invitation | None, state: str) -> HttpResponse:
    context = {"invitation": invitation, "state": state}
    return render(request, "access/invitation_refused.html", context, status=STATUS[state])


def _accept_signed_in(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.user.email.lower() != invitation.email:
        return _refusal(request, invitation, "other")
    if request.method != "POST":
        return render(request, "access/invitation_confirm.html", {"invitation": invitation})
    try:
        membership = invitation_claim(invitation, request.user)
    except NotClaimableError:
        invitation.refresh_from_db()
        return _refusal(request, invitation, invitation.state)
    if any(held.pk == membership.pk for held in request.user.memberships_today):
        switch_to(request, membership)
    return redirect("home")


def _accept_new_person(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = AcceptForm(invitation, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "access/invitation_accept.html", {"invitation": invitation, "form": form})
    given = form.cleaned_data
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, given["password1"], full_name=given["full_name"])
            invitation_claim(invitation, user)
    except IntegrityError:  # the account came into being in another window
        return redirect(request.path)
    except NotClaimableError:
        invitation.refresh_from_db()
        return _refusal(request, invitation, invitation.state)
    return perform_login(request, user, email=user.email)
