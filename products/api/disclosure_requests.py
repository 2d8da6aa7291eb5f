"""Requests to disclose, by machine: a purchaser asks the enrolling firm for more of a product, and the firm declines.
It grants by a grant that names the request (products/api/grants.py)."""

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.pagination import ID_KEY, PageQuery, page_of
from dscr.audit.notes import note_each
from products.api import examples
from products.api.grants import CODES, GrantSerializer, in_order_of_questions, shaped
from products.forms.disclosure_request import MOST_ALSO, products_named
from products.models import DisclosureRequest, Product
from products.queries.disclosure_requests import asked_by_reader, requests_to
from products.queries.granted import grants_received
from products.services.disclosure_requests import NotAskableError, request_decline, requests_ask
from qmm.api.case_shared import LARGEST, Body, example, made, none_here, read_body, require

TAG = ["grants"]
LONGEST = 500  # characters of why one asks, and of an answer
MOST_PRODUCTS = MOST_ALSO + 1
ASKED = OpenApiParameter("asked", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
ATTESTORS = "An attestor of your organization grants or declines."


class RequestRefusedError(ProblemError):
    status_code, code = 409, "request-refused"


class AnsweredError(ProblemError):
    status_code, code = 409, "answered-already"


class RequestQuery(PageQuery):
    state = serializers.ChoiceField(
        choices=DisclosureRequest.State.choices, required=False, help_text="What the firm has said."
    )
    ndc = serializers.RegexField(r"^\d{6}-\d{4}$", required=False, help_text="Of one product, by its canonical key.")


class DisclosureRequestSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    firm = serializers.CharField(help_text="The firm that is asked.")
    asking = serializers.CharField(help_text="The organization that asks.")
    ndc = serializers.CharField(help_text="Canonical NDC.")
    display_ndc = serializers.CharField()
    kpis = serializers.ListField(child=serializers.CharField(), help_text="Codes of questions.")
    shows_supply = serializers.BooleanField()
    shows_maturity = serializers.BooleanField()
    why = serializers.CharField()
    asked_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=DisclosureRequest.State.choices)
    answer = serializers.CharField(allow_blank=True, help_text="The firm's words.")
    answered_at = serializers.DateTimeField(allow_null=True)


class RequestDisclosedSerializer(serializers.Serializer):
    kpis = serializers.ListField(child=serializers.CharField())
    shows_supply = serializers.BooleanField()
    shows_maturity = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(help_text="The first day on which it no longer holds.")
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class OwnRequestSerializer(DisclosureRequestSerializer):
    asked_by = serializers.CharField(help_text="Who of your organization asked.")
    disclosed = RequestDisclosedSerializer(allow_null=True, help_text="By the grant that answered it.")


class ReceivedRequestSerializer(DisclosureRequestSerializer):
    answered_by = serializers.CharField(allow_null=True)
    grant = serializers.IntegerField(allow_null=True, help_text="That answered it.")


class GrantReceivedSerializer(GrantSerializer):
    reason = None  # stays with the firm


class OwnRequestsSerializer(serializers.Serializer):
    results = OwnRequestSerializer(many=True, help_text="One for each product.")


class DisclosureAskSerializer(Body):
    ndcs = serializers.ListField(
        child=serializers.CharField(max_length=40),
        allow_empty=False,
        max_length=MOST_PRODUCTS,
        help_text="NDCs of products of one firm, in any form.",
    )
    kpis = serializers.ListField(
        child=serializers.ChoiceField(choices=CODES), required=False, default=list, max_length=len(CODES)
    )
    shows_supply = serializers.BooleanField(required=False, default=False)
    shows_maturity = serializers.BooleanField(required=False, default=False)
    why = serializers.CharField(max_length=LONGEST, help_text="The firm reads it, with your organization's name.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not (given["kpis"] or given["shows_supply"] or given["shows_maturity"]):
            raise serializers.ValidationError({"kpis": "Choose at least one thing to ask for."})
        return given | {"kpis": in_order_of_questions(given["kpis"])}


class DeclineSerializer(Body):
    answer = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, default="", help_text="Who asked reads it."
    )


class RequestList(Endpoint):
    query = PageQuery

    @extend_schema(
        operation_id="disclosure_request_list",
        tags=TAG,
        parameters=[PageQuery],
        responses=page_of(OwnRequestSerializer),
        examples=[examples.page(examples.OWN_REQUEST)],
    )
    def get(self, request: Request) -> Response:
        """What your organization asked manufacturers to disclose, in the order in which it was asked, with their
        answers."""
        query = self.read_query(request)

        def told(rows: Any) -> list[dict[str, Any]]:
            found = list(rows)
            note_each(request, "viewed", [row for row in found if row.answer])
            return [own_told(row) for row in found]

        rows = asked_by_reader(request.user).select_related("asking")
        return Response(ID_KEY.page(request, query, rows, told))

    @extend_schema(
        operation_id="disclosure_request_create",
        tags=TAG,
        parameters=[IDEMPOTENCY_KEY],
        request=DisclosureAskSerializer,
        responses={
            201: OwnRequestsSerializer,
            409: OpenApiResponse(description="It cannot be asked now; `detail` says why. Nothing was asked."),
        },
        examples=[made({"results": [examples.OWN_REQUEST]}), example("A second source", examples.ASK)],
    )
    @once
    def post(self, request: Request) -> Response:
        """Ask the firm that has the products enrolled to disclose more of them: one request for each, and each is
        answered by itself. Once in 30 days for a product, and at most 20 times a day."""
        given = read_body(request, DisclosureAskSerializer)
        readable = Product.objects.for_user(request.user, "read_published")
        try:
            products = products_named(given.pop("ndcs"), readable)
        except ModelError as error:
            raise ValidationError({"ndcs": error.messages}) from None
        try:
            asked = requests_ask(products, user=request.user, **given)
        except NotAskableError as error:
            raise RequestRefusedError(str(error)) from None
        rows = asked_by_reader(request.user).select_related("asking").filter(pk__in=[one.pk for one in asked])
        return Response({"results": [own_told(row) for row in rows.order_by("pk")]}, status=201)


class RequestsReceived(Endpoint):
    query = RequestQuery

    @extend_schema(
        operation_id="disclosure_request_received_list",
        tags=TAG,
        parameters=[RequestQuery],
        responses=page_of(ReceivedRequestSerializer),
        examples=[examples.page(examples.RECEIVED_REQUEST)],
    )
    def get(self, request: Request) -> Response:
        """What purchasers ask your firm to disclose of products that it has enrolled; for the operator and auditors
        what every firm is asked. An attestor answers by a grant that names the `request`, or declines."""
        query = self.read_query(request)
        rows = requests_to(request.user, "read_grants")
        if "state" in query:
            rows = rows.filter(state=query["state"])
        if "ndc" in query:
            rows = rows.filter(product__ndc=query["ndc"])
        return Response(ID_KEY.page(request, query, rows, lambda found: [received_told(row) for row in found]))


class RequestDecline(Endpoint):
    asked: DisclosureRequest

    def reach(self, request: Request, asked: int) -> None:  # type: ignore[override]
        rows = requests_to(request.user, "read_grants")
        self.asked = (rows.filter(pk=asked).first() if asked <= LARGEST else None) or none_here()
        require(request, "disclose", ATTESTORS)

    @extend_schema(
        operation_id="disclosure_request_decline",
        tags=TAG,
        parameters=[ASKED, IDEMPOTENCY_KEY],
        request=DeclineSerializer,
        responses={200: ReceivedRequestSerializer, 409: OpenApiResponse(description="It was answered already.")},
        examples=[examples.answer(examples.DECLINED_REQUEST), example("In words", examples.DECLINE)],
    )
    @once
    def post(self, request: Request, asked: int) -> Response:
        """Decline a request, in words that who asked reads. Attestors only."""
        given = read_body(request, DeclineSerializer)
        if not request_decline(self.asked, user=request.user, answer=given["answer"]):
            raise AnsweredError("It was answered already.")
        return Response(received_told(requests_to(request.user, "disclose").get(pk=asked)))


class GrantsReceived(Endpoint):
    query = PageQuery

    @extend_schema(
        operation_id="grant_received_list",
        tags=TAG,
        parameters=[PageQuery],
        responses=page_of(GrantReceivedSerializer),
        examples=[examples.page(examples.GRANT_RECEIVED)],
    )
    def get(self, request: Request) -> Response:
        """What manufacturers disclose to your organization today, beyond what is published."""
        query = self.read_query(request)
        rows = grants_received(request.user).select_related(None)
        return Response(ID_KEY.page(request, query, shaped(rows), _without_reasons))


def _without_reasons(rows: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "reason"} for row in rows]


def request_told(row: DisclosureRequest) -> dict[str, Any]:
    """As DisclosureRequestSerializer describes it."""
    names = ("kpis", "shows_supply", "shows_maturity", "why", "asked_at", "state", "answer", "answered_at")
    return {
        "id": row.pk,
        "firm": str(row.organisation),
        "asking": str(row.asking),
        "ndc": row.product.ndc,
        "display_ndc": row.product.display_ndc,
        **{name: getattr(row, name) for name in names},
    }


def own_told(row: DisclosureRequest) -> dict[str, Any]:
    names = tuple(RequestDisclosedSerializer().fields)
    disclosed = {name: getattr(row.grant, name) for name in names} if row.grant else None
    return request_told(row) | {"asked_by": str(row.asked_by), "disclosed": disclosed}


def received_told(row: DisclosureRequest) -> dict[str, Any]:
    return request_told(row) | {"answered_by": row.answered_by and str(row.answered_by), "grant": row.grant_id}
