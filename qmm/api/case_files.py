"""Files for everybody on a case: listed, added and sent by machine."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.rendering import FILE_RENDERERS
from dscr.evidence.downloads import DamagedFileError, evidence_response
from dscr.evidence.kinds import ALLOWED, KINDS
from dscr.evidence.models import EvidenceFile
from dscr.intake.files import FileError
from qmm.api import case_examples, examples
from qmm.api.case_shared import (
    CASE,
    FILE_ANSWER,
    LARGEST,
    REFUSED,
    TAG,
    DamagedError,
    RefusedError,
    made,
    taken_or_404,
)
from qmm.models import AssessmentCase, CaseFile
from qmm.services.case_files import case_files_add
from qmm.services.course import CourseError

CASE_FILE = OpenApiParameter("case_file", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
DAMAGED = OpenApiResponse(description="What is stored is not what was given, so it is not sent.")
KIND_CHOICES = [(kind.code, kind.word) for kind in KINDS.values()]
FILES_HELP = f"{ALLOWED}; at most {settings.EVIDENCE_MOST_MIB} MiB each. May be repeated."


class FileSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField(help_text="Of the bytes, in hexadecimal.")
    given_at = serializers.DateTimeField()


class CaseFileSerializer(FileSerializer):
    given_by = serializers.CharField(help_text="The organization.")


class CaseFilesSerializer(serializers.Serializer):
    results = CaseFileSerializer(many=True, help_text="The oldest first.")


class FilesRequestSerializer(serializers.Serializer):
    """For the schema; `files_of` reads the parts."""

    files = serializers.ListField(child=serializers.FileField(), help_text=FILES_HELP)


class CaseFileList(Endpoint):
    parser_classes = (MultiPartParser,)

    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        taken_or_404(request, case)

    @extend_schema(
        operation_id="case_file_list",
        tags=TAG,
        parameters=[CASE],
        responses=CaseFilesSerializer,
        examples=[examples.answer({"results": [case_examples.FILE]})],
    )
    def get(self, request: Request, case: int) -> Response:
        """The files that the establishment and the program operator gave to everybody on the case."""
        self.read_query(request)
        found, _ = taken_or_404(request, case)
        return Response({"results": files_told(request, found)})

    @extend_schema(
        operation_id="case_file_create",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request={"multipart/form-data": FilesRequestSerializer},
        responses={201: CaseFilesSerializer, 409: REFUSED},
        examples=[made({"results": [case_examples.FILE]})],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Add files, such as a site master file or an agenda: all of them or none. By the establishment and the program
        operator, while the assessment is under way."""
        found, sides = taken_or_404(request, case)
        files = files_of(request)
        try:
            case_files_add(found, sides, user=request.user, files=files)
        except CourseError as error:
            raise RefusedError.of(error) from None
        except FileError as error:
            raise ValidationError({"files": str(error)}) from None
        return Response({"results": files_told(request, found)}, status=201)


class CaseFileDetail(Endpoint):
    renderer_classes = FILE_RENDERERS

    @extend_schema(
        operation_id="case_file_download",
        tags=TAG,
        parameters=[CASE, CASE_FILE],
        responses=FILE_ANSWER | {409: DAMAGED},
    )
    def get(self, request: Request, case: int, case_file: int) -> HttpResponseBase:
        """One file, byte by byte as it was given."""
        self.read_query(request)
        found, _ = taken_or_404(request, case)
        rows = CaseFile.objects.for_user(request.user, "read_cases").filter(case=found)
        return sent(request, rows.filter(pk=case_file).first() if case_file <= LARGEST else None)


def sent(request: Request, row: EvidenceFile | None) -> HttpResponseBase:
    """The file of a row that the reader's own queryset gave. Http404."""
    if row is None:
        raise Http404
    try:
        return evidence_response(request, row)
    except DamagedFileError:
        raise DamagedError(
            f"“{row.name}” is damaged or gone. It is not sent; ask who gave it to add it again."
        ) from None


def files_of(request: Request) -> list[Any]:
    """The parts named `files`; ValidationError where there is none, or another part too."""
    if unknown := [name for name in request.data if name != "files"]:
        raise ValidationError(dict.fromkeys(unknown, "Unknown. Known is: files."))
    files = request.FILES.getlist("files")
    if not files:
        raise ValidationError({"files": "Give at least one file."})
    return files


def file_of(row: EvidenceFile) -> dict[str, Any]:
    """As FileSerializer describes it."""
    return {name: getattr(row, name) for name in ("name", "kind", "size", "sha256", "given_at")} | {"id": row.pk}


def files_told(request: Request, case: AssessmentCase) -> list[dict[str, Any]]:
    rows = CaseFile.objects.for_user(request.user, "read_cases").filter(case=case).select_related("organisation")
    return [file_of(row) | {"given_by": str(row.organisation)} for row in rows]
