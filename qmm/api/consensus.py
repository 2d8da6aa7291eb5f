"""Both assessors' levels side by side, once both have finished, and the level that they agree on, by machine."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from dscr.sheets import Change
from dscr.texts import clean
from qmm.api import case_examples, examples
from qmm.api.case_files import FileSerializer, file_of
from qmm.api.case_shared import CHANGED, IF_MATCH, MEANWHILE, NO_MATCH, TAG, Body, example, read_body, require
from qmm.api.scores import CASE, ELEMENT, ClosedError
from qmm.models import AssessmentCase, Finding
from qmm.models.blind import is_revealed
from qmm.queries.consensus import Consensus, Given, Row, case_of, consensus_of
from qmm.services.consensus import LONGEST_REASON, consensus_save
from qmm.services.scoring import ScoringClosedError

NOT_YOURS = "Only the two assessors of the case agree on its levels."


class AssessorFindingSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    text = serializers.CharField()
    evidence = serializers.CharField(allow_blank=True)
    files = FileSerializer(many=True, help_text="Sent by `finding-files/`.")


class AssessorLevelSerializer(serializers.Serializer):
    assessor = serializers.CharField()
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    notes = serializers.CharField(allow_blank=True)
    findings = AssessorFindingSerializer(many=True)


class AgreedSerializer(serializers.Serializer):
    element = serializers.CharField()
    given = AssessorLevelSerializer(many=True, help_text="By each assessor, the lead first. Never changed any more.")
    gap = serializers.IntegerField(help_text="Levels between the two.")
    needs_reason = serializers.BooleanField(help_text="The levels lie two or more apart.")
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="Agreed; null while open.")
    reason = serializers.CharField(allow_blank=True)
    is_open = serializers.BooleanField(help_text="No level is agreed, or the reason that is needed lacks.")
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    etag = serializers.CharField(help_text="For If-Match of a PUT of this element.")


class AtWorkSerializer(serializers.Serializer):
    name = serializers.CharField()
    is_lead = serializers.BooleanField()
    has_finished = serializers.BooleanField()


class ConsensusSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    both_finished = serializers.BooleanField(help_text="Before, `results` is empty.")
    assessors = AtWorkSerializer(many=True, help_text="The lead first.")
    closed = serializers.CharField(allow_blank=True, help_text="Why you can agree on nothing now; empty where you can.")
    open = serializers.ListField(child=serializers.CharField(), help_text="Elements that are not agreed yet.")
    results = AgreedSerializer(many=True, help_text="Every element, in the rubric’s order.")


class AgreeRequestSerializer(Body):
    level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="null takes it back.")
    reason = serializers.CharField(
        max_length=LONGEST_REASON,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Needed where the levels lie two or more apart, before the consensus can be closed.",
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and isinstance(data.get("level"), bool | str | float):
            raise serializers.ValidationError({"level": "Give a whole number from 1 to 5, or null."})
        return super().to_internal_value(data)


class ConsensusList(Endpoint):
    @extend_schema(
        operation_id="consensus_list",
        tags=TAG,
        parameters=[CASE],
        responses=ConsensusSerializer,
        examples=[examples.answer(case_examples.CONSENSUS)],
    )
    def get(self, request: Request, case: int) -> Response:
        """Both assessors' levels, notes and findings side by side, and what they agreed on. Until both have finished it
        says who has, and nothing more: to the assessors, the program operator and auditors alike."""
        self.read_query(request)
        found = shown(request, case)
        body = {
            "case": found.case.pk,
            "both_finished": found.is_revealed,
            "assessors": [
                {
                    "name": str(one.membership.user),
                    "is_lead": one.is_lead,
                    "has_finished": one.finished_at is not None,
                }
                for one in found.givers
            ],
            "closed": found.closed,
            "open": [row.element.code for row in found.rows if row.is_open],
            "results": [row_of(found.case, row) for row in found.rows],
        }
        return Response(body)


class ConsensusElement(Endpoint):
    def reach(self, request: Request, case: int, element: str) -> None:  # type: ignore[override]
        require(request, "give_scores", NOT_YOURS)
        if case_of(request.user, case) is None or not is_revealed(case):
            raise Http404

    @extend_schema(
        operation_id="consensus_element_detail",
        tags=TAG,
        parameters=[CASE, ELEMENT],
        responses=AgreedSerializer,
        examples=[examples.answer(case_examples.AGREED)],
    )
    def get(self, request: Request, case: int, element: str) -> Response:
        """One element as both gave it and as it is agreed. 404 until both have finished."""
        self.read_query(request)
        found = shown(request, case)
        row = row_of(found.case, element_row(found, element))
        return not_modified(request, row["etag"]) or Response(row, headers={"ETag": row["etag"]})

    @extend_schema(
        operation_id="consensus_put",
        tags=TAG,
        parameters=[CASE, ELEMENT, IF_MATCH, IDEMPOTENCY_KEY],
        request=AgreeRequestSerializer,
        responses={
            200: AgreedSerializer,
            409: OpenApiResponse(description="The case is not in consensus."),
            412: CHANGED,
            428: NO_MATCH,
        },
        examples=[
            examples.answer(case_examples.AGREED),
            example("Agreed", {"level": 3, "reason": "The log of the second shift was seen by one of us only."}),
        ],
    )
    @once
    def put(self, request: Request, case: int, element: str) -> Response:
        """Put the level that both agree on, and the reason. What each had given stays as it was."""
        found = shown(request, case)
        before = element_row(found, element)
        require_match(request, row_of(found.case, before)["etag"])
        given = read_body(request, AgreeRequestSerializer)
        changes = {
            f"{element}.level": Change(before.level.was, "" if given["level"] is None else str(given["level"])),
            f"{element}.reason": Change(before.reason.was, clean(given["reason"])),
        }
        try:
            saved = consensus_save(found.case, changes, user=request.user)
        except ScoringClosedError as error:
            raise ClosedError(str(error)) from None
        except ValueError as error:
            raise ValidationError({"reason": str(error)}) from None
        if saved.conflicts:
            raise PreconditionFailedError(MEANWHILE)
        after = shown(request, case)
        row = row_of(after.case, element_row(after, element))
        return Response(row, headers={"ETag": row["etag"]})


def shown(request: Request, pk: int) -> Consensus:
    """Noted as seen where there is something to see. Http404."""
    case = case_of(request.user, pk)
    if case is None:
        raise Http404
    found = consensus_of(request.user, case)
    if found.is_revealed:
        note(request, "viewed", case, detail="levels of both assessors")
    return found


def element_row(found: Consensus, code: str) -> Row:
    """Http404 where the rubric has no such element, and for everything until both have finished."""
    row = next((row for row in found.rows if row.element.code == code), None)
    if row is None:
        raise Http404
    return row


def row_of(case: AssessmentCase, row: Row) -> dict[str, Any]:
    """As AgreedSerializer describes it."""
    return {
        "element": row.element.code,
        "given": [given_of(one) for one in row.given],
        "gap": row.gap,
        "needs_reason": row.is_wide,
        "level": int(row.level.was) if row.level.was else None,
        "reason": row.reason.was,
        "is_open": row.is_open,
        "decided_by": row.edit.get("name"),
        "decided_at": row.edit.get("at"),
        "etag": etag_of("consensus", case.pk, row.element.code, row.level.was, row.reason.was),
    }


def given_of(one: Given) -> dict[str, Any]:
    texts = ("kind", "text", "evidence")
    findings = [
        {"id": row.pk, **{name: getattr(row, name) for name in texts}, "files": [file_of(f) for f in row.files.all()]}
        for row in one.findings
    ]
    return {"assessor": one.name, "level": one.level, "notes": one.notes, "findings": findings}
