"""Assessments that were made elsewhere, by machine: a spreadsheet checked cell by cell and stored whole or not at all,
and the area scores of one FDA QMM report."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.pagination import ID_KEY, PageQuery, page_of
from dscr.intake.sheets import MOST_BYTES
from products.api import import_examples as examples
from products.api.examples import answer, page
from products.forms.fda_report import FdaReportForm
from products.imports.assessments import MOST_ROWS, Reading, read_file
from qmm.api.case_shared import Body, example, made, read_body
from qmm.models import AREAS, AssessmentImport, Establishment
from qmm.services.assessment_import import (
    CHANGED,
    ON_RECORD,
    ImportChangedError,
    ImportedRow,
    assessments_import,
)

TAG = ["assessments"]
MOST_FAULTS = 1_000  # told of one file
FILE_HELP = (
    f"XLSX or CSV, at most {MOST_BYTES >> 20} MB and {MOST_ROWS:,} rows: FEI or DUNS, Completed on, Assessor firm, and "
    "the five practice areas or all elements, each as the heading of a column."
)
ONE_FILE = OpenApiResponse(description="Something changed while the file was read, so nothing was stored.")


class FileFaultsError(ProblemError):
    """Nothing was stored; `faults` says cell by cell why."""

    status_code, code = 400, "file-faults"


class ImportConflictError(ProblemError):
    status_code, code = 409, "import-conflict"


class ImportSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=AssessmentImport.Kind.choices)
    source = serializers.CharField(help_text="The file's name, or the report's number.")
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the file, in hexadecimal; empty for a report.")
    assessments = serializers.IntegerField(help_text="How many it brought.")
    imported_by = serializers.CharField()
    imported_at = serializers.DateTimeField()


class ImportRequestSerializer(Body):
    file = serializers.FileField(allow_empty_file=True, help_text=FILE_HELP)


class FaultSerializer(serializers.Serializer):
    sheet = serializers.CharField(allow_blank=True, help_text="Empty for a CSV.")
    row = serializers.IntegerField(help_text="As the file counts; 0 where it is about the file.")
    column = serializers.CharField(allow_blank=True, help_text="Its letter.")
    heading = serializers.CharField(allow_blank=True)
    found = serializers.CharField(allow_blank=True, help_text="What stands there.")
    wrong = serializers.CharField()
    expected = serializers.CharField(allow_blank=True)


class ImportLevelsSerializer(Body):
    """Levels 1 to 5 of the five practice areas, at most three decimals."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            area: serializers.DecimalField(
                max_digits=4, decimal_places=3, min_value=Decimal(1), max_value=Decimal(5), coerce_to_string=False
            )
            for area in AREAS
        }


class ImportedAssessmentSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="Of the file.")
    establishment = serializers.IntegerField()
    name = serializers.CharField(help_text="Of the establishment.")
    completed_on = serializers.DateField()
    assessed_by = serializers.CharField()
    levels = ImportLevelsSerializer()
    elements = serializers.DictField(
        child=serializers.IntegerField(), help_text="Levels by code of the rubric; empty where areas were given."
    )


class ImportCheckSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Of the file.")
    sha256 = serializers.CharField(allow_blank=True)
    fault_count = serializers.IntegerField(help_text="With any, nothing of the file is stored.")
    faults = FaultSerializer(many=True, help_text=f"In the order of the file, at most {MOST_FAULTS:,}.")
    assessments = ImportedAssessmentSerializer(many=True, help_text="The rows without a fault.")
    establishments = serializers.IntegerField(help_text="How many they are of.")


class FdaReportRequestSerializer(Body):
    number = serializers.CharField(max_length=20, help_text="FEI or DUNS number of the establishment.")
    report = serializers.CharField(max_length=200, help_text="Number or title of the report.")
    completed_on = serializers.DateField()
    levels = ImportLevelsSerializer()


class AssessmentImports(Endpoint):
    parser_classes = (MultiPartParser,)
    query = PageQuery

    @extend_schema(
        operation_id="assessment_import_list",
        tags=TAG,
        parameters=[PageQuery],
        responses=page_of(ImportSerializer),
        examples=[page(examples.IMPORT)],
    )
    def get(self, request: Request) -> Response:
        """The imports of earlier assessments, in the order in which they were made."""
        query = self.read_query(request)
        rows = imports_of(request)
        return Response(ID_KEY.page(request, query, rows, lambda found: [import_told(row) for row in found]))

    @extend_schema(
        operation_id="assessment_import_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": ImportRequestSerializer},
        responses={201: ImportSerializer, 409: ONE_FILE},
        examples=[made(examples.IMPORT)],
    )
    @once
    def post(self, request: Request) -> Response:
        """Store the assessments of a spreadsheet: all of them, or none where a single cell is wrong; `faults` then says
        which. They count by the methodology's validity, and the products at the sites are recomputed."""
        name, sha256, reading = read_one(request)
        if reading.problems:
            count = len(reading.problems)
            said = (
                f"{count:,} fault{'' if count == 1 else 's'} found, nothing stored. Correct the file and send it again."
            )
            raise FileFaultsError(said, faults=faults_of(reading))
        told = {"kind": AssessmentImport.Kind.SPREADSHEET, "source": name, "sha256": sha256}
        try:
            record = assessments_import(reading.rows, **told, user=request.user)
        except ImportChangedError:
            raise ImportConflictError(CHANGED) from None
        return Response(import_told(record), status=201)


class AssessmentImportCheck(Endpoint):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="assessment_import_check",
        tags=TAG,
        request={"multipart/form-data": ImportRequestSerializer},
        responses={200: ImportCheckSerializer},
        examples=[answer(examples.CHECK)],
    )
    def post(self, request: Request) -> Response:
        """What storing a spreadsheet would bring, and what is wrong with it, cell by cell. Nothing is stored."""
        name, sha256, reading = read_one(request)
        sites = {row.site for row in reading.rows}
        names = dict(Establishment.objects.filter(pk__in=sites).values_list("pk", "name"))
        rows = zip(reading.lines, reading.rows, strict=True)
        body = {
            "name": name,
            "sha256": sha256,
            "fault_count": len(reading.problems),
            "faults": faults_of(reading),
            "assessments": [{"row": line, "name": names[row.site], **row_told(row)} for line, row in rows],
            "establishments": len(sites),
        }
        return Response(body)


class FdaReport(Endpoint):
    @extend_schema(
        operation_id="fda_report_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=FdaReportRequestSerializer,
        responses={
            201: ImportSerializer,
            409: OpenApiResponse(description="An assessment of that establishment and day is on record already."),
        },
        examples=[made(examples.FDA_IMPORT), example("Area scores", examples.FDA_REPORT)],
    )
    @once
    def post(self, request: Request) -> Response:
        """Record the area scores of one FDA QMM report as an assessment of the establishment."""
        given = read_body(request, FdaReportRequestSerializer)
        levels = given.pop("levels")
        form = FdaReportForm(given | {area: str(level) for area, level in levels.items()})
        if not form.is_valid():
            raise ValidationError(dict(form.errors))
        kind = AssessmentImport.Kind.FDA_REPORT
        try:
            record = assessments_import([form.row], kind=kind, source=form.cleaned_data["report"], user=request.user)
        except ImportChangedError:
            raise ImportConflictError(ON_RECORD) from None
        return Response(import_told(record), status=201)


def read_one(request: Request) -> tuple[str, str, Reading]:
    """Name, SHA-256 and content of the part `file`; ValidationError where it is missing, or another part is sent."""
    given = read_body(request, ImportRequestSerializer)
    return read_file(given["file"], timezone.localdate())


def faults_of(reading: Reading) -> list[dict[str, Any]]:
    return [problem.as_dict() for problem in reading.problems[:MOST_FAULTS]]


def row_told(row: ImportedRow) -> dict[str, Any]:
    levels = {area: float(level) for area, level in zip(AREAS, row.levels, strict=True)}
    return {
        "establishment": row.site,
        "completed_on": row.completed_on,
        "assessed_by": row.assessed_by,
        "levels": levels,
        "elements": row.elements,
    }


def imports_of(request: Request) -> Any:
    return AssessmentImport.objects.for_user(request.user, "import_assessments").select_related("imported_by")


def import_told(record: AssessmentImport) -> dict[str, Any]:
    """As ImportSerializer describes it."""
    names = ("id", "kind", "source", "sha256", "imported_at")
    told = {name: getattr(record, name) for name in names}
    return told | {"assessments": record.count, "imported_by": str(record.imported_by)}
