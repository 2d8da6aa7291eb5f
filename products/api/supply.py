"""Supply nodes by machine: the chain of a product on a day, its history, and a new chain as from a day."""

from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, etag_of, require_match, unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.audit.notes import note
from products.api import examples
from products.api.drafts import IF_MATCH
from products.api.named import AMBIGUOUS, NDC, key_named
from products.api.supply_body import node_of, read_chain
from products.forms.supply_chain import MOST_ROWS, STAGES
from products.models import Product, SupplyNode
from products.services.supply_chain import (
    ChainChangedError,
    chain_change,
    chain_on,
    fingerprint,
    nodes_of,
    planned_after,
)
from qmm.api.search import FoundSerializer

CHANGED = "Somebody changed this supply chain since you read it. Read it again and send its new ETag as If-Match."


class SupplyQuery(serializers.Serializer):
    as_of = serializers.DateField(required=False, help_text="The day to look at; today if not given.")

    def validate_as_of(self, day: date) -> date:
        if not 1990 <= day.year <= timezone.localdate().year + 10:
            raise serializers.ValidationError("Give a day from 1990 to ten years ahead.")
        return day


class SupplyNodeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    stage = serializers.ChoiceField(choices=SupplyNode.Stage.choices)
    establishment = FoundSerializer()
    share = serializers.FloatField(help_text="Of its stage, 0 to 1; 0 is a backup.")
    is_qualified = serializers.BooleanField(help_text="Named in the approved application.")
    last_batch_on = serializers.DateField(allow_null=True)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="The first day on which it no longer holds.")
    voided_at = serializers.DateTimeField(allow_null=True, help_text="Replaced on the day it began: it never held.")
    void_reason = serializers.CharField(allow_blank=True)


class PlannedSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(choices=SupplyNode.Stage.choices)
    on = serializers.DateField()


class ChainSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    as_of = serializers.DateField()
    nodes = SupplyNodeSerializer(many=True)
    planned = PlannedSerializer(
        many=True, help_text="Stages that change anyway after that day, each with the next day."
    )


class ChainHistorySerializer(serializers.Serializer):
    ndc = serializers.CharField()
    nodes = SupplyNodeSerializer(many=True, help_text="All that were ever given, the latest first, voided ones too.")


class NodeRequestSerializer(serializers.Serializer):
    """For the schema; products/api/supply_body.py reads a body, so that it can name every fault in its words."""

    stage = serializers.ChoiceField(choices=SupplyNode.Stage.choices)
    establishment = serializers.IntegerField(required=False, allow_null=True, help_text="Its id; or give fei or duns.")
    fei = serializers.CharField(required=False, allow_null=True)
    duns = serializers.CharField(required=False, allow_null=True)
    share = serializers.FloatField(min_value=0, max_value=1)
    is_qualified = serializers.BooleanField(required=False, default=False)
    last_batch_on = serializers.DateField(required=False, allow_null=True)


class ChainRequestSerializer(serializers.Serializer):
    valid_from = serializers.DateField(help_text="The day from which the chain holds.")
    nodes = NodeRequestSerializer(
        many=True, max_length=MOST_ROWS, help_text="All of them: a stage that has none here has none from that day on."
    )


class SupplyNodes(Endpoint):
    query = SupplyQuery
    product: Product

    def reach(self, request: Request, ndc: str) -> None:  # type: ignore[override]
        self.product = own_product(request, ndc, "edit_supply")

    @extend_schema(
        operation_id="supply_node_list",
        tags=["supply nodes"],
        parameters=[NDC, SupplyQuery],
        responses={200: ChainSerializer, 409: AMBIGUOUS},
        examples=[examples.answer(examples.CHAIN)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """Who supplies each stage of one of your products on a day. Its ETag stands for all that was ever given of the
        chain, whatever the day."""
        query = self.read_query(request)
        self.reach(request, ndc)
        return self._told(request, nodes_of(self.product), query.get("as_of", timezone.localdate()))

    @extend_schema(
        operation_id="supply_node_put",
        tags=["supply nodes"],
        parameters=[NDC, IF_MATCH, IDEMPOTENCY_KEY],
        request=ChainRequestSerializer,
        responses={
            200: ChainSerializer,
            409: AMBIGUOUS,
            412: OpenApiResponse(description="It has changed since you read it."),
            428: OpenApiResponse(description="If-Match is missing."),
        },
        examples=[
            examples.answer(examples.CHAIN),
            OpenApiExample("Two suppliers of the active ingredient", request_only=True, value=examples.CHAIN_REQUEST),
        ],
    )
    @once
    def put(self, request: Request, ndc: str) -> Response:
        """Put the whole chain as from a day. What held before stays in the history, and what is planned for later
        stays planned. Shares of each stage must add up to 1; everything that is wrong is said at once.

        The rating follows at once. Establishments that no register names are given on the page of the supply chain.
        """
        nodes = nodes_of(self.product)
        require_match(request, chain_tag(self.product, nodes))
        body = read_chain(request.data, request.user, lambda day: chain_on(nodes, day), timezone.localdate())
        if body.problems:
            raise ValidationError(body.problems)
        try:
            chain_change(
                self.product, on=body.valid_from, wanted=body.wanted, user=request.user, seen=fingerprint(nodes)
            )
        except ChainChangedError:
            raise PreconditionFailedError(CHANGED) from None
        return self._told(request, nodes_of(self.product), body.valid_from)

    def _told(self, request: Request, nodes: list[SupplyNode], day: date) -> Response:
        note(request, "viewed", self.product, detail="supply chain")
        ahead = [(stage, planned_after(nodes, stage, day)) for stage in STAGES]
        body = {
            "ndc": self.product.ndc,
            "as_of": day,
            "nodes": told(chain_on(nodes, day)),
            "planned": [{"stage": stage, "on": on} for stage, on in ahead if on],
        }
        return Response(body, headers={"ETag": chain_tag(self.product, nodes)})


class SupplyHistory(Endpoint):
    @extend_schema(
        operation_id="supply_node_history_detail",
        tags=["supply nodes"],
        parameters=[NDC],
        responses={200: ChainHistorySerializer, 409: AMBIGUOUS},
        examples=[examples.answer(examples.CHAIN_HISTORY)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """Every supply node that was ever given of a product."""
        self.read_query(request)
        product = own_product(request, ndc, "read_figures")
        nodes = SupplyNode.objects.filter(product=product).select_related("establishment")
        found = told(nodes.order_by("-valid_from", "stage", "pk"))
        note(request, "viewed", product, detail="supply chain history")
        return unless_known(request, {"ndc": product.ndc, "nodes": found})


def own_product(request: Request, ndc: str, action: str) -> Product:
    own = Product.objects.for_user(request.user, action)
    product: Product | None = own.filter(ndc=key_named(own, ndc)).first()
    if product is None:
        raise Http404
    return product


def chain_tag(product: Product, nodes: list[SupplyNode]) -> str:
    return etag_of("supply", product.pk, fingerprint(nodes))


def told(nodes: Any) -> list[dict[str, Any]]:
    """As SupplyNodeSerializer describes them; one query for the numbers of their establishments."""
    rows = list(nodes)
    prefetch_related_objects([row.establishment for row in rows], "identifiers")
    return [node_of(row) for row in rows]
