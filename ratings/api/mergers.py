"""Merges of two records of one establishment, by machine: seen before they are made, made, listed and undone."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError, QueryError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.pagination import ID_KEY, PageQuery, page_of
from dscr.audit.notes import note, note_each
from products.api.examples import answer, page
from qmm.api.case_shared import LARGEST, Body, IdField, example, made, none_here, read_body, require
from qmm.models import Establishment, EstablishmentMerge
from qmm.services.establishment_merge import MergeRefusedError
from ratings.api import merge_examples as examples
from ratings.api.merge_shapes import (
    MOST_NODES,
    MergePreviewSerializer,
    MergeRecordSerializer,
    MergeSerializer,
    effect_told,
    joint_told,
    merge_told,
    moved_told,
    moving_told,
    record_told,
)
from ratings.mergers.queries import assessors_of, merge_list, site_records, touching
from ratings.mergers.sentences import access_words
from ratings.mergers.services import (
    MergePreview,
    PairChangedError,
    establishments_merge,
    merge_preview,
    merge_undo,
)
from ratings.queries.figures_effect import effect_sentence

TAG = ["merges"]
MERGERS = "The program operator merges records, undoes it and finds that a pair is two sites."
MERGE = OpenApiParameter("merge", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
REFUSED = OpenApiResponse(description="It cannot be done; `unmet` says why and what to do.")
CHANGED = "Something that would move changed since you looked. Nothing was merged: read what moves now, then confirm."
LONGEST_REASON = 1_000
REASON_HELP = "In a sentence that somebody understands in five years."


class MergeConflictError(ProblemError):
    status_code, code = 409, "merge-refused"

    @classmethod
    def of(cls, error: MergeRefusedError) -> "MergeConflictError":
        return cls(" ".join(error.reasons), unmet=error.reasons)


class MergeQuery(PageQuery):
    establishment = IdField(required=False, help_text="By which another record was joined to it, or it to another.")


class MergePreviewQuery(serializers.Serializer):
    stays = IdField(help_text="The record that is going to stand for both.")
    goes = IdField(help_text="The record that is going to lead to it.")


class MergeRequestSerializer(Body):
    stays = IdField()
    goes = IdField()
    seen = serializers.CharField(max_length=40, help_text="Of the preview that you read.")
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text=REASON_HELP)


class MergeUndoSerializer(Body):
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text=REASON_HELP)


class MergePreviewOf(Endpoint):
    query = MergePreviewQuery

    @extend_schema(
        operation_id="merge_preview",
        tags=TAG,
        parameters=[MergePreviewQuery],
        responses=MergePreviewSerializer,
        examples=[answer(examples.PREVIEW)],
    )
    def get(self, request: Request) -> Response:
        """What a merge of two records would do, found by doing it and taking it back: what moves, what becomes of the
        products' scores, who reads what afterwards. Nothing is stored."""
        query = self.read_query(request)
        refuse_unknown_sites(request, query, QueryError)
        preview = merge_preview(query["stays"], query["goes"])
        note_each(request, "viewed", [preview.stays, preview.goes], detail="preview of a merge, with supply nodes")
        return Response(preview_told(preview))


class MergeList(Endpoint):
    query = MergeQuery

    def reach(self, request: Request) -> None:  # type: ignore[override]
        require(request, "merge_establishments", MERGERS)

    @extend_schema(
        operation_id="merge_list",
        tags=TAG,
        parameters=[MergeQuery],
        responses=page_of(MergeSerializer),
        examples=[page(examples.MERGE)],
    )
    def get(self, request: Request) -> Response:
        """Merges in the order in which they were made, undone ones too."""
        query = self.read_query(request)
        rows = merge_list(request.user).defer("moved")
        if "establishment" in query:
            rows = rows.filter(touching(query["establishment"]))
        return Response(ID_KEY.page(request, query, rows, lambda found: [merge_told(row) for row in found]))

    @extend_schema(
        operation_id="merge_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=MergeRequestSerializer,
        responses={
            201: MergeRecordSerializer,
            409: REFUSED,
            412: OpenApiResponse(description="Something that would move changed since the preview."),
        },
        examples=[made(examples.MERGE_RECORD), example("One plant", examples.MERGE_REQUEST)],
    )
    @once
    def post(self, request: Request) -> Response:
        """Merge two records, as the preview told it: all of it or nothing. The products at the site are recomputed and
        published anew. It can be undone by its record."""
        given = read_body(request, MergeRequestSerializer)
        refuse_unknown_sites(request, given, serializers.ValidationError)
        told = {"reason": given["reason"], "user": request.user, "seen": given["seen"]}
        try:
            merge = establishments_merge(given["stays"], given["goes"], **told)
        except MergeRefusedError as error:
            raise MergeConflictError.of(error) from None
        except PairChangedError:
            raise PreconditionFailedError(CHANGED) from None
        return Response(merge_record(merge_or_404(request, merge.pk)), status=201)


class MergeDetail(Endpoint):
    @extend_schema(
        operation_id="merge_detail",
        tags=TAG,
        parameters=[MERGE],
        responses=MergeRecordSerializer,
        examples=[answer(examples.MERGE_RECORD)],
    )
    def get(self, request: Request, merge: int) -> Response:
        """One merge, with how much moved."""
        self.read_query(request)
        found = merge_or_404(request, merge)
        note(request, "viewed", found)
        return unless_known(request, merge_record(found))


class MergeUndo(Endpoint):
    merge: EstablishmentMerge

    def reach(self, request: Request, merge: int) -> None:  # type: ignore[override]
        self.merge = merge_or_404(request, merge)
        require(request, "merge_establishments", MERGERS)

    @extend_schema(
        operation_id="merge_undo",
        tags=TAG,
        parameters=[MERGE, IDEMPOTENCY_KEY],
        request=MergeUndoSerializer,
        responses={200: MergeRecordSerializer, 409: REFUSED},
        examples=[answer(examples.MERGE_UNDONE), example("Two plants", {"reason": examples.TWO_SITES})],
    )
    @once
    def post(self, request: Request, merge: int) -> Response:
        """Undo a merge: exactly what its record names goes back, or nothing where some of it was changed since."""
        given = read_body(request, MergeUndoSerializer)
        try:
            merge_undo(self.merge, reason=given["reason"], user=request.user)
        except MergeRefusedError as error:
            raise MergeConflictError.of(error) from None
        return Response(merge_record(merge_or_404(request, merge)))


def refuse_unknown_sites(request: Request, given: dict[str, Any], error: type[serializers.ValidationError]) -> None:
    rows = Establishment.objects.for_user(request.user, "merge_establishments")
    there = set(rows.filter(pk__in=[given["stays"], given["goes"]]).values_list("pk", flat=True))
    if wrong := [name for name in ("stays", "goes") if given[name] not in there]:
        raise error({name: f"There is no establishment with the id {given[name]}." for name in wrong})


def merge_or_404(request: Request, pk: int) -> EstablishmentMerge:
    return (merge_list(request.user).filter(pk=pk).first() if pk <= LARGEST else None) or none_here()


def merge_record(merge: EstablishmentMerge) -> dict[str, Any]:
    return merge_told(merge) | moved_told(merge.moved)


def preview_told(preview: MergePreview) -> dict[str, Any]:
    """As MergePreviewSerializer describes it."""
    stays, goes = preview.stays, preview.goes
    records = site_records([stays.pk, goes.pk])
    told: dict[str, Any] = {
        "stays": record_told(records[stays.pk]),
        "goes": record_told(records[goes.pk]),
        "refusals": preview.problems,
        "seen": preview.seen or None,
        "summary": "",
        "moved": None,
        "filled": [],
        "moving_nodes": [moving_told(node) for node in preview.nodes.moving[:MOST_NODES]],
        "joined_nodes": [joint_told(joint) for joint in preview.nodes.joints[:MOST_NODES]],
        "products": preview.product_count,
        "products_scored": None if preview.effects is None else len(preview.effects),
        "effect": effect_sentence(preview.effects) if preview.effects else "",
        "effects": [effect_told(row) for row in preview.effects or () if row.change or row.moves_band],
        "access": [],
    }
    if preview.problems:
        return told
    return told | moved_told(preview.moved) | {"access": access_words(stays, goes, assessors_of(stays, goes))}
