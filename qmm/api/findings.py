"""An assessor's own findings by machine, with their files, and finishing. Nobody else's are told here before both have
finished; afterwards they stand in the consensus."""

from typing import Any

from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.rendering import FILE_RENDERERS
from dscr.intake.files import FileError
from dscr.texts import clean
from qmm.api import case_examples, examples
from qmm.api.case_files import DAMAGED, FileSerializer, FilesRequestSerializer, file_of, files_of, sent
from qmm.api.case_shared import (
    CHANGED,
    FILE_ANSWER,
    IF_MATCH,
    LARGEST,
    MEANWHILE,
    NO_MATCH,
    TAG,
    Body,
    example,
    made,
    read_body,
)
from qmm.api.scores import CASE, ClosedError, own_or_404
from qmm.models import CaseAssignment, Finding, FindingFile
from qmm.models.blind import is_revealed
from qmm.queries.score_sheet import findings_of
from qmm.services.findings import (
    LONGEST,
    LONGEST_EVIDENCE,
    FindingChangedError,
    Given,
    finding_add,
    finding_change,
    finding_remove,
)
from qmm.services.scoring import ScoringClosedError, ScoringError, closed_words, rubric_of, scoring_finish

FINDING = OpenApiParameter("finding", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
FILE = OpenApiParameter("file", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of a finding that you may read.")
CLOSED = OpenApiResponse(description="You have finished, or the case is not in individual scoring.")
NO_ELEMENT = "The case’s version of the rubric has no such element."
WRITES = {409: CLOSED, 412: CHANGED, 428: NO_MATCH}


class FindingSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    element = serializers.CharField()
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    text = serializers.CharField()
    evidence = serializers.CharField(allow_blank=True, help_text="Documents, records, interviews.")
    files = FileSerializer(many=True, help_text="That support it.")
    updated_at = serializers.DateTimeField()
    etag = serializers.CharField(help_text="For If-Match of a write.")


class FindingsSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    closed = serializers.CharField(allow_blank=True, help_text="Why nothing can be changed now; empty where it can.")
    results = FindingSerializer(many=True, help_text="Your own, the oldest first.")


class FindingChangeSerializer(Body):
    kind = serializers.ChoiceField(choices=Finding.Kind.choices)
    text = serializers.CharField(max_length=LONGEST, trim_whitespace=False, help_text="What you found.")
    evidence = serializers.CharField(
        max_length=LONGEST_EVIDENCE, required=False, allow_blank=True, default="", trim_whitespace=False
    )

    def validate_text(self, text: str) -> str:
        if not clean(text):
            raise serializers.ValidationError("Write what you found.")
        return text


class FindingRequestSerializer(FindingChangeSerializer):
    element = serializers.CharField(max_length=4, help_text="Code in the case’s version of the rubric.")


class FinishedSerializer(serializers.Serializer):
    case = serializers.IntegerField()
    finished_at = serializers.DateTimeField()
    both_finished = serializers.BooleanField(help_text="The consensus is open to both of you.")


class FindingList(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        own_or_404(request, case)

    @extend_schema(
        operation_id="own_finding_list",
        tags=TAG,
        parameters=[CASE],
        responses=FindingsSerializer,
        examples=[
            examples.answer({"case": 12, "closed": "", "results": [case_examples.FINDING]}),
        ],
    )
    def get(self, request: Request, case: int) -> Response:
        """Your own findings of one of your cases. Your colleague's are in the consensus, once both of you have
        finished."""
        self.read_query(request)
        assignment = own_or_404(request, case)
        rows = findings_of(request.user, "give_scores").filter(assignment=assignment)
        results = [told(row) for row in rows]
        return Response({"case": case, "closed": closed_words(assignment), "results": results})

    @extend_schema(
        operation_id="own_finding_create",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=FindingRequestSerializer,
        responses={201: FindingSerializer, 409: CLOSED},
        examples=[
            made(case_examples.FINDING),
            example("An opportunity", case_examples.FINDING_REQUEST),
        ],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Add a finding of your own to an element. Files are added to it afterwards."""
        given = read_body(request, FindingRequestSerializer)
        assignment = own_or_404(request, case)
        if given["element"] not in rubric_of(assignment.case).kept_texts:
            raise ValidationError({"element": NO_ELEMENT})
        row = written(finding_add, assignment, given["element"], user=request.user, given=given_of(given))
        return answer(fresh(request, assignment, row.pk), 201)


class FindingDetail(Endpoint):
    def reach(self, request: Request, case: int, finding: int) -> None:  # type: ignore[override]
        own_finding(request, case, finding)

    @extend_schema(
        operation_id="own_finding_detail",
        tags=TAG,
        parameters=[CASE, FINDING],
        responses=FindingSerializer,
        examples=[examples.answer(case_examples.FINDING)],
    )
    def get(self, request: Request, case: int, finding: int) -> Response:
        """One finding of your own."""
        self.read_query(request)
        row = own_finding(request, case, finding)
        return not_modified(request, tag(row)) or answer(row)

    @extend_schema(
        operation_id="own_finding_put",
        tags=TAG,
        parameters=[CASE, FINDING, IF_MATCH, IDEMPOTENCY_KEY],
        request=FindingChangeSerializer,
        responses={200: FindingSerializer} | WRITES,
        examples=[
            examples.answer(case_examples.FINDING),
            example("New words", case_examples.FINDING_CHANGE),
        ],
    )
    @once
    def put(self, request: Request, case: int, finding: int) -> Response:
        """Put new words for one of your findings. Earlier ones are kept; its element stays."""
        row = own_finding(request, case, finding)
        require_match(request, tag(row))
        given = read_body(request, FindingChangeSerializer)
        written(finding_change, row, user=request.user, version=row.version, given=given_of(given))
        return answer(fresh(request, row.assignment, row.pk))

    @extend_schema(
        operation_id="own_finding_delete",
        tags=TAG,
        parameters=[CASE, FINDING, IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses={204: None} | WRITES,
    )
    @once
    def delete(self, request: Request, case: int, finding: int) -> Response:
        """Take one of your findings out. The database keeps it."""
        row = own_finding(request, case, finding)
        require_match(request, tag(row))
        written(finding_remove, row, user=request.user, version=row.version)
        return Response(status=204)


class FindingFiles(Endpoint):
    parser_classes = (MultiPartParser,)

    def reach(self, request: Request, case: int, finding: int) -> None:  # type: ignore[override]
        own_finding(request, case, finding)

    @extend_schema(
        operation_id="own_finding_file_create",
        tags=TAG,
        parameters=[CASE, FINDING, IF_MATCH, IDEMPOTENCY_KEY],
        request={"multipart/form-data": FilesRequestSerializer},
        responses={201: FindingSerializer} | WRITES,
        examples=[made(case_examples.FINDING)],
    )
    @once
    def post(self, request: Request, case: int, finding: int) -> Response:
        """Add files to one of your findings: all of them or none. A file is never changed or taken out."""
        row = own_finding(request, case, finding)
        require_match(request, tag(row))
        given = Given(row.kind, row.text, row.evidence, files_of(request))
        written(finding_change, row, user=request.user, version=row.version, given=given)
        return answer(fresh(request, row.assignment, row.pk), 201)


class FindingFileDetail(Endpoint):
    renderer_classes = FILE_RENDERERS

    @extend_schema(
        operation_id="finding_file_download",
        tags=TAG,
        parameters=[CASE, FILE],
        responses=FILE_ANSWER | {409: DAMAGED},
    )
    def get(self, request: Request, case: int, file: int) -> HttpResponseBase:
        """One file of a finding, byte by byte as it was given: your own, and once both have finished the other's."""
        self.read_query(request)
        rows = FindingFile.objects.for_user(request.user, "read_scores").select_related("finding")
        if max(case, file) > LARGEST:
            raise Http404
        return sent(request, rows.filter(pk=file, finding__assignment__case=case).first())


class ScoresFinish(Endpoint):
    def reach(self, request: Request, case: int) -> None:  # type: ignore[override]
        own_or_404(request, case)

    @extend_schema(
        operation_id="own_score_finish",
        tags=TAG,
        parameters=[CASE, IDEMPOTENCY_KEY],
        request=None,
        responses={200: FinishedSerializer, 409: OpenApiResponse(description="Levels lack, or it is closed.")},
        examples=[examples.answer(case_examples.FINISHED)],
    )
    @once
    def post(self, request: Request, case: int) -> Response:
        """Finish: every element has your level, and from now on your levels, notes and findings stay as they are."""
        stored = written(scoring_finish, own_or_404(request, case), user=request.user)
        return Response({"case": case, "finished_at": stored.finished_at, "both_finished": is_revealed(case)})


def written(service: Any, *args: Any, **kwargs: Any) -> Any:
    """What the service gives, its refusals as problems."""
    try:
        return service(*args, **kwargs)
    except FindingChangedError:
        raise PreconditionFailedError(MEANWHILE) from None
    except (ScoringClosedError, ScoringError) as error:
        raise ClosedError(str(error)) from None
    except FileError as error:
        raise ValidationError({"files": str(error)}) from None


def given_of(body: dict[str, Any]) -> Given:
    return Given(body["kind"], clean(body["text"]), clean(body["evidence"]))


def own_finding(request: Request, case: int, pk: int) -> Finding:
    return fresh(request, own_or_404(request, case), pk)


def fresh(request: Request, assignment: CaseAssignment, pk: int) -> Finding:
    rows = findings_of(request.user, "give_scores").filter(assignment=assignment).select_related("assignment")
    row = rows.filter(pk=pk).first() if pk <= LARGEST else None
    if row is None:
        raise Http404
    return row


def answer(row: Finding, status: int = 200) -> Response:
    return Response(told(row), status=status, headers={"ETag": tag(row)})


def tag(row: Finding) -> str:
    return etag_of("finding", row.pk, row.version)


def told(row: Finding) -> dict[str, Any]:
    """As FindingSerializer describes it; the files must have been read along."""
    texts = {name: getattr(row, name) for name in ("element", "kind", "text", "evidence", "updated_at")}
    return {"id": row.pk, **texts, "files": [file_of(file) for file in row.files.all()], "etag": tag(row)}
