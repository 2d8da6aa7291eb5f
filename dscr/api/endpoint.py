"""What every endpoint is: authenticated, counted, allowed by the table of URL rules, and then answered."""

from typing import Any

from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from dscr.api.errors import QueryError
from dscr.api.throttling import Rate, RateLimit


class Endpoint(APIView):
    http_method_names = ("get", "post", "put", "patch", "delete", "head")
    rate: Rate | None = None
    query: type[Serializer] = Serializer  # reads the query string of GET; what it does not know is refused

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Counts before it allows, so that refused requests count too."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = None, None
        try:
            self.perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)
            raise
        self.check_throttles(request)
        self.check_permissions(request)

    def reach(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What must hold before a write is answered, also where its answer was kept (dscr/api/idempotency.py)."""

    def reach_kept(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What must hold besides before a kept answer is told again; a handler says it itself, with all else."""

    def count_as(self, request: Request, requests: int) -> None:
        """For a request that does the work of several: counts the others too; Throttled where they are too many."""
        throttle = RateLimit()
        if requests > 1 and not throttle.allow_request(request, self, cost=requests - 1):
            self.throttled(request, throttle.wait())

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.rate.headers.items() if self.rate else ():
            response[name] = value
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def read_query(self, request: Request) -> dict[str, Any]:
        """The query string by the endpoint's serializer; QueryError names what is wrong or unknown."""
        query = self.query()
        refuse_unknown(request.query_params, query.fields)
        return read_query(request, query)


def read_query(request: Request, serializer: Serializer) -> dict[str, Any]:
    """What the serializer knows of the query string, cleaned; QueryError names what is wrong."""
    given = request.query_params
    serializer.initial_data = given.dict()
    if not serializer.is_valid():
        raise QueryError(serializer.errors)
    return serializer.validated_data


def refuse_unknown(given: Any, known: Any) -> None:
    """A misspelled filter must not quietly give every row."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise QueryError({name: f"Unknown. Known are: {', '.join(known)}." for name in unknown})
