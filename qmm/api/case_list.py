"""The board of assessments by machine, and asking for one."""

from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.pagination import Keyset, PageQuery, page_of
from qmm.api import case_examples, examples
from qmm.api.case_detail import CaseSerializer, told_case
from qmm.api.case_shared import REFUSED, TAG, Body, IdField, NoteField, RefusedError, example, made, read_body, require
from qmm.course.steps import State
from qmm.models import AssessmentCase, Establishment
from qmm.queries.board import Row, with_team
from qmm.queries.finding import named_by
from qmm.services.course import CourseError, case_request

NOT_OWN = "This is no establishment of your organization."
YEARS = (1990, 2200)


class DayField(serializers.DateField):
    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not YEARS[0] <= day.year < YEARS[1]:
            raise serializers.ValidationError(f"Give a day from {YEARS[0]} on and before {YEARS[1]}.")
        return day


class CaseQuery(PageQuery):
    state = serializers.ChoiceField(choices=State.choices, required=False, help_text="Where the case stands.")
    closed = serializers.BooleanField(
        required=False, help_text="true: those that have ended. Without it and without `state`: those under way."
    )
    late = serializers.BooleanField(required=False, help_text="true: those with an overdue step or improvement plan.")
    assigned = serializers.ChoiceField(
        choices=["me"], required=False, help_text="`me`: those that you are assigned to as an assessor."
    )
    fei = serializers.RegexField(r"^(\d{7}|\d{10})$", required=False, help_text="Of the establishment with this FEI.")
    due_from = DayField(required=False, help_text="Whose present step is due on this day or later.")
    due_to = DayField(required=False, help_text="Whose present step is due on this day or earlier.")


class PersonSerializer(serializers.Serializer):
    name = serializers.CharField()
    firm = serializers.CharField(help_text="The assessor firm.")
    is_lead = serializers.BooleanField()


class CaseRowSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    establishment = serializers.IntegerField()
    establishment_name = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=State.choices)
    next_by = serializers.CharField(help_text="Who takes the next step, in words.")
    due_on = serializers.DateField(allow_null=True, help_text="Until when.")
    days_late = serializers.IntegerField()
    requested_on = serializers.DateField()
    visit_starts_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    assessors = PersonSerializer(many=True, help_text="The lead first.")


class CaseRequestSerializer(Body):
    establishment = IdField(required=False, help_text="Its id; or give `fei`.")
    fei = serializers.RegexField(r"^(\d{7}|\d{10})$", required=False)
    note = NoteField(help_text="Anything the program operator should know.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("establishment" in given) == ("fei" in given):
            raise serializers.ValidationError({"establishment": "Give either the id of the establishment or its FEI."})
        return given


class DueKeyset(Keyset):
    """By due date, those without one last, then by id: the longest overdue come first."""

    def __init__(self) -> None:
        super().__init__("due_on", r"(\d{4}-\d{2}-\d{2})?/[0-9]{1,18}", self._read)

    @staticmethod
    def _read(text: str) -> tuple[date | None, int]:
        day, _, pk = text.partition("/")
        return date.fromisoformat(day) if day else None, int(pk)

    def after(self, rows: QuerySet[Any], key: tuple[date | None, int]) -> QuerySet[Any]:
        day, pk = key
        if day is None:
            return rows.filter(due_on=None, pk__gt=pk)
        return rows.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=pk) | Q(due_on=None))

    def _cursor_of(self, row: dict[str, Any]) -> str:
        return super()._cursor_of({"due_on": f"{row['due_on'] or ''}/{row['id']}"})

    def key_of(self, cursor: str) -> Any:
        try:
            return super().key_of(cursor)
        except ValueError:  # such as February 30
            return super().key_of("")


DUE_KEY = DueKeyset()


class CaseList(Endpoint):
    query = CaseQuery

    def reach(self, request: Request) -> None:  # type: ignore[override]
        require(request, "request_cases", "Only the organization that owns an establishment asks for its assessment.")

    @extend_schema(
        operation_id="assessment_list",
        tags=TAG,
        parameters=[CaseQuery],
        responses=page_of(CaseRowSerializer),
        examples=[examples.answer({"next": None, "results": [case_examples.ROW]})],
    )
    def get(self, request: Request) -> Response:
        """The assessments that are yours to read: of your establishments, those you are assigned to, or all; the
        longest overdue first, those without a due date last."""
        query = self.read_query(request)
        rows = with_team(filtered(request, query)).order_by(F("due_on").asc(nulls_last=True), "pk")
        if "cursor" in query:
            rows = DUE_KEY.after(rows, DUE_KEY.key_of(query["cursor"]))
        today = timezone.localdate()
        found = [row_of(Row(case, case.team, today)) for case in rows[: query["page_size"] + 1]]
        return Response(DUE_KEY.cut(request, query, found))

    def reach_kept(self, request: Request) -> None:
        """The answer tells of a site that may have been sold since."""
        own_site(request, read_body(request, CaseRequestSerializer))

    @extend_schema(
        operation_id="assessment_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=CaseRequestSerializer,
        responses={201: CaseSerializer, 409: REFUSED},
        examples=[
            made(case_examples.REQUESTED),
            example("By FEI", {"fei": "3001000001", "note": "The second line starts in May."}),
        ],
    )
    @once
    def post(self, request: Request) -> Response:
        """Ask for the assessment of an establishment of your organization. The program operator accepts or declines."""
        given = read_body(request, CaseRequestSerializer)
        site = own_site(request, given)
        try:
            case = case_request(site, user=request.user, note=given["note"])
        except CourseError as error:
            raise RefusedError.of(error) from None
        return Response(told_case(request, case.pk), status=201)


def own_site(request: Request, given: dict[str, Any]) -> Establishment:
    named = Q(pk=given["establishment"]) if "establishment" in given else named_by("fei", given["fei"])
    site = Establishment.objects.for_user(request.user, "request_cases").standing().filter(named).first()
    if site is None:
        raise ValidationError({"fei" if "fei" in given else "establishment": NOT_OWN})
    return site


def filtered(request: Request, query: dict[str, Any]) -> QuerySet[AssessmentCase]:
    rows = AssessmentCase.objects.for_user(request.user, "read_cases")
    if "state" in query:
        rows = rows.filter(state=query["state"])
    if query.get("late"):  # as on the board: final ones too, whose improvement plan is
        rows = rows.filter(Q(closed_on=None) | Q(state=State.FINAL), due_on__lt=timezone.localdate())
    if "closed" in query or not ("state" in query or query.get("late")):
        rows = rows.filter(closed_on__isnull=not query.get("closed", False))
    if "assigned" in query:
        rows = rows.filter(AssessmentCase.assigned_rows(request.user.membership))
    if "fei" in query:
        rows = rows.filter(establishment__in=Establishment.objects.filter(named_by("fei", query["fei"])))
    if "due_from" in query:
        rows = rows.filter(due_on__gte=query["due_from"])
    if "due_to" in query:
        rows = rows.filter(due_on__lte=query["due_to"])
    return rows


def row_of(row: Row) -> dict[str, Any]:
    """As CaseRowSerializer describes it."""
    case = row.case
    return {
        "id": case.pk,
        "establishment": case.establishment_id,
        "establishment_name": case.establishment.name,
        "owner": case.establishment.owner.name if case.establishment.owner else None,
        "state": case.state,
        "next_by": row.next,
        "due_on": case.due_on,
        "days_late": row.days_late,
        "requested_on": case.requested_on,
        "visit_starts_on": case.visit_starts_on,
        "closed_on": case.closed_on,
        "assessors": [
            {
                "name": str(one.membership.user),
                "firm": str(one.membership.organisation),
                "is_lead": one.is_lead,
            }
            for one in row.team
        ],
    }
