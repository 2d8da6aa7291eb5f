"""What the endpoints of a case share: how a body is read, whose case it is, how a refusal is told."""

from typing import Any, NoReturn

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from dscr.access.scoping import may
from dscr.api.errors import ProblemError
from dscr.evidence.kinds import KINDS
from qmm.course.steps import Side
from qmm.models import AssessmentCase
from qmm.queries.case_page import readable_case, taken_case
from qmm.services.course import LONGEST_NOTE, CourseError

TAG = ["assessments"]
LARGEST = 2**63 - 1  # of an id; the database refuses more
CASE = OpenApiParameter("case", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag that you read. Without it: 428."
)
CHANGED = OpenApiResponse(description="It has changed since you read it.")
NO_MATCH = OpenApiResponse(description="If-Match is missing.")
REFUSED = OpenApiResponse(description="It cannot be done now; `detail` says why.")
# A file as it was given, whatever its kind.
FILE_ANSWER = {(200, kind.content_type): OpenApiTypes.BINARY for kind in KINDS.values()}
MEANWHILE = "Somebody changed it meanwhile. Read it again and send its new ETag as If-Match."


class RefusedError(ProblemError):
    """The course of the case does not allow it now. `unmet`: each condition that does not hold."""

    status_code, code = 409, "step-refused"

    @classmethod
    def of(cls, error: CourseError) -> "RefusedError":
        return cls(str(error), **({"unmet": error.unmet} if error.unmet else {}))


class DamagedError(ProblemError):
    status_code, code = 409, "file-damaged"


class Body(serializers.Serializer):
    """A body whose unknown members are refused: a misspelled one would be taken for one that is not given."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(dict.fromkeys(unknown, f"Unknown. Known are: {known}."))
        return super().to_internal_value(data)


class NoteField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_blank": True, "default": "", "max_length": LONGEST_NOTE} | kwargs)


class IdField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST} | kwargs)


def read_body(request: Request, body: type[serializers.Serializer]) -> dict[str, Any]:
    """The body, cleaned; ValidationError names all that is wrong with it."""
    given = body(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def none_here() -> NoReturn:
    raise Http404


def case_or_404(request: Request, pk: int) -> AssessmentCase:
    found = readable_case(request.user, pk)
    if found is None:
        raise Http404
    return found


def taken_or_404(request: Request, pk: int) -> tuple[AssessmentCase, frozenset[Side]]:
    found = taken_case(request.user, pk)
    if found is None:
        raise Http404
    return found


def require(request: Request, action: str, said: str) -> None:
    """Who reads here but may not write is told so: 403."""
    if not may(request.user, action):
        raise PermissionDenied(said)


def example(name: str, value: Any) -> OpenApiExample:
    """Of a request."""
    return OpenApiExample(name, request_only=True, value=value)


def made(value: Any) -> OpenApiExample:
    return OpenApiExample("Made", response_only=True, status_codes=["201"], value=value)
