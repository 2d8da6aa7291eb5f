"""The published versions of the rubric by which assessors give levels."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from qmm.api import examples
from qmm.models import AREAS, Rubric
from qmm.rubric import GROUPS, Element, read

VERSION = OpenApiParameter("version", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as 2026.1.")


class RubricRowSerializer(serializers.Serializer):
    version = serializers.CharField()
    in_force_from = serializers.DateTimeField()
    in_force_to = serializers.DateTimeField(allow_null=True, help_text="null for the version in force.")
    note = serializers.CharField(help_text="What it changed, and why.")


class RubricListSerializer(serializers.Serializer):
    results = RubricRowSerializer(many=True, help_text="The newest first.")


class SampleQuestionSerializer(serializers.Serializer):
    ask = serializers.ChoiceField(choices=list(GROUPS.items()), help_text="Whom to ask.")
    text = serializers.CharField()


class AnchorSerializer(serializers.Serializer):
    level = serializers.IntegerField(min_value=1, max_value=5)
    name = serializers.CharField(help_text="Reactive, Developing, Defined, Proactive or Optimizing.")
    anchor = serializers.CharField(help_text="What an assessor can see at this level.")
    evidence = serializers.ListField(child=serializers.CharField(), help_text="Examples.")


class RubricElementSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="The same in every version.")
    name = serializers.CharField()
    looked_for = serializers.CharField()
    questions = SampleQuestionSerializer(many=True)
    levels = AnchorSerializer(many=True, help_text="1 to 5.")


class RubricAreaSerializer(serializers.Serializer):
    code = serializers.ChoiceField(choices=AREAS)
    label = serializers.CharField()
    elements = RubricElementSerializer(many=True)


class RubricSerializer(RubricRowSerializer):
    areas = RubricAreaSerializer(many=True)


class RubricList(Endpoint):
    @extend_schema(
        operation_id="rubric_list",
        tags=["rubrics"],
        responses=RubricListSerializer,
        examples=[examples.answer({"results": [examples.RUBRIC_ROW]})],
    )
    def get(self, request: Request) -> Response:
        """The versions of the rubric that assessments are, or were, made with."""
        rows = Rubric.objects.for_user(request.user, "read_rubric").published().defer("texts", "edits")
        return Response({"results": [head(row) for row in rows]})


class RubricDetail(Endpoint):
    @extend_schema(
        operation_id="rubric_detail",
        tags=["rubrics"],
        parameters=[VERSION],
        responses=RubricSerializer,
        examples=[examples.answer(examples.RUBRIC)],
    )
    def get(self, request: Request, version: str) -> Response:
        """One version, whole. It is never changed; an assessment keeps the version it was made with."""
        rows = Rubric.objects.for_user(request.user, "read_rubric").published()
        found = rows.filter(version=version).defer("edits").first()
        if found is None:
            raise Http404
        areas = [
            {
                "code": section.area.code,
                "label": section.area.label,
                "elements": [element_row(element) for element in section.elements],
            }
            for section in read(found.texts)
        ]
        return unless_known(request, {**head(found), "areas": areas})


def head(row: Rubric) -> dict[str, Any]:
    return {
        "version": row.version,
        "in_force_from": row.published_at,
        "in_force_to": row.retired_at,
        "note": row.note,
    }


def element_row(element: Element) -> dict[str, Any]:
    return {
        "code": element.code,
        "name": element.name,
        "looked_for": element.looked_for,
        "questions": [{"ask": asked.group, "text": text} for asked in element.questions for text in asked.texts],
        "levels": [
            {"level": level.number, "name": level.name, "anchor": level.anchor, "evidence": level.evidence}
            for level in element.levels
        ],
    }
