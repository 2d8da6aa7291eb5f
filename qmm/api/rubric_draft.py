"""The draft of the rubric by machine: begun, read with what it lacks and changes, published or discarded. Its texts are
written element by element (qmm/api/rubric_elements.py)."""

from typing import Any

from django.core.exceptions import ValidationError as RefusedByModelError
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.texts import clean
from qmm.api import examples, rubric_examples
from qmm.api.case_shared import CHANGED, IF_MATCH, MEANWHILE, NO_MATCH, Body, example, made, read_body, require
from qmm.api.rubrics import RubricChangeSerializer, RubricRowSerializer, changes_told, head
from qmm.models import AREAS, Rubric
from qmm.queries.rubric import open_draft
from qmm.rubric import Fault, faults, in_order
from qmm.rubric.fields import FIELDS, area_of
from qmm.services.rubric import (
    LONGEST_NOTE,
    DraftClosedError,
    DraftOpenError,
    RevisionError,
    draft_begin,
    draft_discard,
    draft_publish,
    next_version,
    note_refusal,
)

TAG = ["rubrics"]
CLOSED = "The draft was published or discarded meanwhile. Nothing was stored."
OPERATOR_ONLY = "Only the program operator writes the draft of the rubric."


class DraftProblemError(ProblemError):
    """`unmet`: each place that is not ready."""

    status_code, code = 409, "rubric-draft"


class MissingSerializer(serializers.Serializer):
    element = serializers.CharField(allow_null=True, help_text="null where it is the whole rubric.")
    field = serializers.ChoiceField(choices=list(FIELDS), allow_null=True, help_text="null where it is no single text.")
    detail = serializers.CharField(help_text="What is missing or wrong.")


class DraftElementRowSerializer(serializers.Serializer):
    element = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    area = serializers.ChoiceField(choices=AREAS)
    is_left_out = serializers.BooleanField(help_text="Publication leaves it out; the draft keeps its texts.")
    missing = serializers.IntegerField(help_text="How many places are not ready; 0 where it is left out.")


class RubricDraftSerializer(serializers.Serializer):
    revision = serializers.IntegerField(help_text="Grows with every change.")
    based_on = serializers.CharField(help_text="The version of which it began as a copy.")
    begun_at = serializers.DateTimeField()
    begun_by = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField(allow_null=True)
    etag = serializers.CharField(help_text="For If-Match of a publication, or to discard it.")
    elements = DraftElementRowSerializer(many=True, help_text="In the rubric’s order.")


class RubricReviewSerializer(serializers.Serializer):
    etag = serializers.CharField(help_text="Of the draft as it is told here.")
    next_version = serializers.CharField(help_text="What it would be called if it were published today.")
    missing = MissingSerializer(many=True, help_text="What keeps it from being published.")
    changes = RubricChangeSerializer(many=True, help_text="From the version on which it is based.")


class PublicationSerializer(Body):
    note = serializers.CharField(
        max_length=LONGEST_NOTE, trim_whitespace=False, help_text="What changed and why, in a sentence."
    )

    def validate_note(self, note: str) -> str:
        note = clean(note)
        if wrong := note_refusal(note):
            raise serializers.ValidationError(wrong)
        return note


class Editing(Endpoint):
    """Who reads the draft and may not write it is told so."""

    def reach(self, request: Request, **_: Any) -> None:  # type: ignore[override]
        require(request, "edit_rubric", OPERATOR_ONLY)


class RubricDraft(Editing):
    @extend_schema(
        operation_id="rubric_draft_detail",
        tags=TAG,
        responses=RubricDraftSerializer,
        examples=[examples.answer(rubric_examples.DRAFT)],
    )
    def get(self, request: Request) -> Response:
        """The draft of the next version; there is one at a time, or none. What it lacks and changes: `review/`."""
        self.read_query(request)
        draft = draft_or_404(request)
        return not_modified(request, tag(draft)) or answer(draft)

    @extend_schema(
        operation_id="rubric_draft_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={201: RubricDraftSerializer, 409: OpenApiResponse(description="There is a draft already.")},
        examples=[made(rubric_examples.DRAFT)],
    )
    @once
    def post(self, request: Request) -> Response:
        """Begin a draft: a copy of the version in force."""
        try:
            draft_begin(user=request.user)
        except DraftOpenError as error:
            raise DraftProblemError(str(error)) from None
        return answer(draft_or_404(request), 201)

    @extend_schema(
        operation_id="rubric_draft_delete",
        tags=TAG,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses={204: None, 409: OpenApiResponse(description=CLOSED), 412: CHANGED, 428: NO_MATCH},
    )
    @once
    def delete(self, request: Request) -> Response:
        """Discard the draft. The version in force stays as it is, and the database keeps what was written."""
        draft = draft_or_404(request)
        require_match(request, tag(draft))
        written(draft_discard, draft, user=request.user, revision=draft.revision)
        return Response(status=204)


class RubricDraftReview(Endpoint):
    @extend_schema(
        operation_id="rubric_draft_review",
        tags=TAG,
        responses=RubricReviewSerializer,
        examples=[examples.answer(rubric_examples.REVIEW)],
    )
    def get(self, request: Request) -> Response:
        """What the draft still lacks, and what it changes, element by element."""
        self.read_query(request)
        draft = draft_or_404(request)
        body = {
            "etag": tag(draft),
            "next_version": next_version(),
            "missing": [missing_told(fault) for fault in faults(draft.kept_texts)],
            "changes": changes_told(draft.based_on.texts, draft.kept_texts),
        }
        return Response(body)


class RubricDraftPublish(Editing):
    @extend_schema(
        operation_id="rubric_draft_publish",
        tags=TAG,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=PublicationSerializer,
        responses={
            200: RubricRowSerializer,
            409: OpenApiResponse(description="Places are not ready (`unmet`), nothing changed, or it is closed."),
            412: CHANGED,
            428: NO_MATCH,
        },
        examples=[
            examples.answer(rubric_examples.PUBLISHED),
            example("A note", rubric_examples.PUBLICATION),
        ],
    )
    @once
    def post(self, request: Request) -> Response:
        """Publish the draft: from now on new assessments are made with it. A version is never changed again; those that
        are under way keep theirs."""
        draft = draft_or_404(request)
        require_match(request, tag(draft))
        note = read_body(request, PublicationSerializer)["note"]
        try:
            stored = written(draft_publish, draft, user=request.user, note=note, revision=draft.revision)
        except RefusedByModelError as error:
            unmet = [f"{fault.key.strip('.')}: {fault.message}".lstrip(": ") for fault in faults(draft.kept_texts)]
            raise DraftProblemError(" ".join(error.messages), **({"unmet": unmet} if unmet else {})) from None
        return Response(head(stored))


def written(service: Any, *args: Any, **kwargs: Any) -> Any:
    """What the service gives, its refusals as problems."""
    try:
        return service(*args, **kwargs)
    except DraftClosedError:
        raise DraftProblemError(CLOSED) from None
    except RevisionError:
        raise PreconditionFailedError(MEANWHILE) from None


def draft_or_404(request: Request) -> Rubric:
    found = open_draft(request.user, "read_rubric_draft")
    if found is None:
        raise Http404
    return found


def tag(draft: Rubric) -> str:
    return etag_of("rubric-draft", draft.pk, draft.revision)


def answer(draft: Rubric, status: int = 200) -> Response:
    return Response(told(draft), status=status, headers={"ETag": tag(draft)})


def told(draft: Rubric) -> dict[str, Any]:
    """As RubricDraftSerializer describes it."""
    found = faults(draft.kept_texts)
    return {
        "revision": draft.revision,
        "based_on": draft.based_on.version,
        "begun_at": draft.created_at,
        "begun_by": str(draft.created_by) if draft.created_by else None,
        "updated_at": draft.updated_at,
        "updated_by": str(draft.updated_by) if draft.updated_by else None,
        "etag": tag(draft),
        "elements": [element_head(draft, code, found) for code in in_order(draft.texts)],
    }


def element_head(draft: Rubric, code: str, found: list[Fault]) -> dict[str, Any]:
    """As DraftElementRowSerializer describes it."""
    return {
        "element": code,
        "name": draft.texts[code].get("name", ""),
        "area": area_of(code).code,
        "is_left_out": code in draft.removed,
        "missing": sum(fault.code == code for fault in found),
    }


def missing_told(fault: Fault) -> dict[str, Any]:
    return {"element": fault.code or None, "field": fault.field or None, "detail": fault.message}
