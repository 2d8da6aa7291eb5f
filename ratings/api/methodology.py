"""The methodology files as they are: every weight, curve, band and gate."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from ratings import scoring
from ratings.models import MethodologyRelease
from ratings.scoring import INDICATORS, available_versions

VERSION = OpenApiParameter("version", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as 2026.1.")


@extend_schema_field({"type": "object", "additionalProperties": {}})
class TableField(serializers.JSONField):
    """A table of the file."""


class MethodologyRowSerializer(serializers.Serializer):
    version = serializers.CharField()
    title = serializers.CharField()
    in_force_from = serializers.DateField(allow_null=True, help_text="null for one that was not released yet.")


class MethodologyListSerializer(serializers.Serializer):
    results = MethodologyRowSerializer(many=True, help_text="The newest first.")


class BandSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    label = serializers.CharField()
    # `from` is no name in Python.
    vars()["from"] = serializers.FloatField(help_text="The lowest score of the band.")


class BandsSerializer(serializers.Serializer):
    buffer = serializers.FloatField()
    steps = BandSerializer(many=True)


class IndicatorRuleSerializer(serializers.Serializer):
    """Exactly one of `curve`, `answers` and `ticks` says how a figure becomes points."""

    code = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField()
    definition = serializers.CharField()
    remedy = serializers.CharField()
    weight = serializers.FloatField(help_text="Within the domain.")
    curve = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        required=False,
        help_text="(value, points); straight between them, flat beyond both ends.",
    )
    answers = serializers.DictField(child=serializers.FloatField(), required=False)
    ticks = serializers.DictField(child=serializers.FloatField(), required=False)
    required_tick = serializers.CharField(required=False)


class DomainRuleSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    weight = serializers.FloatField()
    indicators = IndicatorRuleSerializer(many=True)


class GateRuleSerializer(serializers.Serializer):
    """What else a gate holds are its own limits."""

    code = serializers.CharField()
    label = serializers.CharField()
    reason = serializers.CharField()
    caps_at = serializers.IntegerField()


class MethodologySerializer(MethodologyRowSerializer):
    score = TableField()
    coverage = TableField()
    tolerance = TableField()
    limits = TableField()
    qmm = TableField()
    validity = TableField()
    supply = TableField()
    bands = BandsSerializer()
    gates = GateRuleSerializer(many=True)
    domains = DomainRuleSerializer(many=True)


class MethodologyList(Endpoint):
    @extend_schema(operation_id="methodology_list", tags=["methodology"], responses=MethodologyListSerializer)
    def get(self, request: Request) -> Response:
        """The published methodologies."""
        releases = dict(MethodologyRelease.objects.values_list("version", "in_force_from"))
        rows = [
            {"version": version, "title": document(version)["title"], "in_force_from": releases.get(version)}
            for version in reversed(available_versions())
        ]
        return Response({"results": rows})


class MethodologyDetail(Endpoint):
    @extend_schema(
        operation_id="methodology_detail", tags=["methodology"], parameters=[VERSION], responses=MethodologySerializer
    )
    def get(self, request: Request, version: str) -> Response:
        """One methodology, whole: what `title` to `domains` say is the file by which scores are computed."""
        if version not in available_versions():
            raise Http404
        released = MethodologyRelease.objects.filter(version=version).values_list("in_force_from", flat=True).first()
        return unless_known(request, {**document(version), "in_force_from": released})


@cache
def document(version: str) -> dict[str, Any]:
    """The file with codes in the rows, and with the words for its indicators. Files never change."""
    file = resources.files(scoring) / "methodologies" / f"{version}.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    tables["gates"] = [{"code": code, **gate} for code, gate in tables["gates"].items()]
    for domain in tables["domains"]:
        domain["indicators"] = [
            {"code": code, **_words(code), **rule} for code, rule in domain.get("indicators", {}).items()
        ]
    return tables


def _words(code: str) -> dict[str, str]:
    indicator = INDICATORS[code]
    return {
        "label": indicator.label,
        "unit": indicator.unit,
        "definition": indicator.definition,
        "remedy": indicator.remedy,
    }
