"""Whatever a request writes is recorded as done by its user."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from dscr.audit.actor import acting_as, via_of

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class ActorMiddleware:
    """After django-structlog's, which knows the request's id and address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE:
            return self.get_response(request)
        with acting_as(request.user, via_of(request)):
            return self.get_response(request)
