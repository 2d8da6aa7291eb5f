"""A form that was opened under another membership is told, and nothing of it is stored.

Who works for two firms may switch in one tab while a form of the other firm is open in the next.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from dscr.access.ended import STILL_OPEN
from dscr.access.rules import PUBLIC, rule_of

FIELD = "working_as"  # in every form, by the tag csrf_token
TOLD = "Nothing was stored: this form was opened as {opened}, and you now work as {now}."


class StaleFormMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """409 where a form says another membership than the session's; what says none is a program's, not a form."""
        match = request.resolver_match
        if request.method != "POST" or "api" in match.namespaces:
            return None
        opened = request.POST.get(FIELD)  # read already, for the CSRF token
        if not opened or match.view_name in STILL_OPEN or rule_of(match.view_name) == PUBLIC:
            return None
        user = request.user
        if not user.is_authenticated or user.membership is None or opened == str(user.membership.pk):
            return None
        before = next((held for held in user.memberships_today if str(held.pk) == opened), None)
        if request.headers.get("HX-Request"):
            said = TOLD.format(opened=_named(before), now=_named(user.membership))
            messages.warning(request, f"{said} Switch, and open the page again.")
            return HttpResponse(status=409, headers={"HX-Redirect": resolve_url("access:membership-list")})
        context = {"opened": before, "said": TOLD.format(opened=_named(before), now=_named(user.membership))}
        return render(request, "access/stale_form.html", context, status=409)


def _named(membership: Any) -> str:
    return f"{membership.get_role_display()} at {membership.organisation}" if membership else "somebody else"
