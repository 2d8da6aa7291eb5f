"""All calibration cases for the program office by machine, a new draft, and what assessors gave each case."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from qmm.api import calibration_examples, examples
from qmm.api.agreement import CoefficientSerializer
from qmm.api.calibration import TAG
from qmm.api.calibration_cases import (
    CALIBRATION,
    CalibrationCaseSerializer,
    Editing,
    answer,
    case_or_404,
)
from qmm.api.case_shared import Body, IdField, example, made, read_body
from qmm.models import AgreementFigure, CalibrationCase
from qmm.queries.calibration import cases_of, list_of_office, results_of
from qmm.services.calibration import case_begin


class CalibrationCaseRowSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=CalibrationCase.State.choices)
    elements = serializers.IntegerField(help_text="How many it asks for.")
    submitted = serializers.IntegerField(help_text="Sheets that are in.")
    begun = serializers.IntegerField(help_text="Sheets that are not in yet.")
    alpha = serializers.FloatField(
        allow_null=True, help_text="Krippendorff's, of those who submitted among themselves; null while it has none."
    )
    published_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)


class CalibrationCasesSerializer(serializers.Serializer):
    results = CalibrationCaseRowSerializer(many=True, help_text="Drafts first, then the published, then the retired.")


class CalibrationBeginSerializer(Body):
    copy = IdField(required=False, allow_null=True, help_text="A case whose texts and levels the draft begins with.")


class GivenLevelSerializer(serializers.Serializer):
    element = serializers.CharField()
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    gap = serializers.IntegerField(allow_null=True, help_text="The level less the panel’s.")


class SubmittedSheetSerializer(serializers.Serializer):
    assessor = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    levels = GivenLevelSerializer(many=True, help_text="In the rubric’s order.")


class CalibrationResultsSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    alpha = CoefficientSerializer(
        allow_null=True, help_text="Of those who submitted among themselves; null while there are too few."
    )
    results = SubmittedSheetSerializer(many=True, help_text="Submitted sheets, the oldest first.")
    open = serializers.ListField(
        child=serializers.CharField(), help_text="Assessors of today who have not submitted a published case."
    )


class CalibrationCaseList(Editing):
    @extend_schema(
        operation_id="calibration_case_list",
        tags=TAG,
        responses=CalibrationCasesSerializer,
        examples=[examples.answer({"results": [calibration_examples.ROW]})],
    )
    def get(self, request: Request) -> Response:
        """Every calibration case, for the program office."""
        self.read_query(request)
        names = ("id", "title", "state", "submitted", "begun", "alpha", "published_at", "retired_at")
        rows = [
            {**{name: getattr(case, name) for name in names}, "elements": case.asked}
            for case in list_of_office(request.user)
        ]
        return Response({"results": rows})

    @extend_schema(
        operation_id="calibration_case_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=CalibrationBeginSerializer,
        responses={201: CalibrationCaseSerializer},
        examples=[made(calibration_examples.CASE), example("A copy", {"copy": 3})],
    )
    @once
    def post(self, request: Request) -> Response:
        """Begin a draft by the rubric in force: blank, or as a copy. No assessor sees it before it is published."""
        given = read_body(request, CalibrationBeginSerializer).get("copy")
        copied = None
        if given is not None:
            copied = cases_of(request.user, "review_calibration").filter(pk=given).first()
            if copied is None:
                raise ValidationError({"copy": "There is no such case."})
        case = case_begin(user=request.user, copied=copied)
        return answer(case_or_404(request, case.pk), 201)


class CalibrationCaseResults(Endpoint):
    @extend_schema(
        operation_id="calibration_case_results",
        tags=TAG,
        parameters=[CALIBRATION],
        responses=CalibrationResultsSerializer,
        examples=[examples.answer(calibration_examples.RESULTS)],
    )
    def get(self, request: Request, calibration: int) -> Response:
        """What each assessor gave a case, beside the panel's levels, once they have submitted it; and who has not."""
        self.read_query(request)
        case = case_or_404(request, calibration)
        note(request, "viewed", case, detail="results")
        found = results_of(case)
        figures = AgreementFigure.objects.for_user(request.user, "read_agreement").filter(calibration=case)
        return Response(
            {
                "id": case.pk,
                "alpha": alpha_told(figures.first()),
                "results": [sheet_told(found["codes"], *sheet) for sheet in found["sheets"]],
                "open": found["open"] if case.state == CalibrationCase.State.PUBLISHED else [],
            }
        )


def alpha_told(figure: AgreementFigure | None) -> dict[str, Any] | None:
    return figure and {"value": figure.alpha, "low": figure.alpha_low, "high": figure.alpha_high}


def sheet_told(codes: list[str], assessor: Any, submitted_at: Any, cells: list[tuple[int | None, int]]) -> dict:
    levels = [
        {"element": code, "level": level, "gap": None if level is None else gap}
        for code, (level, gap) in zip(codes, cells, strict=True)
    ]
    return {"assessor": str(assessor), "submitted_at": submitted_at, "levels": levels}
