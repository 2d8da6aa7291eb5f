"""An assessor's own levels by machine: read, and put element by element. Nobody else's are told here."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.sheets import Change
from dscr.texts import clean
from qmm.api import examples
from qmm.models import CaseAssignment, ElementScore, Rubric
from qmm.queries.score_sheet import assignment_of
from qmm.rubric import in_order
from qmm.services.scoring import (
    LONGEST_NOTES,
    ScoringClosedError,
    closed_words,
    levels_save,
    rubric_of,
    text_of,
)

TAG = ["assessments"]
CASE = OpenApiParameter("case", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of a case that is yours.")
ELEMENT = OpenApiParameter(
    "element", OpenApiTypes.STR, OpenApiParameter.PATH, description="Code in the case’s version of the rubric, as MC1."
)
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag that you read. Without it: 428."
)


class ClosedError(ProblemError):
    status_code, code = 409, "scoring-closed"


class ScoreRequestSerializer(serializers.Serializer):
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="null takes it back.")
    notes = serializers.CharField(max_length=LONGEST_NOTES, allow_blank=True, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError(dict.fromkeys(unknown, "Unknown. Known are: level, notes."))
        if isinstance(data, dict) and isinstance(data.get("level"), bool | str | float):
            raise serializers.ValidationError({"level": "Give a whole number from 1 to 5, or null."})
        return super().to_internal_value(data)


class ScoreSerializer(serializers.Serializer):
    element = serializers.CharField()
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="null while open.")
    notes = serializers.CharField()
    updated_at = serializers.DateTimeField(allow_null=True)
    etag = serializers.CharField(help_text="For If-Match of a PUT of this element.")


class OwnScoresSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    rubric = serializers.CharField(help_text="The version by which the case is assessed.")
    finished_at = serializers.DateTimeField(allow_null=True, help_text="Since then nothing of it changes.")
    closed = serializers.CharField(help_text="Why nothing can be put now; empty where it can.")
    open = serializers.ListField(child=serializers.CharField(), help_text="Elements without a level.")
    results = ScoreSerializer(many=True, help_text="Every element, in the rubric’s order.")


class OwnScores(Endpoint):
    @extend_schema(
        operation_id="own_score_list",
        tags=TAG,
        parameters=[CASE],
        responses=OwnScoresSerializer,
        examples=[examples.answer(examples.OWN_SCORES)],
    )
    def get(self, request: Request, case: int) -> Response:
        """Your own levels and notes of one of your cases. Your colleague's are in the consensus, once both of you have
        finished."""
        self.read_query(request)
        assignment = own_or_404(request, case)
        rubric, rows = form_of(request, assignment)
        found = [row_of(assignment, rubric, code, rows.get(code)) for code in in_order(rubric.kept_texts)]
        body = {
            "case": assignment.case_id,
            "rubric": rubric.version,
            "finished_at": assignment.finished_at,
            "closed": closed_words(assignment),
            "open": [row["element"] for row in found if row["level"] is None],
            "results": found,
        }
        return Response(body)


class OwnScore(Endpoint):
    @extend_schema(
        operation_id="own_score_detail",
        tags=TAG,
        parameters=[CASE, ELEMENT],
        responses=ScoreSerializer,
        examples=[examples.answer(examples.OWN_SCORE)],
    )
    def get(self, request: Request, case: int, element: str) -> Response:
        """Your own level and notes of one element."""
        self.read_query(request)
        row = told_of(request, own_or_404(request, case), element)
        return not_modified(request, row["etag"]) or Response(row, headers={"ETag": row["etag"]})

    @extend_schema(
        operation_id="own_score_put",
        tags=TAG,
        parameters=[CASE, ELEMENT, IF_MATCH],
        request=ScoreRequestSerializer,
        responses={
            200: ScoreSerializer,
            409: OpenApiResponse(description="You have finished, or the case is not in individual scoring."),
            412: OpenApiResponse(description="It has changed since you read it."),
            428: OpenApiResponse(description="If-Match is missing."),
        },
        examples=[
            examples.answer(examples.OWN_SCORE),
            OpenApiExample("A level with notes", request_only=True, value={"level": 3, "notes": "Schedule, four logs"}),
        ],
    )
    def put(self, request: Request, case: int, element: str) -> Response:
        """Put your own level and notes of one element. Earlier texts are kept. Then finish: `scores/finish/`."""
        assignment = own_or_404(request, case)
        before = told_of(request, assignment, element)
        require_match(request, before["etag"])
        given = ScoreRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        level, notes = given.validated_data["level"], clean(given.validated_data["notes"])
        changes = {
            f"{element}.level": Change(_text(before["level"]), _text(level)),
            f"{element}.notes": Change(before["notes"], notes),
        }
        try:
            saved = levels_save(assignment, changes, user=request.user, whole=True)
        except ScoringClosedError as error:
            raise ClosedError(str(error)) from None
        except ValueError as error:
            raise ValidationError({"notes": str(error)}) from None
        if saved.conflicts:
            raise PreconditionFailedError("You changed it meanwhile. Read it again and send its new ETag as If-Match.")
        row = told_of(request, assignment, element)
        return Response(row, headers={"ETag": row["etag"]})


def own_or_404(request: Request, case: int) -> CaseAssignment:
    assignment = assignment_of(request.user, case)
    if assignment is None:
        raise Http404
    return assignment


def form_of(request: Request, assignment: CaseAssignment) -> tuple[Rubric, dict[str, ElementScore]]:
    own = ElementScore.objects.for_user(request.user, "give_scores").filter(assignment=assignment)
    return rubric_of(assignment.case), {row.element: row for row in own}


def told_of(request: Request, assignment: CaseAssignment, element: str) -> dict[str, Any]:
    rubric, rows = form_of(request, assignment)
    if element not in rubric.kept_texts:
        raise Http404
    return row_of(assignment, rubric, element, rows.get(element))


def row_of(assignment: CaseAssignment, rubric: Rubric, code: str, row: ElementScore | None) -> dict[str, Any]:
    """As ScoreSerializer describes it. Before anybody gave a level another version of the rubric may come into force,
    whose anchors the writer has not read: then the ETag is another one."""
    return {
        "element": code,
        "level": row.level if row else None,
        "notes": text_of(row, "notes") if row else "",
        "updated_at": row.updated_at if row else None,
        "etag": etag_of("score", assignment.pk, code, row.version if row else 0, rubric.version),
    }


def _text(level: int | None) -> str:
    return "" if level is None else str(level)
