"""Whatever a request writes is recorded as done by its user."""

import contextlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from dscr.audit.actor import acting_as, via_of

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class ActorMiddleware:
    """After django-structlog's, which knows the request's id and address, and after the rules: what they refuse writes
    nothing, so nobody is told of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with contextlib.ExitStack() as request.acting:
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.method not in SAFE:
            request.acting.enter_context(acting_as(request.user, via_of(request)))
