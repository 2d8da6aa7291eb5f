"""A membership that ends while its session goes on is told, and another one is chosen, before anything else opens."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from dscr.access.middleware import CHOSEN
from dscr.access.rules import PUBLIC, rule_of

STILL_OPEN = {"access:membership-list", "access:membership-switch"}


class EndedMembershipMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if "api" in match.namespaces or match.view_name in STILL_OPEN or rule_of(match.view_name) == PUBLIC:
            return None
        if CHOSEN not in request.session or not request.user.is_authenticated or request.user.membership:
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=409, headers={"HX-Redirect": resolve_url("access:membership-list")})
        return redirect("access:membership-list")
