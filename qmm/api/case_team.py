"""Who assesses: the program operator assigns two assessors and a lead, each declares their interests."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import etag_of, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from qmm.api import case_examples, examples
from qmm.api.case_shared import (
    CASE,
    CHANGED,
    IF_MATCH,
    LARGEST,
    NO_MATCH,
    REFUSED,
    TAG,
    Body,
    IdField,
    NoteField,
    RefusedError,
    case_or_404,
    example,
    read_body,
)
from qmm.models import AssessmentCase, CaseAssignment
from qmm.queries.conflicts import conflicts_with
from qmm.services.conflict_end import conflict_end, standing_with
from qmm.services.course import CourseError, case_assign, case_locked, case_take
from qmm.services.course_people import candidates, team_of
from qmm.services.scoring import ScoringError, scoring_reopen

ASSIGNMENT = OpenApiParameter(
    "assignment", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of one of the case’s assessors."
)
NOT_OFFERED = "This is no membership of an assessor of today. Choose one of `candidates`."


class AssignedSerializer(serializers.Serializer):
    membership = serializers.IntegerField()
    name = serializers.CharField()
    is_lead = serializers.BooleanField()
    has_taken = serializers.BooleanField(help_text="Declared no conflict of interest and took it.")
    carries_on_for = serializers.CharField(
        allow_null=True, help_text="Who gave the levels, where this assessor came later and gives none; else null."
    )


class AssessorCandidateSerializer(serializers.Serializer):
    membership = serializers.IntegerField(help_text="By which it is assigned.")
    name = serializers.CharField()
    firm = serializers.CharField()
    may_lead = serializers.BooleanField()
    open_cases = serializers.IntegerField(help_text="That the assessor is assigned to now.")
    leads = serializers.IntegerField(help_text="Of these, as the lead.")
    conflict = serializers.CharField(
        allow_blank=True, help_text="Why the assessor cannot be assigned to this firm; empty where nothing is known."
    )
    declared_conflict = serializers.IntegerField(allow_null=True, help_text="To be ended by, if it is over.")


class CaseAssignmentSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    assigned = AssignedSerializer(many=True, help_text="Who is on the case, the lead first.")
    candidates = AssessorCandidateSerializer(many=True, help_text="Every assessor of today, the least loaded first.")


class AssignRequestSerializer(Body):
    lead = IdField(help_text="Membership of a lead assessor.")
    second = IdField(help_text="Membership of the other assessor.")
    note = NoteField(
        help_text="The reason, for the program office and who is replaced. Needed where somebody who took the case is "
        "replaced or hands over the lead."
    )


class DeclareRequestSerializer(Body):
    has_conflict = serializers.BooleanField(help_text="false takes the assignment, true leaves the case.")
    nature = NoteField(help_text="Which conflict; only the program operator and auditors read it.")


class ConflictEndRequestSerializer(Body):
    conflict = IdField(help_text="The `declared_conflict` of one of the candidates.")
    ends_on = serializers.DateField(help_text="The first day on which it no longer holds.")
    reason = serializers.CharField(max_length=2_000, help_text="In 10 or more characters. It is kept.")


class ConflictEndedSerializer(serializers.Serializer):
    conflict = serializers.IntegerField()
    name = serializers.CharField(help_text="Whose it was.")
    ends_on = serializers.DateField()


class DeclaredSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    has_conflict = serializers.BooleanField()
    is_assigned = serializers.BooleanField(help_text="false: you have left the case.")


class ReopenRequestSerializer(Body):
    reason = serializers.CharField(max_length=2_000, help_text="In a sentence of 10 or more characters. It is kept.")


class ReopenedSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    assignment = serializers.IntegerField()
    has_finished = serializers.BooleanField()


class CaseAssign(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        case_or_404(request, case)

    @extend_schema(
        operation_id="assignment_list",
        tags=TAG,
        parameters=[CASE],
        responses=CaseAssignmentSerializer,
        examples=[examples.answer(case_examples.ASSIGNMENT)],
    )
    def get(self, request: Request, case: int) -> Response:
        """Who is assigned, and who could be, with what each has to do and known conflicts of interest. The ETag stands
        for who is assigned."""
        self.read_query(request)
        return told(case_or_404(request, case))

    @extend_schema(
        operation_id="assignment_put",
        tags=TAG,
        parameters=[CASE, IF_MATCH, IDEMPOTENCY_KEY],
        request=AssignRequestSerializer,
        responses={200: CaseAssignmentSerializer, 409: REFUSED, 412: CHANGED, 428: NO_MATCH},
        examples=[
            examples.answer(case_examples.ASSIGNMENT),
            example("Two assessors", {"lead": 41, "second": 57}),
        ],
    )
    @once
    def put(self, request: Request, case: int) -> Response:
        """Assign the two assessors. Who was assigned and is not named any more leaves the case; all are told.

        From the consensus on, who comes carries on with the levels of who leaves and gives none; name the two the other
        way round to hand over the lead. If who leaves has a conflict of interest with the firm, who comes gives levels
        of their own: what was agreed is set aside, and the case goes back to the individual scoring."""
        found = case_locked(case_or_404(request, case))
        require_match(request, team_tag(found))
        given = read_body(request, AssignRequestSerializer)
        offered = {one.membership.pk: one.membership for one in candidates()}
        if wrong := {name: NOT_OFFERED for name in ("lead", "second") if given[name] not in offered}:
            raise ValidationError(wrong)
        people = {name: offered[given[name]] for name in ("lead", "second")}
        try:
            case_assign(found, user=request.user, note=given["note"], **people)
        except CourseError as error:
            raise RefusedError.of(error) from None
        return told(found)


class ConflictEnding(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        case_or_404(request, case)

    @extend_schema(
        operation_id="conflict_end",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=ConflictEndRequestSerializer,
        responses={200: ConflictEndedSerializer, 409: REFUSED},
        examples=[
            examples.answer({"conflict": 8, "name": "Tess Moreau", "ends_on": "2026-11-02"}),
            example("Sold", {"conflict": 8, "ends_on": "2026-11-02", "reason": "Sold all shares three years ago."}),
        ],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Record from which day on a declared conflict of interest with the firm holds no more. The declaration stays
        on record, and cases in which it was declared stay as they are."""
        given = read_body(request, ConflictEndRequestSerializer)
        try:
            ended = conflict_end(case_or_404(request, case), user=request.user, **given)
        except CourseError as error:
            raise RefusedError.of(error) from None
        name = str(ended.declaration.user)
        return Response({"conflict": ended.declaration_id, "name": name, "ends_on": ended.ends_on})


class CaseDeclare(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        case_or_404(request, case)

    @extend_schema(
        operation_id="assessment_declare",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=DeclareRequestSerializer,
        responses={200: DeclaredSerializer, 409: REFUSED},
        examples=[
            examples.answer({"case": 12, "has_conflict": False, "is_assigned": True}),
            example("No conflict: take it", {"has_conflict": False}),
        ],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Declare your interests in the firm that you are assigned to assess: take the assignment, or leave the case.
        A conflict that comes up later is declared here too."""
        given = read_body(request, DeclareRequestSerializer)
        found = case_or_404(request, case)
        try:
            case_take(found, user=request.user, has_conflict=given["has_conflict"], nature=given["nature"])
        except CourseError as error:
            raise RefusedError.of(error) from None
        has_conflict = given["has_conflict"]
        return Response({"case": case, "has_conflict": has_conflict, "is_assigned": not has_conflict})


class ScoreReopen(Endpoint):
    def reach(self, request: Request, case: int, assignment: int) -> None:  # type: ignore[override]
        self._found(request, case, assignment)

    @extend_schema(
        operation_id="own_score_reopen",
        tags=TAG,
        parameters=[CASE, ASSIGNMENT, IDEMPOTENCY_KEY],
        request=ReopenRequestSerializer,
        responses={200: ReopenedSerializer, 409: REFUSED},
        examples=[
            examples.answer({"case": 12, "assignment": 31, "has_finished": False}),
            example("Why", {"reason": "Two levels were given to the wrong elements."}),
        ],
    )
    @once
    def post(self, request: Request, case: int, assignment: int) -> Response:
        """Let an assessor who has finished go on, and say why. Not once both have finished: then each may have read
        the other's levels."""
        given = read_body(request, ReopenRequestSerializer)
        found = self._found(request, case, assignment)
        try:
            stored = scoring_reopen(found, user=request.user, reason=given["reason"])
        except ScoringError as error:
            raise RefusedError(str(error)) from None
        return Response(
            {"case": case, "assignment": assignment, "has_finished": stored.finished_at is not None},
        )

    @staticmethod
    def _found(request: Request, case: int, assignment: int) -> CaseAssignment:
        rows = CaseAssignment.objects.filter(case=case_or_404(request, case), ended_on=None)
        found = rows.filter(pk=assignment).first() if assignment <= LARGEST else None
        if found is None:
            raise Http404
        return found


def team_tag(case: AssessmentCase) -> str:
    rows = team_of(case).values_list("membership", "is_lead", "accepted_at")
    return etag_of("team", case.pk, case.state, [(pk, lead, at is not None) for pk, lead, at in rows])


def told(case: AssessmentCase) -> Response:
    """As CaseAssignmentSerializer describes it."""
    people = candidates(conflicts_with(case.establishment.owner))
    declared = {one.user_id: one.pk for one in standing_with(case)}
    body: dict[str, Any] = {
        "case": case.pk,
        "assigned": [
            {
                "membership": one.membership_id,
                "name": str(one.membership.user),
                "is_lead": one.is_lead,
                "has_taken": one.accepted_at is not None,
                "carries_on_for": str(one.carries_on.membership.user) if one.carries_on else None,
            }
            for one in team_of(case).select_related("carries_on__membership__user")
        ],
        "candidates": [
            {
                "membership": one.membership.pk,
                "name": str(one.membership.user),
                "firm": str(one.membership.organisation),
                "may_lead": one.may_lead,
                "open_cases": one.open_cases,
                "leads": one.leads,
                "conflict": one.conflict,
                "declared_conflict": declared.get(one.membership.user_id),
            }
            for one in people
        ],
    }
    return Response(body, headers={"ETag": team_tag(case)})
