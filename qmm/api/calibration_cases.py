"""One calibration case for the program office by machine: written as a draft with the panel's levels, published, taken
out of use. Assessors meet it in qmm/api/calibration.py."""

from typing import Any

from django.core.exceptions import ValidationError as RefusedByModelError
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from dscr.texts import clean
from qmm.api import calibration_examples, examples
from qmm.api.calibration import TAG, CalibrationClosedError
from qmm.api.case_shared import (
    CHANGED,
    IF_MATCH,
    LARGEST,
    MEANWHILE,
    NO_MATCH,
    Body,
    example,
    read_body,
    require,
)
from qmm.calibration.faults import Fault, faults
from qmm.models import CalibrationCase, CalibrationItem
from qmm.queries.calibration import cases_of
from qmm.rubric import in_order
from qmm.services.calibration import (
    CaseClosedError,
    ChangedMeanwhileError,
    case_discard,
    case_publish,
    case_retire,
    case_save,
)

CALIBRATION = OpenApiParameter("calibration", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
CLOSED = "The case is no draft any more. Nothing was stored."
OPERATOR_ONLY = "Only the program operator writes calibration cases."
TEXTS = ("title", "setting", "panel")
# What a machine calls it, as on the sheets of assessors -> the column.
COLUMNS = {"seen": "evidence", "panel_level": "reference", "panel_reason": "reason"}


def longest(model: Any, column: str) -> int:
    return model._meta.get_field(column).max_length


class CaseText(serializers.CharField):
    """May stay blank until publication."""

    def __init__(self, model: Any, column: str, **kwargs: Any) -> None:
        most = longest(model, column)
        super().__init__(max_length=most, required=False, allow_blank=True, trim_whitespace=False, **kwargs)


class PanelElementSerializer(serializers.Serializer):
    element = serializers.CharField()
    name = serializers.CharField(help_text="By the case’s version of the rubric.")
    seen = serializers.CharField(allow_blank=True, help_text="What was seen and heard.")
    panel_level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, help_text="null while open.")
    panel_reason = serializers.CharField(allow_blank=True, help_text="Why the panel gives it.")


class CaseMissingSerializer(serializers.Serializer):
    element = serializers.CharField(allow_null=True, help_text="null where it is the case.")
    member = serializers.CharField(help_text="Of this body or of the element, such as `panel_reason`.")
    detail = serializers.CharField()


class CalibrationCaseSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=CalibrationCase.State.choices)
    rubric = serializers.CharField(help_text="Whose anchors are meant: `rubrics/`.")
    setting = serializers.CharField(allow_blank=True, help_text="What the site makes, its people, its past.")
    panel = serializers.CharField(allow_blank=True, help_text="Who gave the reference levels, and how.")
    updated_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)
    etag = serializers.CharField(help_text="For If-Match of a write.")
    missing = CaseMissingSerializer(many=True, help_text="What keeps a draft from being published.")
    elements = PanelElementSerializer(many=True, help_text="In the rubric’s order.")


class PanelElementChangeSerializer(Body):
    seen = CaseText(CalibrationItem, "evidence")
    panel_level = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, required=False)
    panel_reason = CaseText(CalibrationItem, "reason")


class CalibrationCaseChangeSerializer(Body):
    title = CaseText(CalibrationCase, "title")
    setting = CaseText(CalibrationCase, "setting")
    panel = CaseText(CalibrationCase, "panel")
    elements = serializers.DictField(
        child=PanelElementChangeSerializer(allow_null=True),
        required=False,
        help_text="By code. One that the case does not ask for is added; null takes one out. What is not given stays.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given:
            raise serializers.ValidationError(f"Give at least one of {', '.join(self.fields)}.")
        return given


class Editing(Endpoint):
    """Who reads cases and may not write them is told so."""

    def reach(self, request: Request, **_: Any) -> None:  # type: ignore[override]
        require(request, "edit_calibration", OPERATOR_ONLY)


class CalibrationCaseDetail(Editing):
    @extend_schema(
        operation_id="calibration_case_detail",
        tags=TAG,
        parameters=[CALIBRATION],
        responses=CalibrationCaseSerializer,
        examples=[examples.answer(calibration_examples.CASE)],
    )
    def get(self, request: Request, calibration: int) -> Response:
        """One case, whole, with the panel's levels and why it gave them; of a draft, what it lacks."""
        self.read_query(request)
        case = case_or_404(request, calibration)
        note(request, "viewed", case)
        return not_modified(request, tag(case)) or answer(case)

    @extend_schema(
        operation_id="calibration_case_patch",
        tags=TAG,
        parameters=[CALIBRATION, IF_MATCH, IDEMPOTENCY_KEY],
        request=CalibrationCaseChangeSerializer,
        responses={
            200: CalibrationCaseSerializer,
            409: OpenApiResponse(description=CLOSED),
            412: CHANGED,
            428: NO_MATCH,
        },
        examples=[
            examples.answer(calibration_examples.CASE),
            example("An element with the panel’s level", calibration_examples.CASE_PATCH),
        ],
    )
    @once
    def patch(self, request: Request, calibration: int) -> Response:
        """Write a draft: its texts, its elements, and the level that the panel gives each. A published case is never
        changed: begin a copy."""
        case = case_or_404(request, calibration)
        require_match(request, tag(case))
        given = read_body(request, CalibrationCaseChangeSerializer)
        asked, elements = set(case.items.values_list("element", flat=True)), given.get("elements", {})
        refuse_elements(case, elements, asked)
        written(
            case_save,
            case,
            user=request.user,
            revision=case.revision,
            texts={name: clean(given[name]) for name in TEXTS if name in given},
            items={code: columns(texts) for code, texts in elements.items() if texts is not None},
            add=[code for code in in_order(elements) if code not in asked],
            remove=[code for code, texts in elements.items() if texts is None],
        )
        return answer(case_or_404(request, calibration))

    @extend_schema(
        operation_id="calibration_case_delete",
        tags=TAG,
        parameters=[CALIBRATION, IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses={204: None, 409: OpenApiResponse(description=CLOSED), 412: CHANGED, 428: NO_MATCH},
    )
    @once
    def delete(self, request: Request, calibration: int) -> Response:
        """Discard a draft, which no assessor has seen. A published case is retired instead."""
        case = case_or_404(request, calibration)
        require_match(request, tag(case))
        written(case_discard, case, revision=case.revision)
        return Response(status=204)


class CalibrationCasePublish(Editing):
    @extend_schema(
        operation_id="calibration_case_publish",
        tags=TAG,
        parameters=[CALIBRATION, IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses={
            200: CalibrationCaseSerializer,
            409: OpenApiResponse(description="Something is missing (`unmet`), or the case is no draft any more."),
            412: CHANGED,
            428: NO_MATCH,
        },
        examples=[examples.answer(calibration_examples.PUBLISHED)],
    )
    @once
    def post(self, request: Request, calibration: int) -> Response:
        """Publish a draft: every assessor is told by mail, and it is never changed again."""
        case = case_or_404(request, calibration)
        require_match(request, tag(case))
        try:
            written(case_publish, case, user=request.user, revision=case.revision)
        except RefusedByModelError as error:
            said = "The case is not complete. It was not published."
            raise CalibrationClosedError(said, unmet=error.messages) from None
        return answer(case_or_404(request, calibration))


class CalibrationCaseRetire(Editing):
    @extend_schema(
        operation_id="calibration_case_retire",
        tags=TAG,
        parameters=[CALIBRATION, IDEMPOTENCY_KEY],
        request=None,
        responses={200: CalibrationCaseSerializer, 409: OpenApiResponse(description="It is not published.")},
        examples=[examples.answer(calibration_examples.RETIRED)],
    )
    @once
    def post(self, request: Request, calibration: int) -> Response:
        """Take a published case out of use. Who submitted a sheet reads it on; nobody begins a new one."""
        case = case_or_404(request, calibration)
        try:
            case_retire(case, user=request.user)
        except CaseClosedError:
            raise CalibrationClosedError("Only a published case can be retired. Nothing was changed.") from None
        return answer(case_or_404(request, calibration))


def written(service: Any, *args: Any, **kwargs: Any) -> Any:
    """What the service gives, its refusals as problems."""
    try:
        return service(*args, **kwargs)
    except CaseClosedError:
        raise CalibrationClosedError(CLOSED) from None
    except ChangedMeanwhileError:
        raise PreconditionFailedError(MEANWHILE) from None


def refuse_elements(case: CalibrationCase, elements: dict[str, Any], asked: set[str]) -> None:
    known = case.rubric.kept_texts
    wrong = {
        code: f"Version {case.rubric.version} of the rubric has no such element."
        if texts is not None
        else "The case does not ask for this element."
        for code, texts in elements.items()
        if code not in asked and (texts is None or code not in known)
    }
    if wrong:
        raise ValidationError({"elements": wrong})


def columns(texts: dict[str, Any]) -> dict[str, Any]:
    return {COLUMNS[name]: clean(value) if isinstance(value, str) else value for name, value in texts.items()}


def case_or_404(request: Request, pk: int) -> CalibrationCase:
    found = cases_of(request.user, "review_calibration").filter(pk=pk).first() if pk <= LARGEST else None
    if found is None:
        raise Http404
    return found


def tag(case: CalibrationCase) -> str:
    return etag_of("calibration-case", case.pk, case.revision, case.state)


def answer(case: CalibrationCase, status: int = 200) -> Response:
    return Response(told(case), status=status, headers={"ETag": tag(case)})


def told(case: CalibrationCase) -> dict[str, Any]:
    """As CalibrationCaseSerializer describes it."""
    items, texts = {item.element: item for item in case.items.all()}, case.rubric.texts
    is_draft = case.state == CalibrationCase.State.DRAFT
    missing = faults(case, items.values(), case.rubric.kept_texts) if is_draft else []
    codes = {item.pk: item.element for item in items.values()}
    return {
        **{name: getattr(case, name) for name in ("id", "state", *TEXTS, "updated_at", "published_at", "retired_at")},
        "rubric": case.rubric.version,
        "etag": tag(case),
        "missing": [missing_told(fault, codes) for fault in missing],
        "elements": [
            {
                "element": code,
                "name": texts.get(code, {}).get("name", ""),
                **{name: getattr(items[code], column) for name, column in COLUMNS.items()},
            }
            for code in in_order(items)
        ],
    }


def missing_told(fault: Fault, codes: dict[int, str]) -> dict[str, Any]:
    """A field of the page's form, such as reason-17, as the member of the body."""
    column, _, pk = fault.field.partition("-")
    if not pk:
        return {"element": None, "member": "elements" if column == "add" else column, "detail": fault.text}
    member = next(name for name, known in COLUMNS.items() if known == column)
    return {"element": codes[int(pk)], "member": member, "detail": fault.text}
