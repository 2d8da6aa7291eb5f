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
from qmm.api import examples, rubric_examples
from qmm.models import AREAS, Rubric
from qmm.rubric import FIELDS, GROUPS, Element, Texts, differences, read
from qmm.rubric.differences import plain

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


class RubricTextChangeSerializer(serializers.Serializer):
    field = serializers.ChoiceField(choices=list(FIELDS))
    label = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class RubricChangeSerializer(serializers.Serializer):
    element = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    change = serializers.ChoiceField(choices=["added", "removed", "changed"])
    texts = RubricTextChangeSerializer(many=True, help_text="Those that differ.")


class RubricChangesSerializer(serializers.Serializer):
    version = serializers.CharField()
    based_on = serializers.CharField(help_text="The version before.")
    results = RubricChangeSerializer(many=True, help_text="Elements that differ, in the rubric’s order.")


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
        found = version_or_404(request, version)
        areas = [
            {
                "code": section.area.code,
                "label": section.area.label,
                "elements": [element_row(element) for element in section.elements],
            }
            for section in read(found.texts)
        ]
        return unless_known(request, {**head(found), "areas": areas})


class RubricChanges(Endpoint):
    @extend_schema(
        operation_id="rubric_changes",
        tags=["rubrics"],
        parameters=[VERSION],
        responses=RubricChangesSerializer,
        examples=[examples.answer(rubric_examples.CHANGES)],
    )
    def get(self, request: Request, version: str) -> Response:
        """What a version changed, element by element. The first version changed nothing: it is not found."""
        self.read_query(request)
        found = version_or_404(request, version)
        if found.based_on is None:
            raise Http404
        results = changes_told(found.based_on.texts, found.texts)
        return Response({"version": found.version, "based_on": found.based_on.version, "results": results})


def version_or_404(request: Request, version: str) -> Rubric:
    rows = Rubric.objects.for_user(request.user, "read_rubric").published().select_related("based_on")
    found = rows.filter(version=version).defer("edits", "based_on__edits").first()
    if found is None:
        raise Http404
    return found


def changes_told(before: Texts, after: Texts) -> list[dict[str, Any]]:
    """As RubricChangeSerializer describes them."""
    rows = []
    for change in differences(before, after):
        old, new = before.get(change.code, {}), after.get(change.code, {})
        texts = [
            {
                "field": field.name,
                "label": field.label,
                "before": plain(field, old.get(field.name, "")),
                "after": plain(field, new.get(field.name, "")),
            }
            for field in (differing.field for differing in change.fields)
        ]
        rows.append({"element": change.code, "name": change.name, "change": change.kind, "texts": texts})
    return rows


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
