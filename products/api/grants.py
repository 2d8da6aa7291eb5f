"""What a firm discloses of its products: the list, giving, and withdrawing."""

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.access.models import Organisation
from dscr.access.scoping import may
from dscr.api.concurrency import etag_of, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.pagination import ID_KEY, PageQuery, page_of
from products.api import examples
from products.models import DisclosureGrant, DisclosureRequest, Product
from products.ndc import NdcError, readings
from products.queries.disclosure_requests import requests_to
from products.queries.grants import MOST_LOOKS, looks_at, possible_grantees, products_to_disclose
from products.questionnaire import QUESTIONS
from products.services.disclosure_requests import request_granted
from products.services.grants import AlreadyWithdrawnError, grant_give, grant_withdraw
from qmm.api.case_shared import Body, IdField
from qmm.api.sites import LookSerializer

MOST_PRODUCTS = 500
CODES = [(question.code, question.label) for question in QUESTIONS]
STATES = {
    "in_force": lambda today: Q(withdrawn_at=None, valid_from__lte=today, valid_to__gt=today),
    "coming": lambda today: Q(withdrawn_at=None, valid_from__gt=today),
    "ended": lambda today: ~Q(withdrawn_at=None) | Q(valid_to__lte=today),
}
GRANT = OpenApiParameter("grant", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag that you read. Without it: 428."
)


class GrantConflictError(ProblemError):
    status_code, code = 409, "grant-conflict"


class GrantQuery(PageQuery):
    state = serializers.ChoiceField(choices=list(STATES), required=False, help_text="What the grant is today.")
    ndc = serializers.RegexField(
        r"^\d{6}-\d{4}$", required=False, help_text="Of one product, by its canonical key; those of all products too."
    )


class LookQuery(serializers.Serializer):
    ndc = serializers.RegexField(
        r"^\d{6}-\d{4}$", required=False, help_text="Of one product, by its canonical key; those of all products too."
    )


class GrantLookSerializer(LookSerializer):
    what = serializers.CharField(allow_blank=True, help_text="Was shown or exported.")


class GrantLooksSerializer(serializers.Serializer):
    results = GrantLookSerializer(many=True, help_text=f"The newest first, at most {MOST_LOOKS}.")


class GrantSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    firm = serializers.CharField(help_text="The firm that discloses.")
    ndc = serializers.CharField(allow_null=True, help_text="Canonical NDC; null for all products of the firm.")
    recipient = serializers.CharField(allow_null=True, help_text="The organization; null for all purchasers.")
    to_all_purchasers = serializers.BooleanField()
    kpis = serializers.ListField(child=serializers.CharField(), help_text="Codes of questions.")
    shows_supply = serializers.BooleanField()
    shows_maturity = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(help_text="The first day on which it no longer holds.")
    reason = serializers.CharField(allow_blank=True)
    granted_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class GivenSerializer(serializers.Serializer):
    results = GrantSerializer(many=True, help_text="One for each product.")
    answered_request = serializers.IntegerField(allow_null=True, help_text="That it answered.")


class GrantRequestSerializer(Body):
    ndcs = serializers.ListField(
        child=serializers.CharField(max_length=40),
        allow_null=True,
        allow_empty=False,
        max_length=MOST_PRODUCTS,
        help_text="NDCs of your enrolled products in any form; null for all of them, also those enrolled later.",
    )
    recipient = serializers.CharField(
        max_length=200, required=False, allow_null=True, help_text="Name of a purchaser or coordinator."
    )
    to_all_purchasers = serializers.BooleanField(required=False, default=False)
    kpis = serializers.ListField(
        child=serializers.ChoiceField(choices=CODES), required=False, default=list, max_length=len(CODES)
    )
    shows_supply = serializers.BooleanField(required=False, default=False)
    shows_maturity = serializers.BooleanField(required=False, default=False)
    valid_from = serializers.DateField(help_text="Today or later.")
    valid_to = serializers.DateField(help_text="The first day on which it no longer holds.")
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    request = IdField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The disclosure request that it answers, where it discloses something of its product to who asked.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """All that is wrong at once, each with its place."""
        wrong: dict[str, str] = {}
        today = timezone.localdate()
        if given["valid_from"] < today:
            wrong["valid_from"] = "The first day lies in the past; give today or a later day."
        if given["valid_to"] <= given["valid_from"]:
            wrong["valid_to"] = "The end must come after the first day."
        elif given["valid_to"].year > 2200:
            wrong["valid_to"] = "Give a date before the year 2200."
        if not (given["kpis"] or given["shows_supply"] or given["shows_maturity"]):
            wrong["kpis"] = "Choose at least one thing to disclose."
        if bool(given.get("recipient")) == given["to_all_purchasers"]:
            wrong["recipient"] = "Give either one organization or to_all_purchasers."
        else:
            given["grantee"] = self._grantee(given.pop("recipient", None), wrong)
        given["products"] = self._products(given.pop("ndcs"), wrong)
        given["request"] = self._request(given["request"], wrong)
        if wrong:
            raise serializers.ValidationError(wrong)
        return given | {"kpis": in_order_of_questions(given["kpis"])}

    def _request(self, pk: int | None, wrong: dict[str, str]) -> DisclosureRequest | None:
        found = requests_to(self.context["user"], "disclose").filter(pk=pk).first() if pk else None
        if pk and found is None:
            wrong["request"] = "No request of this number is yours to answer."
        return found

    def _grantee(self, name: str | None, wrong: dict[str, str]) -> Organisation | None:
        if not name:
            return None
        found = possible_grantees(self.context["user"]).filter(name__iexact=name).first()
        if found is None:
            wrong["recipient"] = f"No purchaser or coordinator is called “{name}”."
        return found

    def _products(self, ndcs: list[str] | None, wrong: dict[str, str]) -> list[Product]:
        if ndcs is None:
            return []
        keys = {text: keys_of(text) for text in ndcs}
        named = {key for found in keys.values() for key in found}
        own = {row.ndc: row for row in products_to_disclose(self.context["user"]).filter(ndc__in=named)}
        found: dict[str, Product] = {}
        for text in ndcs:
            fitting = [own[key] for key in keys[text] if key in own]
            if len(fitting) != 1:
                wrong["ndcs"] = f"“{text}” is no product that you have enrolled today."
                break
            found[fitting[0].ndc] = fitting[0]
        return list(found.values())


def in_order_of_questions(kpis: list[str]) -> list[str]:
    return [code for code, _ in CODES if code in kpis]


def keys_of(text: str) -> list[str]:
    """Canonical keys of all readings; none where it is no NDC."""
    try:
        return sorted({reading.product for reading in readings(text)})
    except NdcError:
        return []


class GrantList(Endpoint):
    query = GrantQuery

    def reach(self, request: Request) -> None:  # type: ignore[override]
        require_attestor(request)

    @extend_schema(
        operation_id="grant_list",
        tags=["grants"],
        parameters=[GrantQuery],
        responses=page_of(GrantSerializer),
        examples=[examples.page(examples.GRANT)],
    )
    def get(self, request: Request) -> Response:
        """What your firm has disclosed and to whom, in the order in which it was given; for the operator and auditors
        what every firm has."""
        query = self.read_query(request)
        rows = DisclosureGrant.objects.for_user(request.user, "read_grants")
        if "state" in query:
            rows = rows.filter(STATES[query["state"]](timezone.localdate()))
        if "ndc" in query:
            rows = rows.filter(Q(product__ndc=query["ndc"]) | Q(product=None))
        return Response(ID_KEY.page(request, query, shaped(rows)))

    @extend_schema(
        operation_id="grant_create",
        tags=["grants"],
        parameters=[IDEMPOTENCY_KEY],
        request=GrantRequestSerializer,
        responses={
            201: GivenSerializer,
            409: OpenApiResponse(description="Exactly this is disclosed already, so that nothing was stored."),
        },
        examples=[
            OpenApiExample("Given", response_only=True, status_codes=["201"], value=examples.GIVEN),
            OpenApiExample("Two figures and the supply picture", request_only=True, value=examples.GRANT_REQUEST),
        ],
    )
    @once
    def post(self, request: Request) -> Response:
        """Disclose figures, the supply picture or QMM area levels: one grant for each product, or one for all.

        It takes effect at once. Attestors only; anyone else who may read the list gets 403.
        """
        body = GrantRequestSerializer(data=request.data, context={"user": request.user})
        body.is_valid(raise_exception=True)
        given = body.validated_data
        products, asked = given.pop("products"), given.pop("request")
        try:
            stored = grant_give(DisclosureGrant(**given), products=products, user=request.user)
        except ModelError as error:
            raise GrantConflictError(" ".join(error.messages)) from None
        answered = asked.pk if asked and request_granted(asked, stored, user=request.user) else None
        rows = shaped(DisclosureGrant.objects.for_user(request.user, "read_grants"))
        results = rows.filter(pk__in=[grant.pk for grant in stored]).order_by("pk")
        return Response({"results": list(results), "answered_request": answered}, status=201)


class GrantLooks(Endpoint):
    query = LookQuery

    @extend_schema(
        operation_id="grant_look_list",
        tags=["grants"],
        parameters=[LookQuery],
        responses=GrantLooksSerializer,
        examples=[examples.answer({"results": [examples.LOOK]})],
    )
    def get(self, request: Request) -> Response:
        """Which organizations looked through your firm's grants, and at what; for the operator and auditors through
        those of every firm."""
        query = self.read_query(request)
        rows = DisclosureGrant.objects.for_user(request.user, "read_grants")
        if "ndc" in query:
            rows = rows.filter(Q(product__ndc=query["ndc"]) | Q(product=None))
        found = [
            {"at": look.at, "organization": look.organisation, "person": look.person or None, "what": look.what}
            for look in looks_at(request.user, rows)
        ]
        return Response({"results": found})


class GrantDetail(Endpoint):
    def reach(self, request: Request, grant: int) -> None:  # type: ignore[override]
        require_attestor(request)

    @extend_schema(
        operation_id="grant_detail",
        tags=["grants"],
        parameters=[GRANT],
        responses=GrantSerializer,
        examples=[examples.answer(examples.GRANT)],
    )
    def get(self, request: Request, grant: int) -> Response:
        """One grant, with the ETag by which it can be withdrawn."""
        found = self._found(request, grant)
        etag = etag_of(found)
        return not_modified(request, etag) or Response(found, headers={"ETag": etag})

    @extend_schema(
        operation_id="grant_withdraw",
        tags=["grants"],
        parameters=[GRANT, IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses={
            204: None,
            409: OpenApiResponse(description="It is withdrawn already."),
            412: OpenApiResponse(description="It has changed since you read it."),
            428: OpenApiResponse(description="If-Match is missing."),
        },
    )
    @once
    def delete(self, request: Request, grant: int) -> Response:
        """Withdraw a grant: it is gone at once everywhere. It stays in the list, with the time. Attestors only."""
        found = self._found(request, grant)
        require_match(request, etag_of(found))
        try:
            grant_withdraw(DisclosureGrant(pk=found["id"]), user=request.user)
        except AlreadyWithdrawnError:
            raise GrantConflictError("It is withdrawn already.") from None
        return Response(status=204)

    def _found(self, request: Request, grant: int) -> dict[str, Any]:
        rows = DisclosureGrant.objects.for_user(request.user, "read_grants")
        found: dict[str, Any] | None = shaped(rows).filter(pk=grant).first() if grant < 2**63 else None
        if found is None:
            raise Http404
        return found


def shaped(rows: QuerySet[DisclosureGrant]) -> QuerySet[Any]:
    """As GrantSerializer describes them."""
    return rows.values(
        "id",
        "to_all_purchasers",
        "kpis",
        "shows_supply",
        "shows_maturity",
        "valid_from",
        "valid_to",
        "reason",
        "granted_at",
        "withdrawn_at",
        ndc=F("product__ndc"),
        firm=F("organisation__name"),
        recipient=F("grantee__name"),
    )


def require_attestor(request: Request) -> None:
    if not may(request.user, "disclose"):
        raise PermissionDenied("Only an attestor of the firm discloses figures and withdraws them.")
