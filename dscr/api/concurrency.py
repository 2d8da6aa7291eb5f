"""ETags: a reader who already has an answer is told so without its being made again."""

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.errors import ProblemError


class PreconditionFailedError(ProblemError):
    status_code = 412


class PreconditionRequiredError(ProblemError):
    status_code = 428


def etag_of(*parts: Any) -> str:
    """A weak ETag of whatever decides an answer: plain values, as rows of `values()` hold them."""
    digest = hashlib.blake2b(orjson.dumps(parts, default=str), digest_size=12, key=_key())
    return f'W/"{digest.hexdigest()}"'


@cache
def _key() -> bytes:
    """Without it a reader could test guesses of what decides the answer and is not in it."""
    return hashlib.sha256(b"etag" + settings.SECRET_KEY.encode()).digest()


def not_modified(request: Request, etag: str) -> Response | None:
    """304 where If-None-Match names the ETag."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    if given and (given.strip() == "*" or etag in [part.strip() for part in given.split(",")]):
        return Response(status=304, headers={"ETag": etag})
    return None


def require_match(request: Request, etag: str) -> None:
    """A write says by If-Match which version it means: 428 without one, 412 where that is no longer the present one."""
    given = request.META.get("HTTP_IF_MATCH", "")
    if not given:
        raise PreconditionRequiredError("Send the ETag that you read as If-Match.")
    if etag not in [part.strip() for part in given.split(",")]:
        raise PreconditionFailedError("Somebody changed it meanwhile. Read it again and send its new ETag as If-Match.")


def unless_known(request: Request, found: Any, body: Callable[[], Any] | None = None) -> Response:
    """The answer with its ETag, or 304. `found` decides it; where it is not itself the answer, `body` makes that."""
    etag = etag_of(found)
    return not_modified(request, etag) or Response(body() if body else found, headers={"ETag": etag})
