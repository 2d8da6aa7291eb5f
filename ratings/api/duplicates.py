"""Pairs of records that may be one establishment, by machine: listed, looked for again, and found to be two."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.pagination import ID_KEY, PageQuery, page_of
from products.api.examples import answer, page
from qmm.api.case_shared import LARGEST, Body, example, none_here, read_body, require
from qmm.models import DuplicatePair
from qmm.services.duplicates import duplicates_find, pair_apart
from ratings.api import merge_examples as examples
from ratings.api.merge_shapes import DuplicateSerializer, pair_told
from ratings.api.mergers import MERGERS, TAG, MergeConflictError
from ratings.mergers.queries import pair_rows, pairs_apart, pairs_waiting

PAIR = OpenApiParameter("pair", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
STATES = {"waiting": pairs_waiting, "apart": pairs_apart}


class DuplicateQuery(PageQuery):
    state = serializers.ChoiceField(
        choices=list(STATES),
        required=False,
        default="waiting",
        help_text="`waiting` for a decision, or found to be two sites.",
    )


class DuplicatesWaitingSerializer(serializers.Serializer):
    waiting = serializers.IntegerField(help_text="Pairs that wait for a decision now.")


class ApartSerializer(Body):
    reason = serializers.CharField(max_length=300, help_text="Why they are two sites.")


class DuplicateList(Endpoint):
    query = DuplicateQuery

    @extend_schema(
        operation_id="duplicate_list",
        tags=TAG,
        parameters=[DuplicateQuery],
        responses=page_of(DuplicateSerializer),
        examples=[page(examples.DUPLICATE)],
    )
    def get(self, request: Request) -> Response:
        """Pairs of records that may be one establishment, in the order in which they were found, with what is known of
        each record."""
        query = self.read_query(request)
        rows = STATES[query["state"]](request.user).select_related("apart_by")
        return Response(ID_KEY.page(request, query, rows, _told))


class DuplicatesFind(Endpoint):
    def reach(self, request: Request) -> None:  # type: ignore[override]
        require(request, "merge_establishments", MERGERS)

    @extend_schema(
        operation_id="duplicate_find",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=DuplicatesWaitingSerializer,
        examples=[answer({"waiting": 12})],
    )
    @once
    def post(self, request: Request) -> Response:
        """Look through all establishments again for pairs that may be one. It is done with every import besides."""
        return Response({"waiting": duplicates_find()})


class PairApart(Endpoint):
    pair: DuplicatePair

    def reach(self, request: Request, pair: int) -> None:  # type: ignore[override]
        rows = DuplicatePair.objects.for_user(request.user, "read_merges")
        self.pair = (rows.filter(pk=pair).first() if pair <= LARGEST else None) or none_here()
        require(request, "merge_establishments", MERGERS)

    @extend_schema(
        operation_id="duplicate_apart",
        tags=TAG,
        parameters=[PAIR, IDEMPOTENCY_KEY],
        request=ApartSerializer,
        responses={200: DuplicateSerializer, 409: OpenApiResponse(description="Somebody said so before.")},
        examples=[answer(examples.DUPLICATE_APART), example("Two sites", {"reason": examples.TWO_SITES})],
    )
    @once
    def post(self, request: Request, pair: int) -> Response:
        """Say that a pair is two sites. It waits no more, and stays so when it is found again."""
        given = read_body(request, ApartSerializer)
        if not pair_apart(self.pair, reason=given["reason"], user=request.user):
            raise MergeConflictError("Somebody said so before.")
        rows = DuplicatePair.objects.for_user(request.user, "read_merges").select_related("apart_by")
        return Response(_told([rows.get(pk=pair)])[0])


def _told(pairs: Iterable[DuplicatePair]) -> list[dict[str, Any]]:
    return [pair_told(row) for row in pair_rows(list(pairs))]
