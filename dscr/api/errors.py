"""One shape for everything that goes wrong under /api/: RFC 9457, application/problem+json, in plain English."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:dscr:problem:"
API = "/api/"

# Status -> (end of the type, title), where an error says nothing more special.
PROBLEMS = {
    400: ("invalid-request", "The request is not valid"),
    401: ("not-authenticated", "Authentication is needed"),
    403: ("forbidden", "The request is refused"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "This method is not allowed here"),
    406: ("not-acceptable", "This answer exists as JSON only"),
    409: ("conflict", "The request does not fit the present state"),
    412: ("precondition-failed", "It has changed since you read it"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-media-type", "This kind of body is not taken here"),
    422: ("key-used", "The Idempotency-Key belongs to another request"),
    428: ("precondition-required", "Say which version you mean"),
    429: ("too-many-requests", "Too many requests"),
    500: ("server-error", "Something went wrong here"),
}
NOT_FOUND = "There is nothing at this address for you."
BROKEN = "The server failed to answer. The fault was logged; try again later."


class ProblemError(exceptions.APIException):
    """An error with a type of its own and perhaps members of its own."""

    status_code = status.HTTP_409_CONFLICT
    code = ""  # end of the type

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class TooLargeError(ProblemError):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class QueryError(exceptions.ValidationError):
    """What is wrong in the query string: parameter -> messages."""


def problem(status_code: int, detail: str, *, code: str = "", **members: Any) -> dict[str, Any]:
    """The body of one problem."""
    name, title = PROBLEMS[status_code]
    return {"type": TYPES + (code or name), "title": title, "status": status_code, "detail": detail, **members}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler; None leaves the error to the server's log and `server_error`."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(NOT_FOUND)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    wait = getattr(error, "seconds", None) or getattr(error, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait))
    return Response(_body(error), status=error.status_code, headers=headers, content_type=MEDIA_TYPE)


def _body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        in_query = isinstance(error, QueryError)
        where = "parameter" if in_query else "pointer"
        errors = [{where: place, "detail": text} for place, text in _flat(error.detail, "" if in_query else "#")]
        return problem(400, "; ".join(dict.fromkeys(item["detail"] for item in errors[:5])), errors=errors)
    if isinstance(error, exceptions.Throttled):
        seconds = int(error.wait or 0)
        return problem(429, f"Try again in {seconds} second{'' if seconds == 1 else 's'}.")
    if isinstance(error, exceptions.AuthenticationFailed) and not isinstance(error, ProblemError):
        return problem(error.status_code, str(error.detail), code="token-refused")
    members, code = (error.members, error.code) if isinstance(error, ProblemError) else ({}, "")
    return problem(error.status_code, str(error.detail), code=code, **members)


def _flat(detail: Any, place: str) -> Iterator[tuple[str, str]]:
    """(place, message) of every message: JSON pointers within a body, names within a query."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _flat(inner, place if key == "non_field_errors" else _within(place, str(key)))
    elif isinstance(detail, list | tuple):
        for item in detail:
            yield from _flat(item, place)
    else:
        yield place, str(detail)


def _within(place: str, key: str) -> str:
    return f"{place}/{key.replace('~', '~0').replace('/', '~1')}" if place else key  # RFC 6901


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler404: a page for people, a problem under /api/."""
    if request.path.startswith(API):
        return _response(problem(404, NOT_FOUND))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The project's handler500."""
    if request.path.startswith(API):
        return _response(problem(500, BROKEN))
    return defaults.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler400, for what Django itself refuses."""
    if request.path.startswith(API):
        return _response(problem(400, "The request is malformed."))
    return defaults.bad_request(request, exception)


def _response(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=body["status"], content_type=MEDIA_TYPE)
