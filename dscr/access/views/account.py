"""One's own account: the memberships with the switch between them, and the sessions that are open elsewhere."""

from typing import Any

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr.access.browsers import browser_name
from dscr.access.middleware import CHOSEN
from dscr.access.models import Membership

# What a session keeps when it goes over to another membership: who signed in, and how.
KEPT = ("_auth_user_", "_session_expiry", "_messages", "_csrftoken", "account_")


@require_safe
@never_cache
def membership_list(request: HttpRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    memberships = list(user.memberships.select_related("organisation").order_by("starts_on", "id"))
    ended = next((one for one in memberships if one.pk == user.chosen_membership_id and user.membership is None), None)
    context = {
        "active": user.membership,
        "ended_choice": ended,
        "held": user.memberships_today,
        "coming": [one for one in memberships if one.starts_on > today],
        "past": [one for one in memberships if one.ends_on and one.ends_on <= today],
    }
    return render(request, "access/membership_list.html", context)


@require_POST
def membership_switch(request: HttpRequest) -> HttpResponse:
    """Goes on as another of one's memberships that hold today, from the first page."""
    wanted = request.POST.get("membership", "")
    chosen = next((held for held in request.user.memberships_today if str(held.pk) == wanted), None)
    if chosen is None:
        raise Http404
    switch_to(request, chosen)
    messages.success(request, f"You now work for {chosen.organisation} as {chosen.get_role_display()}.")
    return redirect("home")


def switch_to(request: HttpRequest, membership: Membership) -> None:
    for key in list(request.session.keys()):
        if not key.startswith(KEPT):
            del request.session[key]
    request.session[CHOSEN] = membership.pk


class SessionList(ListUserSessionsView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.browser = browser_name(session.user_agent)
        context["sessions"].sort(key=lambda session: (not session.is_current(), -session.created_at.timestamp()))
        return context


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one of one's own sessions; the one that asks is ended by signing out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if session.is_current():
        return redirect("access:sign-out")
    end_sessions(request, [session])
    messages.success(request, "That session is signed out.")
    return redirect("usersessions_list")
