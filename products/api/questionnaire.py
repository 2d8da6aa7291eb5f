"""The questionnaire as a machine reads it: every field with its definition, its range, and a JSON Schema of answers."""

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from products.api import examples
from products.questionnaire import QUESTIONS, SECTIONS, Field, Kind, Question, State
from products.questionnaire.fields import MOST_COUNTED, MOST_WHOLE
from products.questionnaire.plausibility import RULES
from products.services.kpi_draft import LONGEST_ANSWER, LONGEST_NOTE

KINDS = {
    Kind.COUNT: "count",
    Kind.WHOLE: "whole_number",
    Kind.AMOUNT: "number",
    Kind.PERCENT: "percent",
    Kind.TICK: "yes_or_no",
    Kind.DATE: "date",
}
TYPES = {Kind.COUNT: "integer", Kind.WHOLE: "integer", Kind.AMOUNT: "number", Kind.PERCENT: "number"}
MOST = {Kind.COUNT: MOST_COUNTED, Kind.WHOLE: MOST_WHOLE}
RATE, FIGURE, PARTS = "rate", "figure", "parts"


class QuestionFieldSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="The name of the value among a draft's `answers`.")
    label = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=[(name, name) for name in KINDS.values()], help_text="`percent`: 72 is 72%, and 0.72 is not."
    )
    unit = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True)
    lowest = serializers.FloatField(allow_null=True)
    highest = serializers.FloatField(allow_null=True)
    is_required = serializers.BooleanField(help_text="Without it the question stays open.")
    wanted = serializers.CharField(help_text="What is expected, in the words of an error.")


class QuestionSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=[(name, name) for name in (RATE, FIGURE, PARTS)],
        help_text="`rate`: asked as two counts, numerator and denominator.",
    )
    definition = serializers.CharField()
    formula = serializers.CharField()
    window = serializers.CharField()
    exclusions = serializers.CharField()
    example = serializers.CharField()
    state_name = serializers.CharField(help_text="The name among `answers` that says that it is withheld.")
    states = serializers.ListField(child=serializers.CharField(), help_text="What the state may be.")
    may_not_apply = serializers.BooleanField()
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of the warnings that it may get, by which a note answers one."
    )
    fields = QuestionFieldSerializer(many=True)


class SectionSerializer(serializers.Serializer):
    code = serializers.CharField()
    team = serializers.CharField(help_text="The functional team that knows the answers.")
    asks = serializers.CharField()
    questions = QuestionSerializer(many=True)


class QuestionnaireSerializer(serializers.Serializer):
    sections = SectionSerializer(many=True)
    longest_answer = serializers.IntegerField(help_text="Characters.")
    longest_note = serializers.IntegerField(help_text="Characters.")
    json_schema = serializers.DictField(help_text="Of the object `answers` of a draft (JSON Schema 2020-12).")


class Questionnaire(Endpoint):
    @extend_schema(
        operation_id="questionnaire_detail",
        tags=["quarterly figures"],
        responses=QuestionnaireSerializer,
        examples=[examples.answer(examples.QUESTIONNAIRE)],
    )
    def get(self, request: Request) -> Response:
        """The questions of the quarterly figures: definition, formula, window, exclusions, unit, range and example of
        each, in sections for the functional teams, with a JSON Schema by which answers can be checked beforehand.
        """
        self.read_query(request)
        return unless_known(request, questionnaire())


@cache
def questionnaire() -> dict[str, Any]:
    """As QuestionnaireSerializer describes it."""
    return {
        "sections": [
            {
                "code": section.code,
                "team": section.team,
                "asks": section.asks,
                "questions": [_question(question) for question in section.questions],
            }
            for section in SECTIONS
        ],
        "longest_answer": LONGEST_ANSWER,
        "longest_note": LONGEST_NOTE,
        "json_schema": _schema(),
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "label": question.label,
        "kind": RATE if question.is_rate else FIGURE if len(question.fields) == 1 else PARTS,
        **{name: getattr(question, name) for name in ("definition", "formula", "window", "exclusions", "example")},
        "state_name": question.state_key,
        "states": states_of(question),
        "may_not_apply": question.may_not_apply,
        "warnings": [f"{question.code}.{rule}" for rule in RULES],
        "fields": [_field(item) for item in question.fields],
    }


def _field(item: Field) -> dict[str, Any]:
    low, high = limits(item)
    return {
        "name": item.column,
        "label": item.label,
        "kind": KINDS[item.kind],
        "unit": item.unit,
        "hint": item.hint,
        "lowest": low,
        "highest": high,
        "is_required": item.required,
        "wanted": item.wanted,
    }


def states_of(question: Question) -> list[str]:
    states = [State.REPORTED, State.NOT_DISCLOSED, *([State.NOT_APPLICABLE] if question.may_not_apply else [])]
    return [state.value for state in states]


def limits(item: Field) -> tuple[float | None, float | None]:
    """Lowest and highest as it is written; (None, None) of what is no number."""
    if item.kind not in TYPES:
        return None, None
    low, high = item.bounds
    return low, MOST.get(item.kind, high)


def _schema() -> dict[str, Any]:
    members: dict[str, Any] = {}
    for question in QUESTIONS:
        for item in question.fields:
            members[item.column] = {"title": f"{question.label}: {item.label}", **_type(item)}
        members[question.state_key] = {
            "title": f"{question.label}: whether it is withheld",
            "enum": [None, *states_of(question)],
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": members,
        "additionalProperties": False,
    }


def _type(item: Field) -> dict[str, Any]:
    if item.kind is Kind.TICK:
        return {"type": ["boolean", "null"]}
    if item.kind is Kind.DATE:
        return {"type": ["string", "null"], "format": "date"}
    low, high = limits(item)
    return {"type": [TYPES[item.kind], "null"], "minimum": low, "maximum": high}
