"""Dated results of other programs on an establishment, by machine: shown beside its assessments and never scored."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.rendering import FILE_RENDERERS, OrjsonParser
from dscr.audit.notes import note
from dscr.intake.files import FileError
from qmm.api import case_examples, examples
from qmm.api.case_files import DAMAGED, FILES_HELP, FileSerializer, file_of, sent
from qmm.api.case_shared import FILE_ANSWER, LARGEST, Body, example, made, none_here, read_body, require
from qmm.api.serializers import EvidenceSerializer
from qmm.api.sites import TAG, checked, site_or_404
from qmm.api.views import ID
from qmm.forms import EvidenceForm
from qmm.models import Establishment, SiteEvidence, SiteEvidenceFile
from qmm.services.site_evidence import NOT_YOURS, evidence_of, evidence_record, evidence_take_back, may_void

EVIDENCE = OpenApiParameter("evidence", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
EVIDENCE_FILE = OpenApiParameter(
    "evidence_file", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list."
)
RECORDERS = "An attestor or an establishment contact of the owner, or the program operator, records and voids evidence."
LONGEST_REASON = 300


class EvidenceConflictError(ProblemError):
    status_code, code = 409, "evidence-conflict"


class EvidenceRecordSerializer(EvidenceSerializer):
    id = serializers.IntegerField()
    recorded_by = serializers.CharField(
        allow_null=True, help_text="The organization, which may void it; null where only the program operator may."
    )
    recorded_at = serializers.DateTimeField()
    files = FileSerializer(many=True, help_text="The certificate or report that was given with it.")


class EvidenceRecordsSerializer(serializers.Serializer):
    results = EvidenceRecordSerializer(many=True, help_text="The newest first, without what was voided.")


class EvidenceRequestSerializer(Body):
    kind = serializers.ChoiceField(choices=SiteEvidence.Kind.choices)
    result = serializers.CharField(max_length=300, help_text="What was found, as its issuer says it.")
    issuer = serializers.CharField(max_length=200)
    dated_on = serializers.DateField(help_text="Today or earlier.")
    valid_until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The last day, where its issuer gives one."
    )


class EvidenceFormSerializer(EvidenceRequestSerializer):
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), required=False, default=list, help_text=FILES_HELP
    )


class EvidenceVoidSerializer(Body):
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Why it is shown no more.")


class EvidenceList(Endpoint):
    parser_classes = (OrjsonParser, MultiPartParser)
    site: Establishment

    def reach(self, request: Request, pk: int) -> None:  # type: ignore[override]
        site_or_404(request, pk, "read_site_evidence")
        require(request, "record_evidence", RECORDERS)
        self.site = site_or_404(request, pk, "record_evidence")

    @extend_schema(
        operation_id="evidence_list",
        tags=TAG,
        parameters=[ID],
        responses=EvidenceRecordsSerializer,
        examples=[examples.answer({"results": [case_examples.EVIDENCE]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """What other programs found at an establishment, such as a HIRC badge or an ISPE APQ result. It is shown beside
        the assessments and counts in no score."""
        self.read_query(request)
        site = site_or_404(request, pk, "read_site_evidence")
        note(request, "viewed", site, detail="evidence")
        rows = evidence_read(request, site).filter(voided_at=None)
        return Response({"results": [evidence_row(row) for row in rows]})

    @extend_schema(
        operation_id="evidence_create",
        tags=TAG,
        parameters=[ID, IDEMPOTENCY_KEY],
        request={"application/json": EvidenceRequestSerializer, "multipart/form-data": EvidenceFormSerializer},
        responses={201: EvidenceRecordSerializer},
        examples=[made(case_examples.EVIDENCE), example("A badge", case_examples.EVIDENCE_REQUEST)],
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        """Record what another program found; send a form where files go with it: all is stored or nothing. By the owner
        and the program operator; anyone else who may read the list gets 403."""
        given = read_body(request, EvidenceFormSerializer)
        files = given.pop("files")
        form = EvidenceForm(given, instance=evidence_of(self.site, user=request.user))
        checked(form)
        try:
            evidence = evidence_record(form.save(commit=False), files, user=request.user)
        except FileError as error:
            raise ValidationError({"files": str(error)}) from None
        return Response(evidence_row(evidence_read(request, self.site).get(pk=evidence.pk)), status=201)


class EvidenceVoid(Endpoint):
    evidence: SiteEvidence

    def reach(self, request: Request, pk: int, evidence: int) -> None:  # type: ignore[override]
        rows = evidence_read(request, site_or_404(request, pk, "read_site_evidence"))
        found = rows.filter(pk=evidence).first() if evidence <= LARGEST else None
        self.evidence = found or none_here()
        require(request, "record_evidence", RECORDERS)
        if not may_void(request.user, self.evidence):
            raise PermissionDenied(NOT_YOURS)

    @extend_schema(
        operation_id="evidence_void",
        tags=TAG,
        parameters=[ID, EVIDENCE, IDEMPOTENCY_KEY],
        request=EvidenceVoidSerializer,
        responses={204: None, 409: OpenApiResponse(description="It is voided already.")},
        examples=[example("An expired badge", {"reason": "Its issuer took it back."})],
    )
    @once
    def post(self, request: Request, pk: int, evidence: int) -> Response:
        """Void it, with a reason: it is shown no more, and kept. By the organization that recorded it and the program
        operator."""
        given = read_body(request, EvidenceVoidSerializer)
        if not evidence_take_back(self.evidence, reason=given["reason"]):
            raise EvidenceConflictError("It is voided already.")
        return Response(status=204)


class EvidenceFileDetail(Endpoint):
    renderer_classes = FILE_RENDERERS

    @extend_schema(
        operation_id="evidence_file_download",
        tags=TAG,
        parameters=[ID, EVIDENCE_FILE],
        responses=FILE_ANSWER | {409: DAMAGED},
    )
    def get(self, request: Request, pk: int, evidence_file: int) -> HttpResponseBase:
        """One file of a piece of evidence, byte by byte as it was given."""
        self.read_query(request)
        rows = SiteEvidenceFile.objects.for_user(request.user, "read_site_evidence").select_related("evidence")
        if max(pk, evidence_file) > LARGEST:
            none_here()
        return sent(request, rows.filter(pk=evidence_file, evidence__establishment=pk).first())


def evidence_read(request: Request, site: Establishment) -> Any:
    rows = SiteEvidence.objects.for_user(request.user, "read_site_evidence").filter(establishment=site)
    return rows.select_related("recorded_for").prefetch_related("files")


def evidence_row(row: SiteEvidence) -> dict[str, Any]:
    """As EvidenceRecordSerializer describes it; the files must have been read along."""
    names = ("kind", "result", "issuer", "dated_on", "valid_until", "recorded_at")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in names},
        "recorded_by": str(row.recorded_for) if row.recorded_for else None,
        "files": [file_of(file) for file in row.files.all()],
    }
