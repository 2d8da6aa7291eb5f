"""The improvement plan of a final assessment by machine: read as a whole, and how a single action stands."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, require_match, unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.audit.notes import note
from dscr.texts import clean
from qmm.api import examples
from qmm.api.scores import IF_MATCH, TAG
from qmm.course.plans import LONGEST, LONGEST_NAME
from qmm.models import AssessmentCase, ImprovementAction, ImprovementPlan
from qmm.queries.plan import actions_of, knows_what_counts
from qmm.queries.validity import present_outcome
from qmm.services.course import CourseError
from qmm.services.course_people import sides_of
from qmm.services.plan import ActionChangedError, Given, action_change, may_change
from qmm.services.validity import last_day

Standing = ImprovementAction.Standing
CASE = OpenApiParameter("case", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of a final assessment.")
NUMBER = OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of the action in the plan.")


class PlanRefusedError(ProblemError):
    status_code, code = 409, "plan-refused"


class ActionChangeSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="added, standing, due_on, done_on, responsible or note.")
    old = serializers.CharField()
    new = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class ActionSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    element = serializers.CharField(help_text="Code in the case’s version of the rubric, as MC1.")
    what = serializers.CharField()
    responsible = serializers.CharField()
    due_on = serializers.DateField()
    target = serializers.IntegerField(min_value=2, max_value=5, help_text="The level aimed at.")
    standing = serializers.ChoiceField(choices=Standing.choices)
    done_on = serializers.DateField(allow_null=True)
    files = serializers.IntegerField(help_text="How many files show it; they are read on the page.")
    changes = ActionChangeSerializer(many=True, help_text="The oldest first; none is ever changed.")
    etag = serializers.CharField(help_text="For If-Match of a PATCH of this action.")


class PlanSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    sent_at = serializers.DateTimeField()
    no_action = serializers.CharField(help_text="Why no action is needed; empty where there are actions.")
    valid_until = serializers.DateField(help_text="The last day on which the assessment counts.")
    counts = serializers.BooleanField(
        allow_null=True,
        help_text="Whether the establishment counts by this assessment today; null for its assessors, who are not told "
        "what became of the site.",
    )
    actions = ActionSerializer(many=True)


class ActionRequestSerializer(serializers.Serializer):
    """What is left out stays as it is."""

    standing = serializers.ChoiceField(choices=Standing.choices, required=False)
    done_on = serializers.DateField(required=False, allow_null=True, help_text="With done; today where left out.")
    due_on = serializers.DateField(required=False)
    responsible = serializers.CharField(max_length=LONGEST_NAME, required=False)
    note = serializers.CharField(
        max_length=LONGEST,
        required=False,
        help_text="Why the day moves or it is dropped, or what shows that it is done.",
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(dict.fromkeys(unknown, f"Unknown. Known are: {known}."))
        return super().to_internal_value(data)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("done_on") and given.get("standing") != Standing.DONE:
            raise serializers.ValidationError({"done_on": "Give it together with the standing done."})
        return given


class Plan(Endpoint):
    @extend_schema(
        operation_id="plan_detail",
        tags=TAG,
        parameters=[CASE],
        responses=PlanSerializer,
        examples=[examples.answer(examples.PLAN)],
    )
    def get(self, request: Request, case: int) -> Response:
        """The improvement plan that was sent, with every change of its actions. 404 while there is none."""
        self.read_query(request)
        plan = plan_or_404(request, case)
        note(request, "viewed", plan.case, detail="the improvement plan")
        outcome = present_outcome(request.user, plan.case.establishment)
        is_told = knows_what_counts(plan.case, sides_of(plan.case, request.user))
        body = {
            "case": plan.case_id,
            "sent_at": plan.sent_at,
            "no_action": plan.no_action,
            "valid_until": last_day(plan.case.assessment.completed_on),
            "counts": outcome is not None and outcome.assessment.pk == plan.case.assessment_id if is_told else None,
            "actions": [told_of(action) for action in actions_of(request.user, plan.case)],
        }
        return unless_known(request, body)


class PlanAction(Endpoint):
    @extend_schema(
        operation_id="plan_action_patch",
        tags=TAG,
        parameters=[CASE, NUMBER, IF_MATCH],
        request=ActionRequestSerializer,
        responses={
            200: ActionSerializer,
            409: OpenApiResponse(description="Not now, or a reason is missing: `detail` says which."),
            412: OpenApiResponse(description="It has changed since you read it."),
            428: OpenApiResponse(description="If-Match is missing."),
        },
        examples=[
            examples.answer(examples.ACTION),
            OpenApiExample(
                "Done",
                request_only=True,
                value={"standing": "done", "done_on": "2026-11-20", "note": "Release record QA-118 of 11/20."},
            ),
        ],
    )
    def patch(self, request: Request, case: int, number: int) -> Response:
        """How an action of your own establishment's plan stands, when it is due and who is responsible."""
        plan = plan_or_404(request, case)
        action = one_of(request, plan.case, number)
        if not may_change(plan.case, sides_of(plan.case, request.user)):
            raise PlanRefusedError("The plan is not open for your changes now.")
        require_match(request, etag_of("action", action.pk, action.version))
        form = ActionRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        if not asked:
            raise ValidationError("Give at least one thing to change.")
        given = Given(
            standing=asked.get("standing"),
            done=asked["done_on"].isoformat() if asked.get("done_on") else None,
            due=asked["due_on"].isoformat() if "due_on" in asked else None,
            responsible=clean(asked["responsible"]) if "responsible" in asked else None,
            note=clean(asked.get("note", "")),
        )
        try:
            action_change(action, user=request.user, version=action.version, given=given)
        except ActionChangedError:
            raise PreconditionFailedError(
                "Somebody changed it meanwhile. Read it again and send its new ETag as If-Match."
            ) from None
        except CourseError as error:
            raise PlanRefusedError(str(error)) from None
        row = told_of(one_of(request, plan.case, number))
        return Response(row, headers={"ETag": row["etag"]})


def plan_or_404(request: Request, case: int) -> ImprovementPlan:
    """Of a case that the reader may read; one that was sent."""
    related = ("case__establishment", "case__assessment", "case__rubric")
    rows = ImprovementPlan.objects.for_user(request.user, "read_plans").filter(sent_at__isnull=False)
    plan = rows.select_related(*related).filter(case=case).first() if case < 2**63 else None
    if plan is None or not AssessmentCase.objects.for_user(request.user, "read_cases").filter(pk=case).exists():
        raise Http404
    return plan


def one_of(request: Request, case: AssessmentCase, number: int) -> ImprovementAction:
    action = next((row for row in actions_of(request.user, case) if row.number == number), None)
    if action is None:
        raise Http404
    return action


def told_of(action: ImprovementAction) -> dict[str, Any]:
    """As ActionSerializer describes it."""
    names = ("number", "element", "what", "responsible", "due_on", "target", "standing", "done_on")
    changes = [
        {name: getattr(change, name) for name in ("field", "old", "new", "note", "at")}
        for change in action.changes.all()
    ]
    return {
        **{name: getattr(action, name) for name in names},
        "files": len(action.files.all()),
        "changes": changes,
        "etag": etag_of("action", action.pk, action.version),
    }
