"""One assessment by machine: where it stands, what may be done, its timeline, and each step of its course."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from qmm.api import case_examples, examples
from qmm.api.case_shared import (
    CASE,
    CHANGED,
    REFUSED,
    TAG,
    Body,
    NoteField,
    RefusedError,
    case_or_404,
    example,
    read_body,
)
from qmm.api.serializers import LevelsSerializer
from qmm.course.steps import PATH, STEPS, Event, Side, State
from qmm.models import AREAS, Assessment, AssessmentCase, CaseEvent, CaseSheet
from qmm.queries.case_page import CasePage, case_page, taken_case, timeline_of
from qmm.services.course import CourseError, case_locked, case_step
from qmm.services.course_conditions import unmet_for_firm
from qmm.services.course_people import sides_of

STAGE_CHOICES = [(state.value, state.label) for state in PATH]
STEP_CHOICES = [(event.value, step.does) for event, step in STEPS.items()]
DECLARE_FIRST = "Declare your interests first, and take the assignment: until then nothing of the case is yours to do."


class CaseStageSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=STAGE_CHOICES)
    label = serializers.CharField()
    standing = serializers.ChoiceField(choices=["done", "current", "ahead"])
    on = serializers.DateField(allow_null=True, help_text="When it was reached.")


class OfferSerializer(serializers.Serializer):
    step = serializers.ChoiceField(choices=STEP_CHOICES, help_text="To send to `steps/`.")
    does = serializers.CharField(help_text="In words.")
    unmet = serializers.ListField(
        child=serializers.CharField(), help_text="What still stands against it; empty where it can be taken now."
    )
    needs_note = serializers.BooleanField()
    needs_visit_on = serializers.BooleanField()
    is_main = serializers.BooleanField(help_text="It leads on.")


class AssessorSerializer(serializers.Serializer):
    assignment = serializers.IntegerField()
    name = serializers.CharField()
    firm = serializers.CharField(help_text="The assessor firm.")
    is_lead = serializers.BooleanField()
    is_you = serializers.BooleanField()
    has_taken = serializers.BooleanField(
        allow_null=True, help_text="Declared no conflict of interest and took it; null for the establishment."
    )
    has_finished = serializers.BooleanField(
        allow_null=True, help_text="The individual scoring; null for the establishment."
    )


class SheetLinkSerializer(serializers.Serializer):
    sheet = serializers.ChoiceField(choices=CaseSheet.Kind.choices)
    may_write = serializers.BooleanField(help_text="It is your turn to write it.")


class OutcomeSerializer(serializers.Serializer):
    completed_on = serializers.DateField()
    levels = LevelsSerializer(allow_null=True, help_text="null where they are not for you.")


class CaseSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    establishment = serializers.IntegerField()
    establishment_name = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=State.choices)
    next = serializers.CharField(help_text="What comes next, who does it and until when, in words.")
    due_on = serializers.DateField(allow_null=True)
    days_late = serializers.IntegerField()
    requested_on = serializers.DateField()
    visit_starts_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    rubric = serializers.CharField(allow_null=True, help_text="The version by which it is assessed, once it has one.")
    outcome = OutcomeSerializer(allow_null=True, help_text="Once it is final.")
    path = CaseStageSerializer(many=True, help_text="The states of the course, each with its day.")
    sides = serializers.ListField(
        child=serializers.ChoiceField(choices=Side.choices), help_text="On which you stand; empty for who only reads."
    )
    must_declare = serializers.BooleanField(
        help_text="You are assigned and have to declare your interests first (`declarations/`)."
    )
    notice = serializers.CharField(
        allow_blank=True, help_text="To the establishment: what stands against its request being accepted."
    )
    steps = OfferSerializer(many=True, help_text="What you may do now, the step that leads on first.")
    assessors = AssessorSerializer(many=True, help_text="The lead first.")
    may_assign = serializers.BooleanField()
    sheets = SheetLinkSerializer(many=True, help_text="Those that you may read now.")
    reads_draft = serializers.BooleanField(help_text="The factual-accuracy review is open to you.")
    may_add_files = serializers.BooleanField()


class LineSerializer(serializers.Serializer):
    event = serializers.ChoiceField(choices=Event.choices)
    said = serializers.CharField(help_text="What happened, in words.")
    came_from = serializers.CharField(allow_blank=True, help_text="The state before; empty on the first line.")
    state = serializers.ChoiceField(choices=State.choices, help_text="After it.")
    by = serializers.CharField(allow_null=True, help_text="null for what came about by itself, as its expiry.")
    role = serializers.CharField(allow_blank=True, help_text="At that time.")
    organization = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True, help_text="Of the step after it.")
    note = serializers.CharField(allow_blank=True)
    for_whom = serializers.ChoiceField(
        choices=["everybody", "not_the_establishment", "office"], help_text="Who reads the note."
    )


class TimelineSerializer(serializers.Serializer):
    results = LineSerializer(many=True, help_text="The newest first.")


class StepRequestSerializer(Body):
    step = serializers.ChoiceField(choices=STEP_CHOICES)
    from_state = serializers.ChoiceField(
        choices=State.choices, help_text="The state in which you read the case: 412 where it stands elsewhere by now."
    )
    note = NoteField(help_text="It stands in the timeline. Some steps need one: see `needs_note`.")
    visit_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="First day of the visit, where the step gives one."
    )


class CaseDetail(Endpoint):
    @extend_schema(
        operation_id="assessment_detail",
        tags=TAG,
        parameters=[CASE],
        responses=CaseSerializer,
        examples=[examples.answer(case_examples.CASE)],
    )
    def get(self, request: Request, case: int) -> Response:
        """One assessment: its course with dates, who is on it, and what you may do now, each step with what still
        stands against it."""
        self.read_query(request)
        return unless_known(request, told_case(request, case))


class CaseTimeline(Endpoint):
    @extend_schema(
        operation_id="assessment_timeline",
        tags=TAG,
        parameters=[CASE],
        responses=TimelineSerializer,
        examples=[examples.answer({"results": [case_examples.LINE]})],
    )
    def get(self, request: Request, case: int) -> Response:
        """What happened on the case, who did it and what they wrote, as far as it is for you: the establishment does
        not read notes among assessors, and only the program operator and auditors read of conflicts of interest."""
        self.read_query(request)
        found = case_or_404(request, case)
        note(request, "viewed", found)
        sides = sides_of(found, request.user)
        lines = timeline_of(found, request.user, sides)
        return Response({"results": [line_of(line, sides) for line in lines[::-1]]})


class CaseSteps(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        case_or_404(request, case)

    @extend_schema(
        operation_id="assessment_step",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=StepRequestSerializer,
        responses={200: CaseSerializer, 409: REFUSED, 412: CHANGED},
        examples=[
            examples.answer(case_examples.CASE),
            example("Schedule the visit", case_examples.SCHEDULE),
        ],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Take one step of the course. What may be taken now, and what stands against it, the case itself says.

        A refusal is 409: `detail` gives the reason, `unmet` every condition that does not hold. The same rules hold as
        on the page of the case.
        """
        given = read_body(request, StepRequestSerializer)
        found = case_locked_as_read(request, case, given["from_state"])
        if taken_case(request.user, case) is None:
            raise RefusedError(DECLARE_FIRST)
        try:
            case_step(found, given["step"], request.user, note=given["note"], visit_on=given["visit_on"])
        except CourseError as error:
            raise RefusedError.of(error) from None
        return Response(told_case(request, case))


def case_locked_as_read(request: Request, pk: int, state: str) -> AssessmentCase:
    """Held until the end of the transaction; PreconditionFailedError where it has gone on since it was read."""
    found = case_locked(case_or_404(request, pk))
    if found.state != state:
        now = found.get_state_display()
        raise PreconditionFailedError(f"The case stands at “{now}” now. Read it again, then send the step anew.")
    return found


def told_case(request: Request, pk: int) -> dict[str, Any]:
    """As CaseSerializer describes it; noted as seen. Http404."""
    case = case_or_404(request, pk)
    note(request, "viewed", case)
    page = case_page(case, request.user)
    is_firm = Side.FIRM in page.sides
    return {
        "id": case.pk,
        "establishment": case.establishment_id,
        "establishment_name": case.establishment.name,
        "owner": case.establishment.owner.name if case.establishment.owner else None,
        "state": case.state,
        "next": page.next,
        "due_on": case.due_on,
        "days_late": max(0, page.days_late),
        "requested_on": case.requested_on,
        "visit_starts_on": case.visit_starts_on,
        "closed_on": case.closed_on,
        "rubric": case.rubric.version if case.rubric else None,
        "outcome": _outcome(request, page),
        "path": [
            {"state": one.state.value, "label": one.state.label, "standing": one.standing, "on": one.on}
            for one in page.stages
        ],
        "sides": sorted(side.value for side in page.sides),
        "must_declare": page.takes,
        "notice": unmet_for_firm(case) if case.state == State.REQUESTED and is_firm else "",
        "steps": [
            {
                "step": offer.event.value,
                "does": offer.does,
                "unmet": offer.unmet,
                "needs_note": offer.needs_note,
                "needs_visit_on": offer.needs_day,
                "is_main": offer.is_main,
            }
            for offer in page.offers
        ],
        "assessors": [
            {
                "assignment": one.pk,
                "name": str(one.membership.user),
                "firm": str(one.membership.organisation),
                "is_lead": one.is_lead,
                "is_you": one == page.mine,
                "has_taken": None if is_firm else one.accepted_at is not None,
                "has_finished": None if is_firm else one.finished_at is not None,
            }
            for one in page.team
        ],
        "may_assign": page.may_assign,
        "sheets": [{"sheet": one.kind, "may_write": one.may_write} for one in page.sheets],
        "reads_draft": page.reads_draft,
        "may_add_files": page.may_add_files,
    }


def _outcome(request: Request, page: CasePage) -> dict[str, Any] | None:
    made = page.case.assessment
    if made is None:
        return None
    readable = Assessment.objects.for_user(request.user, "read_maturity").filter(pk=made.pk, voided_at=None)
    levels = {area: float(getattr(made, area)) for area in AREAS} if readable.exists() else None
    return {"completed_on": made.completed_on, "levels": levels}


def line_of(line: CaseEvent, sides: frozenset[Side]) -> dict[str, Any]:
    """As LineSerializer describes it. The establishment is not told that there was a note."""
    hidden = line.is_internal and Side.FIRM not in sides
    return {
        "event": line.event,
        "said": line.get_event_display(),
        "came_from": line.came_from,
        "state": line.state,
        "by": str(line.by) if line.by else None,
        "role": line.role,
        "organization": str(line.organisation) if line.organisation else None,
        "at": line.at,
        "due_on": line.due_on,
        "note": line.told,
        "for_whom": "office" if line.is_office else "not_the_establishment" if hidden else "everybody",
    }
