"""The questionnaire and the draft of the report by machine: read, and written text by text while it is one's turn."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from dscr.sheets import Change
from dscr.texts import clean
from qmm.api import case_examples, examples
from qmm.api.case_shared import CASE, TAG, Body, example, read_body, taken_or_404
from qmm.course.questions import LONGEST
from qmm.models import AssessmentCase, CaseSheet
from qmm.services.course_people import sides_of
from qmm.services.course_sheet import may_read, may_write, sheet_of, sheet_save
from qmm.services.rubric import DraftClosedError

SHEET = OpenApiParameter(
    "sheet", OpenApiTypes.STR, OpenApiParameter.PATH, description="One of the two.", enum=list(CaseSheet.Kind.values)
)
MOST_TEXTS = 200
CLOSED = "It is not your turn to write here now. Nothing was stored."
SOMEBODY_ELSE = "Somebody else changed what you changed; `conflicts` holds both texts. Nothing was stored."


class SheetClosedError(ProblemError):
    status_code, code = 409, "sheet-closed"


class SheetConflictError(ProblemError):
    status_code, code = 409, "texts-changed"


class TextSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="Of the question, or the element.")
    section = serializers.CharField()
    label = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="Empty while it is open.")
    edited_by = serializers.CharField(allow_null=True)
    edited_at = serializers.DateTimeField(allow_null=True)


class SheetSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    sheet = serializers.ChoiceField(choices=CaseSheet.Kind.choices)
    revision = serializers.IntegerField(help_text="Grows with every change; 0 before the first.")
    may_write = serializers.BooleanField(help_text="It is your turn.")
    open = serializers.ListField(child=serializers.CharField(), help_text="Codes without a text.")
    results = TextSerializer(many=True, help_text="All that is asked, in its order.")


class TextChangeSerializer(Body):
    was = serializers.CharField(
        max_length=LONGEST, allow_blank=True, trim_whitespace=False, help_text="The text as you read it."
    )
    now = serializers.CharField(max_length=LONGEST, allow_blank=True, trim_whitespace=False)


class SheetRequestSerializer(Body):
    texts = serializers.DictField(
        child=TextChangeSerializer(), allow_empty=False, help_text="Changes by code. What is not given stays."
    )

    def validate_texts(self, texts: dict[str, Any]) -> dict[str, Any]:
        if len(texts) > MOST_TEXTS:
            raise serializers.ValidationError(f"Give at most {MOST_TEXTS} texts at once.")
        return texts


class CaseSheetDetail(Endpoint):
    def reach(self, request: Request, case: int, sheet: str) -> None:  # type: ignore[override]
        readable(request, case, sheet)

    @extend_schema(
        operation_id="case_sheet_detail",
        tags=TAG,
        parameters=[CASE, SHEET],
        responses=SheetSerializer,
        examples=[examples.answer(case_examples.SHEET)],
    )
    def get(self, request: Request, case: int, sheet: str) -> Response:
        """The questionnaire that the establishment fills in before the visit, or the draft of the report, which both
        assessors write. Each side reads it from when it is its turn or was sent."""
        self.read_query(request)
        return unless_known(request, told(request, readable(request, case, sheet), sheet))

    @extend_schema(
        operation_id="case_sheet_patch",
        tags=TAG,
        parameters=[CASE, SHEET, IDEMPOTENCY_KEY],
        request=SheetRequestSerializer,
        responses={
            200: SheetSerializer,
            409: OpenApiResponse(description="It is not your turn, or somebody else changed the same text meanwhile."),
        },
        examples=[
            examples.answer(case_examples.SHEET),
            example("An answer", case_examples.SHEET_PATCH),
        ],
    )
    @once
    def patch(self, request: Request, case: int, sheet: str) -> Response:
        """Write texts, each with what you read as `was`. Others may write beside you: only where somebody changed the
        same text meanwhile the whole is refused, and `conflicts` tells what stands there now. Finishing is a step."""
        given = read_body(request, SheetRequestSerializer)
        found = readable(request, case, sheet)
        changes = {code: Change(clean(text["was"]), clean(text["now"])) for code, text in given["texts"].items()}
        asked = {item["code"] for item in sheet_of(found, sheet).asked}
        if unknown := {code: "Nothing is asked under this code." for code in changes if code not in asked}:
            raise ValidationError({"texts": unknown})
        try:
            saved = sheet_save(found, sheet, user=request.user, changes=changes)
        except DraftClosedError:
            raise SheetClosedError(CLOSED) from None
        if saved.conflicts:
            both = {code: both_texts(changes[code].now, edit) for code, edit in saved.conflicts.items()}
            raise SheetConflictError(SOMEBODY_ELSE, conflicts=both)
        return Response(told(request, readable(request, case, sheet), sheet))


def both_texts(sent: str, edit: dict[str, Any]) -> dict[str, Any]:
    return {"sent": sent, "stored": edit["now"], "by": edit.get("name"), "at": edit.get("at")}


def readable(request: Request, case: int, kind: str) -> AssessmentCase:
    found, sides = taken_or_404(request, case)
    if kind not in CaseSheet.Kind.values or not may_read(found, kind, sides):
        raise Http404
    return found


def told(request: Request, case: AssessmentCase, kind: str) -> dict[str, Any]:
    """As SheetSerializer describes it; noted as seen."""
    note(request, "viewed", case, detail=f"the {kind}")
    stored = sheet_of(case, kind)
    rows = []
    for item in stored.asked:
        edit = stored.edits.get(item["code"], {})
        text = {"text": stored.texts.get(item["code"], "")}
        rows.append({**item, **text, "edited_by": edit.get("name"), "edited_at": edit.get("at")})
    return {
        "case": case.pk,
        "sheet": kind,
        "revision": stored.revision if stored.pk else 0,
        "may_write": may_write(case, kind, sides_of(case, request.user)),
        "open": stored.open_codes,
        "results": rows,
    }
