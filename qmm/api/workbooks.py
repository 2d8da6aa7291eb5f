"""An assessor's own form as a workbook by machine: taken along, checked when it comes back, and stored as reported."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.errors import TooLargeError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.rendering import FILE_RENDERERS
from dscr.audit.notes import note
from dscr.intake.sheets import MOST_BYTES, too_large
from qmm.api import examples, workbook_examples
from qmm.api.case_shared import Body, example, read_body
from qmm.api.findings import CLOSED
from qmm.api.scores import CASE, TAG, ClosedError, own_or_404
from qmm.models import Finding
from qmm.queries.score_sheet import score_sheet
from qmm.scoring.workbook import workbook_of
from qmm.scoring.workbook_plan import PlanError, plan_of, plan_read, plan_store
from qmm.scoring.workbook_reading import CellChange, NewFinding, Reading, read_workbook
from qmm.scoring.workbook_views import XLSX, xlsx_response
from qmm.services.scoring import FIELDS, ScoringClosedError, ScoringError

MOST_TAKEN = 200  # twice as many as a rubric of 99 elements would have


class WorkbookRequestSerializer(serializers.Serializer):
    """For the schema; `file_of` reads the part."""

    file = serializers.FileField(help_text=f"The workbook, filled in; at most {MOST_BYTES >> 20} MiB.")


class WorkbookChangeSerializer(serializers.Serializer):
    cell = serializers.CharField(help_text="Such as Levels C5.")
    key = serializers.CharField(help_text="Element and text, such as MC1.level: for `take`.")
    element = serializers.CharField()
    text = serializers.ChoiceField(choices=FIELDS)
    stored = serializers.CharField(allow_blank=True, help_text="Stands in the form now.")
    given = serializers.CharField(help_text="Stands in the workbook.")
    clashes = serializers.BooleanField(help_text="The form was changed too since the workbook was made: you choose.")


class WorkbookFindingSerializer(serializers.Serializer):
    cell = serializers.CharField()
    element = serializers.CharField()
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    text = serializers.CharField()
    evidence = serializers.CharField(allow_blank=True)


class WorkbookReportSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    closed = serializers.CharField(allow_blank=True, help_text="Why nothing can be stored now; empty where it can.")
    changes = WorkbookChangeSerializer(many=True, help_text="Levels and notes, in the order of the workbook.")
    findings = WorkbookFindingSerializer(many=True, help_text="New ones.")
    plan = serializers.CharField(help_text="All of this, sealed, for `store/`.")


class WorkbookStoreSerializer(Body):
    plan = serializers.CharField(help_text="As the check gave it.")
    take = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        max_length=MOST_TAKEN,
        help_text="Keys of clashing texts of which the workbook’s is taken; of the others the form’s stays.",
    )


class WorkbookStoredSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    texts = serializers.IntegerField(help_text="Levels and notes that were stored.")
    findings = serializers.IntegerField(help_text="New findings that were stored.")


class OwnWorkbook(Endpoint):
    renderer_classes = FILE_RENDERERS

    @extend_schema(
        operation_id="own_score_workbook_download",
        tags=TAG,
        parameters=[CASE],
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, case: int) -> HttpResponse:
        """Your own form of one of your cases as an Excel workbook, to be filled in without a network: levels and notes
        beside the anchors, and room for findings. Keep it to yourself while your colleague has not finished."""
        self.read_query(request)
        assignment = own_or_404(request, case)
        content = workbook_of(score_sheet(request.user, assignment), timezone.now())
        note(request, "exported", assignment.case, detail="own levels as a workbook")
        return xlsx_response(content, assignment)


class OwnWorkbookCheck(Endpoint):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="own_score_workbook_check",
        tags=TAG,
        parameters=[CASE],
        request={"multipart/form-data": WorkbookRequestSerializer},
        responses=WorkbookReportSerializer,
        examples=[examples.answer(workbook_examples.REPORT)],
    )
    def post(self, request: Request, case: int) -> Response:
        """Check a workbook that was filled in: what it would change, cell by cell. Nothing is stored. A blank cell
        changes nothing. Where something in it is wrong, `errors` names every cell."""
        assignment = own_or_404(request, case)
        form = score_sheet(request.user, assignment)
        reading = read_workbook(file_of(request), form)
        if reading.faults:
            said = [f"{fault.place}: {fault.message}" if fault.place else fault.message for fault in reading.faults]
            raise ValidationError({"file": said})
        report = told(reading) | {"plan": plan_of(reading, assignment)}
        return Response({"case": case, "closed": form.closed, **report})


class OwnWorkbookStore(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        own_or_404(request, case)

    @extend_schema(
        operation_id="own_score_workbook_store",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=WorkbookStoreSerializer,
        responses={200: WorkbookStoredSerializer, 409: CLOSED},
        examples=[
            examples.answer(workbook_examples.STORED),
            example("The workbook’s notes", workbook_examples.STORE),
        ],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Store what the check reported, all of it or nothing. Refused where you changed one of these texts since: then
        send the file once more. Earlier texts are kept."""
        given = read_body(request, WorkbookStoreSerializer)
        assignment, take = own_or_404(request, case), given.get("take", [])
        try:
            plan = plan_read(given["plan"], assignment)
        except PlanError as error:
            raise ValidationError({"plan": str(error)}) from None
        if unknown := [key for key in take if key not in plan.clashes]:
            raise ValidationError({"take": [f"{key} does not clash in this report." for key in unknown]})
        try:
            texts = plan_store(plan, assignment, user=request.user, take=take)
        except (PlanError, ScoringClosedError, ScoringError) as error:
            raise ClosedError(str(error)) from None
        except (KeyError, ValueError) as error:
            raise ClosedError(f"{error} Nothing was stored: send the file once more.") from None
        return Response({"case": case, "texts": texts, "findings": len(plan.findings)})


def file_of(request: Request) -> bytes:
    """The content of the part `file`; ValidationError where there is none or another part, TooLargeError."""
    if unknown := [name for name in request.data if name != "file"]:
        raise ValidationError(dict.fromkeys(unknown, "Unknown. Known is: file."))
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise ValidationError({"file": "Give one workbook."})
    if files[0].size > MOST_BYTES:
        raise TooLargeError(too_large(files[0].size))
    return files[0].read()


def told(reading: Reading) -> dict[str, Any]:
    return {
        "changes": [change_told(change) for change in reading.changes],
        "findings": [finding_told(finding) for finding in reading.findings],
    }


def change_told(row: CellChange) -> dict[str, Any]:
    names = {"cell": str(row.place), "key": row.key, "element": row.code, "text": row.name}
    return {**names, "stored": row.stored, "given": row.given, "clashes": row.clashes}


def finding_told(row: NewFinding) -> dict[str, Any]:
    names = {"cell": str(row.place), "element": row.code, "kind": row.kind}
    return {**names, "text": row.text, "evidence": row.evidence}
