"""The report of an assessment by machine: the same contents as its page and its PDF."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.audit.notes import note
from qmm.api import examples
from qmm.models import Finding
from qmm.queries.report import report_of, reported_case
from qmm.report.peers import FEWEST
from qmm.report.told import told

CASE = OpenApiParameter("case", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of a case that you may read.")


class ReportPlaceSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    fei = serializers.CharField(allow_null=True)
    address = serializers.CharField()
    country = serializers.CharField(help_text="In words; empty where unknown.")
    organization = serializers.CharField(allow_null=True)


class SpreadSerializer(serializers.Serializer):
    low = serializers.FloatField(help_text="First quartile.")
    median = serializers.FloatField()
    high = serializers.FloatField(help_text="Third quartile.")


class RungSerializer(serializers.Serializer):
    level = serializers.IntegerField(min_value=1, max_value=5)
    name = serializers.CharField()
    anchor = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField(), help_text="Examples of it.")


class ReportElementSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="The agreed one.")
    previous_level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    text = serializers.CharField(help_text="What the assessors wrote of it.")
    reached = RungSerializer(allow_null=True, help_text="By the version of the rubric the assessment was made with.")
    next = RungSerializer(allow_null=True, help_text="The next level; null at the highest.")
    peers = SpreadSerializer(allow_null=True)


class ReportAreaSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    level = serializers.FloatField(allow_null=True, help_text="Mean of its elements' levels.")
    previous_level = serializers.FloatField(allow_null=True)
    peers = SpreadSerializer(allow_null=True)
    elements = ReportElementSerializer(many=True, help_text="Empty where only the areas are known.")


class ReportFindingSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    element = serializers.CharField()
    text = serializers.CharField()
    evidence = serializers.CharField()


class ReportVisitSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return {name: serializers.DateField(allow_null=True) for name in ("from", "to")}


class ReportedFactCheckSerializer(serializers.Serializer):
    is_finished = serializers.BooleanField()
    comments = serializers.IntegerField()
    answered = serializers.IntegerField()
    corrected = serializers.IntegerField(help_text="After which the draft was corrected.")
    partly = serializers.IntegerField()
    kept = serializers.IntegerField()


class PreviousSerializer(serializers.Serializer):
    completed_on = serializers.DateField()
    qmm = serializers.FloatField()


class ReportPeersSerializer(serializers.Serializer):
    organizations = serializers.IntegerField(help_text="Others with an assessment that counts; each counts once.")
    as_of = serializers.DateField()


class ReportSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["draft", "final"])
    is_voided = serializers.BooleanField(help_text="It counts in no score any more.")
    is_synthetic = serializers.BooleanField(help_text="Invented for demonstration.")
    establishment = ReportPlaceSerializer()
    rubric = serializers.CharField(allow_null=True, help_text="The version it was made with.")
    visit = ReportVisitSerializer()
    completed_on = serializers.DateField(allow_null=True, help_text="null for a draft.")
    valid_until = serializers.DateField(allow_null=True, help_text="The last day on which it counts.")
    assessors = serializers.ListField(child=serializers.CharField(), help_text="The lead first.")
    qmm = serializers.FloatField(allow_null=True, help_text="0 to 100.")
    mean_level = serializers.FloatField(allow_null=True)
    areas = ReportAreaSerializer(many=True)
    findings = ReportFindingSerializer(many=True, help_text="Critical gaps first.")
    fact_check = ReportedFactCheckSerializer()
    previous = PreviousSerializer(allow_null=True, help_text="The assessment of the site before this one.")
    peers = ReportPeersSerializer(
        allow_null=True,
        help_text=f"null, as every other `peers`, where fewer than {FEWEST} other organizations contribute.",
    )
    summary = serializers.ListField(child=serializers.CharField(), help_text="The report in a few sentences.")


class AssessmentReport(Endpoint):
    @extend_schema(
        operation_id="assessment_report_detail",
        tags=["assessments"],
        parameters=[CASE],
        responses=ReportSerializer,
        examples=[examples.answer(examples.REPORT)],
    )
    def get(self, request: Request, case: int) -> Response:
        """The report of one assessment: agreed levels with what the next one looks like, findings, and where the site
        stands. The establishment reads it from the factual-accuracy review on, as a draft until it is final."""
        self.read_query(request)
        found = reported_case(request.user, case)
        if found is None:
            raise Http404
        note(request, "viewed", found, detail="the report")
        body: dict[str, Any] = told(report_of(found))
        return unless_known(request, body)
