"""Idempotency-Key: a request that is sent again, because its answer was lost, is answered alike and does nothing.

After the IETF's draft draft-ietf-httpapi-idempotency-key-header: the same key with another request is 422, while the
first one is still at work 409. What was refused has stored nothing, so its key is free again.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.errors import ProblemError
from dscr.api.models import KeptAnswer
from dscr.api.rendering import OrjsonRenderer
from dscr.audit.notes import note

KEPT = timedelta(hours=24)
HEADER, REPEATED = "Idempotency-Key", "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("ETag",)
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A text of yours that names this request, such as a UUID. Sent again within 24 hours, the request is "
    "answered as the first time and does nothing.",
)
Handler = Callable[..., Any]


class KeyUsedError(ProblemError):
    status_code, code = 422, "key-used"


class AtWorkError(ProblemError):
    status_code, code = 409, "request-at-work"
    wait = 1  # seconds, told as Retry-After


def once(handler: Handler) -> Handler:
    """For a handler that writes: what it does, what it reads for its answer, and the answer that is kept for the key
    are one transaction.

    The endpoint's `reach(request, **kwargs)` comes before either, so that a repeat opens nothing that was closed;
    `reach_kept` before a kept answer, where the body names what is reached.
    """

    @wraps(handler)
    def answer(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        self.reach(request, *args, **kwargs)
        given = request.META.get("HTTP_IDEMPOTENCY_KEY")
        if given is None:
            with transaction.atomic():
                return handler(self, request, *args, **kwargs)
        key, digest = _key_of(given), _digest_of(request)
        with transaction.atomic():
            _alone(request, key)
            kept = KeptAnswer.objects.filter(membership=request.user.membership, key=key).first()
            if kept and kept.created_at > timezone.now() - KEPT:
                _refuse_another(kept, digest)
                self.reach_kept(request, *args, **kwargs)
                return _again(request, kept)
            if kept:
                kept.delete()
            response = handler(self, request, *args, **kwargs)
            _keep(request, key, digest, response)
        return response

    return answer


def sweep() -> int:
    """Deletes what is older than a day; how many."""
    deleted, _ = KeptAnswer.objects.filter(created_at__lte=timezone.now() - KEPT).delete()
    return deleted


def _key_of(given: str) -> str:
    """The draft writes the key as a quoted string; without quotes it is the same key."""
    key = given.strip()
    key = key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key
    if not KEY.fullmatch(key):
        raise ValidationError(f"Give an {HEADER} of 1 to 255 printable ASCII characters without spaces.")
    return key


def _digest_of(request: Request) -> bytes:
    """Of the body as it was read: spaces and the order of members make no other request."""
    body = orjson.dumps(request.data, default=_file_digest, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\0".join([str(request.method).encode(), request.get_full_path().encode(), body])).digest()


def _file_digest(file: Any) -> str:
    """Of a part of a form that is a file: its name and content."""
    if not isinstance(file, UploadedFile):
        raise TypeError
    digest = hashlib.sha256(str(file.name).encode(errors="replace") + b"\0")
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _alone(request: Request, key: str) -> None:
    """Until the transaction ends; whoever comes meanwhile is told so, and does not wait."""
    name = f"{request.user.membership.pk}:{key}".encode()
    number = int.from_bytes(hashlib.blake2b(name, digest_size=8, person=b"idempotency").digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (taken,) = cursor.fetchone()
    if not taken:
        raise AtWorkError("The first request with this Idempotency-Key is still at work. Send it again in a moment.")


def _refuse_another(kept: KeptAnswer, digest: bytes) -> None:
    if bytes(kept.digest) != digest:
        raise KeyUsedError(
            "This Idempotency-Key was sent with another request within the last 24 hours. Give each request a key of "
            "its own."
        )


def _again(request: Request, kept: KeptAnswer) -> HttpResponse:
    note(request, "viewed", "an answer of the API, again", detail=f"{request.method} {request.path}"[:200])
    headers = kept.headers | {"Content-Type": OrjsonRenderer.media_type, REPEATED: "true"}
    return HttpResponse(bytes(kept.body), status=kept.status, headers=headers)


def _keep(request: Request, key: str, digest: bytes, response: Response) -> None:
    KeptAnswer.objects.create(
        membership=request.user.membership,
        key=key,
        digest=digest,
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=OrjsonRenderer().render(response.data),
    )
