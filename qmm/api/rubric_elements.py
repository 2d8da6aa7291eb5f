"""The elements of the rubric's draft by machine: their texts, written with what one read, and which are left out."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.sheets import Change
from dscr.texts import clean
from qmm.api import examples, rubric_examples
from qmm.api.case_shared import Body, example, made, read_body
from qmm.api.case_sheets import SOMEBODY_ELSE, SheetConflictError, both_texts
from qmm.api.rubric_draft import (
    CLOSED,
    TAG,
    DraftElementRowSerializer,
    Editing,
    MissingSerializer,
    draft_or_404,
    element_head,
    missing_told,
    written,
)
from qmm.models import AREAS, Rubric
from qmm.rubric import FIELDS, faults
from qmm.rubric.fields import AREAS as PRACTICE_AREAS
from qmm.rubric.fields import LONGEST_STORED
from qmm.services.rubric import draft_save, element_add, element_leave_out

ELEMENT = OpenApiParameter("element", OpenApiTypes.STR, OpenApiParameter.PATH, description="Code, such as MC1.")
PREFIX_OF = {area.code: area.prefix for area in PRACTICE_AREAS}


class DraftTextSerializer(serializers.Serializer):
    field = serializers.ChoiceField(choices=list(FIELDS))
    label = serializers.CharField()
    is_list = serializers.BooleanField(help_text="One item a line: sample questions, examples of evidence.")
    text = serializers.CharField(allow_blank=True)
    published = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="In the version on which the draft is based; null if new."
    )
    edited_by = serializers.CharField(allow_null=True, help_text="Who changed it last in the draft.")
    edited_at = serializers.DateTimeField(allow_null=True)


class DraftElementSerializer(serializers.Serializer):
    element = serializers.CharField()
    area = serializers.ChoiceField(choices=AREAS)
    is_left_out = serializers.BooleanField(help_text="Publication leaves it out; the draft keeps its texts.")
    missing = MissingSerializer(many=True)
    texts = DraftTextSerializer(many=True, help_text="Name, what is looked for, questions, then anchors and evidence.")


class DraftTextChangeSerializer(Body):
    was = serializers.CharField(
        max_length=LONGEST_STORED, allow_blank=True, trim_whitespace=False, help_text="The text as you read it."
    )
    now = serializers.CharField(max_length=LONGEST_STORED, allow_blank=True, trim_whitespace=False)


class DraftElementChangeSerializer(Body):
    texts = serializers.DictField(
        child=DraftTextChangeSerializer(), required=False, help_text="Changes by field. What is not given stays."
    )
    is_left_out = serializers.BooleanField(required=False, help_text="Leave it out of the next version, or not.")

    def validate_texts(self, texts: dict[str, Any]) -> dict[str, Any]:
        if unknown := {name: "An element has no such text." for name in texts if name not in FIELDS}:
            raise serializers.ValidationError(unknown)
        return texts

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given:
            raise serializers.ValidationError("Give texts, is_left_out or both.")
        return given


class NewElementSerializer(Body):
    area = serializers.ChoiceField(choices=AREAS, help_text="Its practice area.")


class RubricDraftElements(Editing):
    @extend_schema(
        operation_id="rubric_draft_element_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=NewElementSerializer,
        responses={201: DraftElementRowSerializer, 409: OpenApiResponse(description=CLOSED)},
        examples=[
            made(rubric_examples.NEW_ELEMENT),
            example("A practice area", {"area": "technical_excellence"}),
        ],
    )
    @once
    def post(self, request: Request) -> Response:
        """Add a blank element to a practice area. Its code was in no published version and is never given again."""
        draft = draft_or_404(request)
        area = read_body(request, NewElementSerializer)["area"]
        code = written(element_add, draft, PREFIX_OF[area], user=request.user)
        draft = draft_or_404(request)
        return Response(element_head(draft, code, faults(draft.kept_texts)), status=201)


class RubricDraftElement(Editing):
    @extend_schema(
        operation_id="rubric_draft_element_detail",
        tags=TAG,
        parameters=[ELEMENT],
        responses=DraftElementSerializer,
        examples=[examples.answer(rubric_examples.ELEMENT)],
    )
    def get(self, request: Request, element: str) -> Response:
        """One element of the draft: every text, beside the one that is published, and what is missing."""
        self.read_query(request)
        return unless_known(request, told(element_or_404(request, element), element))

    @extend_schema(
        operation_id="rubric_draft_element_patch",
        tags=TAG,
        parameters=[ELEMENT, IDEMPOTENCY_KEY],
        request=DraftElementChangeSerializer,
        responses={
            200: DraftElementSerializer,
            409: OpenApiResponse(description="Somebody else changed the same text meanwhile, or the draft is closed."),
        },
        examples=[
            examples.answer(rubric_examples.ELEMENT),
            example("An anchor", rubric_examples.ELEMENT_PATCH),
        ],
    )
    @once
    def patch(self, request: Request, element: str) -> Response:
        """Write texts of the element, each with what you read as `was`. Others may write beside you: only where
        somebody changed the same text meanwhile the whole is refused, and `conflicts` tells what stands there now."""
        draft = element_or_404(request, element)
        given = read_body(request, DraftElementChangeSerializer)
        texts = given.get("texts", {})
        changes = {f"{element}.{name}": Change(clean(text["was"]), clean(text["now"])) for name, text in texts.items()}
        try:
            saved = written(draft_save, draft, user=request.user, changes=changes)
        except ValueError as error:
            raise ValidationError({"texts": str(error)}) from None
        if saved.conflicts:
            both = {key: both_texts(changes[key].now, edit) for key, edit in saved.conflicts.items()}
            raise SheetConflictError(SOMEBODY_ELSE, conflicts=both)
        if "is_left_out" in given:
            written(element_leave_out, draft, element, user=request.user, left_out=given["is_left_out"])
        return Response(told(element_or_404(request, element), element))


def element_or_404(request: Request, code: str) -> Rubric:
    """The draft, which has the element."""
    draft = draft_or_404(request)
    if code not in draft.texts:
        raise Http404
    return draft


def told(draft: Rubric, code: str) -> dict[str, Any]:
    """As DraftElementSerializer describes it."""
    published = draft.based_on.texts.get(code)
    texts = []
    for name, field in FIELDS.items():
        edit = draft.edits.get(f"{code}.{name}", {})
        texts.append(
            {
                "field": name,
                "label": field.label,
                "is_list": field.is_list,
                "text": draft.texts[code].get(name, ""),
                "published": None if published is None else published.get(name, ""),
                "edited_by": edit.get("name"),
                "edited_at": edit.get("at"),
            }
        )
    found = [fault for fault in faults(draft.kept_texts) if fault.code == code]
    row = element_head(draft, code, found)
    return {
        **{name: row[name] for name in ("element", "area", "is_left_out")},
        "missing": [missing_told(fault) for fault in found],
        "texts": texts,
    }
