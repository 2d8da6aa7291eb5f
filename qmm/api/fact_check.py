"""The factual-accuracy review by machine: passages of the draft, what the establishment says of them, the answers."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from qmm.api import case_examples, examples
from qmm.api.case_shared import (
    CASE,
    LARGEST,
    REFUSED,
    TAG,
    Body,
    RefusedError,
    example,
    made,
    read_body,
    require,
    taken_or_404,
)
from qmm.course.steps import Side, State
from qmm.models import AssessmentCase, CaseSheet, FactComment
from qmm.services.course import CourseError
from qmm.services.course_conditions import is_confirmed
from qmm.services.course_sheet import sheet_of
from qmm.services.fact_check import LONGEST, comment_add, comment_answer, may_read_facts

COMMENT = OpenApiParameter("comment", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the review.")


class CommentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    element = serializers.CharField()
    text = serializers.CharField()
    passage = serializers.CharField(allow_blank=True, help_text="As it was when it was commented on.")
    by = serializers.CharField()
    at = serializers.DateTimeField()
    verdict = serializers.ChoiceField(
        choices=FactComment.Verdict.choices, allow_null=True, help_text="What becomes of the draft; null while open."
    )
    answer = serializers.CharField(allow_blank=True)
    answered_by = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class PassageSerializer(serializers.Serializer):
    element = serializers.CharField()
    section = serializers.CharField()
    label = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    comments = CommentSerializer(many=True, help_text="The oldest first.")


class FactCheckSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    is_finished = serializers.BooleanField(help_text="The establishment has finished its review (the step `confirm`).")
    waiting = serializers.IntegerField(help_text="Comments without an answer.")
    may_comment = serializers.BooleanField()
    may_answer = serializers.BooleanField()
    results = PassageSerializer(many=True, help_text="Every element of the draft, in the rubric’s order.")


class CommentRequestSerializer(Body):
    element = serializers.CharField(max_length=4, help_text="Of the passage.")
    text = serializers.CharField(max_length=LONGEST, help_text="What is not accurate, and what is right.")


class AnswerRequestSerializer(Body):
    verdict = serializers.ChoiceField(choices=FactComment.Verdict.choices)
    answer = serializers.CharField(max_length=LONGEST, help_text="The establishment reads it.")


class FactCheck(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        require(request, "request_cases", "Only the establishment comments on the draft.")
        checked(request, case)

    @extend_schema(
        operation_id="fact_check_list",
        tags=TAG,
        parameters=[CASE],
        responses=FactCheckSerializer,
        examples=[examples.answer(case_examples.FACT_CHECK)],
    )
    def get(self, request: Request, case: int) -> Response:
        """The draft passage by passage as the establishment reads it, without a level, with every comment and its
        answer. Open from when the draft was sent."""
        self.read_query(request)
        found, sides = checked(request, case)
        note(request, "viewed", found, detail="the draft in its factual-accuracy review")
        comments = comments_of(request, found)
        by_element: dict[str, list[dict[str, Any]]] = {}
        for row in comments:
            by_element.setdefault(row.element, []).append(comment_row(row))
        sheet, open_now, confirmed = sheet_of(found, CaseSheet.Kind.DRAFT), _is_open(found), is_confirmed(found)
        body = {
            "case": found.pk,
            "is_finished": confirmed,
            "waiting": sum(row.answered_at is None for row in comments),
            "may_comment": open_now and not confirmed and Side.FIRM in sides,
            "may_answer": open_now and Side.ASSESSOR in sides,
            "results": [
                {
                    "element": item["code"],
                    "section": item["section"],
                    "label": item["label"],
                    "text": sheet.texts.get(item["code"], ""),
                    "comments": by_element.get(item["code"], []),
                }
                for item in sheet.asked
            ],
        }
        return Response(body)

    @extend_schema(
        operation_id="fact_comment_create",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=CommentRequestSerializer,
        responses={201: CommentSerializer, 409: REFUSED},
        examples=[
            made(case_examples.COMMENT),
            example("A comment", {"element": "EE2", "text": "The stop rule is SOP-119 since May; SOP-118 is retired."}),
        ],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Comment on a passage that is not accurate, until you have finished the review (the step `confirm`)."""
        given = read_body(request, CommentRequestSerializer)
        found, _ = checked(request, case)
        if given["element"] not in {item["code"] for item in sheet_of(found, CaseSheet.Kind.DRAFT).asked}:
            raise ValidationError({"element": "The draft has no passage on such an element."})
        try:
            row = comment_add(found, user=request.user, element=given["element"], text=given["text"])
        except CourseError as error:
            raise RefusedError.of(error) from None
        return Response(comment_row(row), status=201)


class FactAnswer(Endpoint):
    def reach(self, request: Request, case: int, comment: int) -> None:  # type: ignore[override]
        self._found(request, case, comment)

    @extend_schema(
        operation_id="fact_comment_answer",
        tags=TAG,
        parameters=[CASE, COMMENT, IDEMPOTENCY_KEY],
        request=AnswerRequestSerializer,
        responses={200: CommentSerializer, 409: REFUSED},
        examples=[
            examples.answer(case_examples.COMMENT),
            example("Corrected", {"verdict": "corrected", "answer": "The draft names SOP-119 now."}),
        ],
    )
    @once
    def post(self, request: Request, case: int, comment: int) -> Response:
        """Answer a comment, once, as one of the assessors. Change the passage itself in the draft."""
        given = read_body(request, AnswerRequestSerializer)
        try:
            comment_answer(self._found(request, case, comment), user=request.user, **given)
        except CourseError as error:
            raise RefusedError.of(error) from None
        return Response(comment_row(self._found(request, case, comment)))

    @staticmethod
    def _found(request: Request, case: int, comment: int) -> FactComment:
        found, _ = checked(request, case)
        rows = FactComment.objects.for_user(request.user, "assess_cases").filter(case=found)
        rows = rows.select_related("case", "by", "answered_by")
        row = rows.filter(pk=comment).first() if comment <= LARGEST else None
        if row is None:
            raise Http404
        return row


def checked(request: Request, pk: int) -> tuple[AssessmentCase, frozenset[Side]]:
    found, sides = taken_or_404(request, pk)
    if not may_read_facts(found, sides):
        raise Http404
    return found, sides


def _is_open(case: AssessmentCase) -> bool:
    return case.state == State.FACT_CHECK


def comments_of(request: Request, case: AssessmentCase) -> list[FactComment]:
    rows = FactComment.objects.for_user(request.user, "read_cases").filter(case=case)
    return list(rows.select_related("by", "answered_by"))


def comment_row(row: FactComment) -> dict[str, Any]:
    """As CommentSerializer describes it."""
    told = {name: getattr(row, name) for name in ("element", "text", "passage", "at", "answer", "answered_at")}
    answered_by = str(row.answered_by) if row.answered_by else None
    return {"id": row.pk, **told, "by": str(row.by), "verdict": row.verdict or None, "answered_by": answered_by}
