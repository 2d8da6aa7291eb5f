"""The operator's page of people: who works for whom, who is invited, and inviting."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr.access.invitation_forms import InvitationForm
from dscr.access.invitation_mail import invitation_path, invitation_send
from dscr.access.invitations import Invitation, invitation_issue
from dscr.access.models import Membership, Organisation

PAGE = 50


@require_safe
@never_cache
def people_list(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    pages = Paginator(_memberships(text), PAGE)
    context = {
        "text_people": text,
        "page": pages.get_page(request.GET.get("page")),
        "invitations": _open_invitations(request),
        "today": timezone.localdate(),
    }
    return render(request, "access/people_list.html", context)


def _memberships(text: str) -> QuerySet[Membership]:
    """Those that hold or will hold, by organisation."""
    rows = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=timezone.localdate()))
    for word in text.split()[:8]:
        rows = rows.filter(
            Q(user__email__icontains=word) | Q(user__full_name__icontains=word) | Q(organisation__name__icontains=word)
        )
    return rows.select_related("user", "organisation").order_by("organisation__name", "user__email", "role", "id")


def _open_invitations(request: HttpRequest) -> QuerySet[Invitation]:
    """Those that wait and those that expired unanswered."""
    rows = Invitation.objects.for_user(request.user, "invite_people").filter(accepted_at=None, revoked_at=None)
    return rows.select_related("organisation", "invited_by")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation_create(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitation = form.save(commit=False)
        invitation.invited_by = request.user
        _issue_and_send(request, invitation)
        return redirect("access:people-list")
    organisations = Organisation.objects.order_by("name").values_list("name", flat=True)
    return render(request, "access/invitation_create.html", {"form": form, "organisations": organisations})


def _open_invitation(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(_open_invitations(request), pk=pk)


@require_POST
def invitation_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link by a new mail; the earlier link ends."""
    _issue_and_send(request, _open_invitation(request, pk))
    return redirect("access:people-list")


@require_POST
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _open_invitation(request, pk)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    messages.success(request, f"The invitation of {invitation.email} is withdrawn; its link no longer works.")
    return redirect("access:people-list")


def _issue_and_send(request: Any, invitation: Invitation) -> None:
    link = request.build_absolute_uri(invitation_path(invitation_issue(invitation)))
    if invitation_send(invitation, link):
        messages.success(request, f"The invitation is on its way to {invitation.email}. Its link works for 14 days.")
    else:
        messages.error(
            request, f"The invitation of {invitation.email} is stored, but the mail could not be sent. Resend it later."
        )
