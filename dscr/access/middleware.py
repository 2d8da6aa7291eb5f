"""Every request meets its URL's rule here, so that a view cannot forget it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from dscr.access.rules import PUBLIC, opens, rule_of

CHOSEN = "membership"  # the session's key of the active membership


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: _reader(request))
        response = self.get_response(request)
        if request.resolver_match and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)  # what one reader sees is kept for no other
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Out of scope is 404. A page sends the anonymous to the sign-in, a fragment tells htmx to go there."""
        # No page has a control character in its address: the database refuses NUL, so it must not get there.
        if not request.path.isprintable():
            raise Http404
        match = request.resolver_match
        if "admin" in match.namespaces and any(map(unstorable, request.GET.values())):
            raise SuspiciousOperation("No record holds what the address asks for.")
        if "api" in match.namespaces:
            return None  # tokens are read by REST framework, whose permission asks the same table (dscr/api)
        rule = rule_of(match.view_name)
        if rule == PUBLIC:
            return None
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("access:sign-in")})
            return redirect_to_login(request.get_full_path())
        if not opens(rule, request.user):
            raise Http404
        return None


def unstorable(text: str) -> bool:
    """What the database refuses as a value: NUL, and numbers beyond 64 bits."""
    return "\0" in text or (text.isdecimal() and len(text) > 18)


def _reader(request: HttpRequest) -> Any:
    """Who is signed in, with the membership that this session chose."""
    user = get_user(request)
    if user.is_authenticated:
        user.chosen_membership_id = request.session.get(CHOSEN)
    return user
