"""Calibration cases by machine: each assessor gives levels alone, and meets the panel's once their own are in."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.texts import clean
from qmm.agreement_sentences import feedback
from qmm.api import case_examples, examples
from qmm.api.case_shared import LARGEST, Body, example, read_body
from qmm.models import CalibrationCase, CalibrationLevel, CalibrationSheet
from qmm.queries.calibration import asked_of, cases_of, list_of_assessor, own_sheet
from qmm.services.calibration import CaseClosedError, Given, IncompleteError, sheet_save, sheet_submit

TAG = ["calibration"]
CALIBRATION = OpenApiParameter("calibration", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
LONGEST_NOTE = CalibrationLevel._meta.get_field("note").max_length
CLOSED = "This case is not open for scoring any more. Nothing was stored."
REFUSED = OpenApiResponse(description="The case is not open for scoring any more, or levels lack.")


class CalibrationClosedError(ProblemError):
    status_code, code = 409, "calibration-closed"


class CalibrationRowSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    rubric = serializers.CharField()
    elements = serializers.IntegerField(help_text="How many it asks for.")
    is_open = serializers.BooleanField(help_text="You may give levels.")
    submitted_at = serializers.DateTimeField(allow_null=True)


class CalibrationsSerializer(serializers.Serializer):
    results = CalibrationRowSerializer(many=True, help_text="Those that you have not submitted first.")


class CalibrationElementSerializer(serializers.Serializer):
    element = serializers.CharField()
    seen = serializers.CharField(help_text="What was seen and heard.")
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="Yours; null while open.")
    note = serializers.CharField(allow_blank=True, help_text="Yours.")
    panel_level = serializers.IntegerField(
        min_value=1, max_value=5, allow_null=True, help_text="The reference panel’s; null until you have submitted."
    )
    panel_reason = serializers.CharField(allow_null=True, help_text="Why; null until you have submitted.")
    gap = serializers.IntegerField(allow_null=True, help_text="Your level less the panel’s; null until submitted.")


class CalibrationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    rubric = serializers.CharField(help_text="Whose anchors are meant: `rubrics/`.")
    setting = serializers.CharField()
    panel = serializers.CharField(allow_null=True, help_text="Who sat on it; null until you have submitted.")
    is_open = serializers.BooleanField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    feedback = serializers.CharField(allow_null=True, help_text="In a sentence; null until you have submitted.")
    results = CalibrationElementSerializer(many=True, help_text="In the rubric’s order.")


class CalibrationLevelSerializer(Body):
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    note = serializers.CharField(
        max_length=LONGEST_NOTE, required=False, allow_blank=True, default="", trim_whitespace=False
    )


class CalibrationRequestSerializer(Body):
    levels = serializers.DictField(
        child=CalibrationLevelSerializer(), allow_empty=False, help_text="By element. What is not given stays."
    )


class CalibrationList(Endpoint):
    @extend_schema(
        operation_id="calibration_list",
        tags=TAG,
        responses=CalibrationsSerializer,
        examples=[examples.answer({"results": [case_examples.CALIBRATION_ROW]})],
    )
    def get(self, request: Request) -> Response:
        """The written cases that every assessor scores alone, beside a reference panel."""
        self.read_query(request)
        rows = list_of_assessor(request.user)
        return Response({"results": [head(case, sheet) | {"elements": count} for case, sheet, count in rows]})


class CalibrationDetail(Endpoint):
    def reach(self, request: Request, calibration: int) -> None:  # type: ignore[override]
        case_or_404(request, calibration)

    @extend_schema(
        operation_id="calibration_sheet_detail",
        tags=TAG,
        parameters=[CALIBRATION],
        responses=CalibrationSerializer,
        examples=[examples.answer(case_examples.CALIBRATION)],
    )
    def get(self, request: Request, calibration: int) -> Response:
        """One case with your own levels; once you have submitted, with the panel's and why it gave them."""
        self.read_query(request)
        return Response(told(request, case_or_404(request, calibration)))

    @extend_schema(
        operation_id="calibration_sheet_patch",
        tags=TAG,
        parameters=[CALIBRATION, IDEMPOTENCY_KEY],
        request=CalibrationRequestSerializer,
        responses={200: CalibrationSerializer, 409: REFUSED},
        examples=[
            examples.answer(case_examples.CALIBRATION),
            example("A level", {"levels": {"MC1": {"level": 3, "note": "Goals are followed, causes are not."}}}),
        ],
    )
    @once
    def patch(self, request: Request, calibration: int) -> Response:
        """Keep levels and notes of your own sheet. Nobody sees them before you submit."""
        given = read_body(request, CalibrationRequestSerializer)["levels"]
        case = case_or_404(request, calibration)
        asked = set(case.items.values_list("element", flat=True))
        if unknown := {code: "The case does not ask for this element." for code in given if code not in asked}:
            raise ValidationError({"levels": unknown})
        levels = {code: Given(one["level"], clean(one["note"])) for code, one in given.items()}
        try:
            sheet_save(case, user=request.user, given=levels)
        except CaseClosedError:
            raise CalibrationClosedError(CLOSED) from None
        return Response(told(request, case))


class CalibrationSubmit(Endpoint):
    def reach(self, request: Request, calibration: int) -> None:  # type: ignore[override]
        case_or_404(request, calibration)

    @extend_schema(
        operation_id="calibration_sheet_submit",
        tags=TAG,
        parameters=[CALIBRATION, IDEMPOTENCY_KEY],
        request=None,
        responses={200: CalibrationSerializer, 409: REFUSED},
        examples=[examples.answer(case_examples.CALIBRATION_DONE)],
    )
    @once
    def post(self, request: Request, calibration: int) -> Response:
        """Submit your levels for good. The answer holds the panel's beside them."""
        case = case_or_404(request, calibration)
        try:
            sheet_submit(case, user=request.user)
        except CaseClosedError:
            raise CalibrationClosedError(CLOSED) from None
        except IncompleteError as error:
            said = f"Not submitted: {', '.join(error.codes)} have no level yet."
            raise CalibrationClosedError(said, unmet=[f"{code} has no level yet." for code in error.codes]) from None
        return Response(told(request, case))


def case_or_404(request: Request, pk: int) -> CalibrationCase:
    found = cases_of(request.user).filter(pk=pk).first() if pk <= LARGEST else None
    if found is None:
        raise Http404
    return found


def head(case: CalibrationCase, sheet: CalibrationSheet | None) -> dict[str, Any]:
    submitted_at = sheet.submitted_at if sheet else None
    return {
        "id": case.pk,
        "title": case.title,
        "rubric": case.rubric.version,
        "is_open": case.state == CalibrationCase.State.PUBLISHED and submitted_at is None,
        "submitted_at": submitted_at,
    }


def told(request: Request, case: CalibrationCase) -> dict[str, Any]:
    """As CalibrationSerializer describes it. The panel's are read only where the sheet is submitted."""
    sheet = own_sheet(case, request.user)
    asked = asked_of(case, sheet)
    is_in = sheet is not None and sheet.submitted_at is not None
    rows = [
        {
            "element": one.element.code,
            "seen": one.item.evidence,
            "level": one.level,
            "note": one.note,
            "panel_level": one.item.reference if is_in else None,
            "panel_reason": one.item.reason if is_in else None,
            "gap": one.gap if is_in else None,
        }
        for one in asked
    ]
    return head(case, sheet) | {
        "setting": case.setting,
        "panel": case.panel if is_in else None,
        "feedback": feedback([one.gap for one in asked]) if is_in else None,
        "results": rows,
    }
