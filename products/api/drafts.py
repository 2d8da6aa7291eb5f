"""Quarterly figures by machine: drafts are read and put here. A person attests them, on the page."""

from datetime import date
from math import ceil
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import PreconditionFailedError, not_modified, require_match
from dscr.api.endpoint import Endpoint
from dscr.api.errors import ProblemError
from dscr.api.idempotency import IDEMPOTENCY_KEY, once
from dscr.api.models import ApiToken
from dscr.api.pagination import Keyset, PageQuery, page_of
from dscr.audit.notes import note_each
from products.api import examples
from products.api.answers import changes_of, nested, read_body
from products.api.draft_batch import COUNTED, MOST, lost_products, read_batch
from products.api.draft_shapes import (
    AnswersSerializer,
    DraftRowSerializer,
    DraftSerializer,
    PutRowSerializer,
    draft_of,
    put_row,
    row_of,
    version_tag,
)
from products.api.named import AMBIGUOUS, NDC, key_named
from products.models import Product
from products.queries.due import last_quarter
from products.queries.firm_quarters import FirmQuarter, firm_quarters
from products.queries.own_products import enrolled_by
from products.queries.quarters import quarters_offered
from products.services.kpi_draft_put import DraftPut, StaleDraftsError, drafts_put, source_of

NDC_KEY = Keyset("ndc", r"[0-9]{6}-[0-9]{4}")
QUARTER_END = OpenApiParameter(
    "quarter_end", OpenApiTypes.DATE, OpenApiParameter.PATH, description="Last day of a quarter, such as 2026-09-30."
)
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag that you read. Without it: 428."
)
CHANGED = "Somebody changed this draft since you read it. Read it again and send its new ETag."
SETTLED = (
    "The figures of this quarter are attested. Send is_correction: true to begin a correction; they count until a "
    "person attests it."
)
TAG = ["quarterly figures"]
NOTES_HELP = "Answers to warnings, by their codes."
SOURCE_HELP = "Where the figures come from, such as a system's name; the page shows it beside each."
CORRECTION_HELP = "Begin a correction where the quarter is attested already; refused without it."


class SettledError(ProblemError):
    status_code, code = 409, "attested-already"


class DraftQuery(PageQuery):
    quarter_end = serializers.DateField(
        required=False, help_text="Last day of one of the last eight quarters; of the last one that ended if not given."
    )

    def validate_quarter_end(self, day: date) -> date:
        offered = [quarter.ends_on for quarter in quarters_offered(timezone.localdate())]
        if day not in offered:
            raise serializers.ValidationError(f"Give the last day of a quarter from {offered[-1]} to {offered[0]}.")
        return day


class DraftRequestSerializer(serializers.Serializer):
    """For the schema; products/api/answers.py reads a body, so that it can name every fault in its words."""

    answers = AnswersSerializer()
    notes = serializers.DictField(child=serializers.CharField(allow_null=True), required=False, help_text=NOTES_HELP)
    source = serializers.CharField(required=False, help_text=SOURCE_HELP)
    is_correction = serializers.BooleanField(required=False, default=False, help_text=CORRECTION_HELP)


class BatchDraftSerializer(serializers.Serializer):
    ndc = serializers.CharField(help_text="Of an own product, in any form.")
    etag = serializers.CharField(help_text="As the list or the draft told it.")
    answers = AnswersSerializer()
    notes = serializers.DictField(child=serializers.CharField(allow_null=True), required=False, help_text=NOTES_HELP)
    is_correction = serializers.BooleanField(required=False, default=False, help_text=CORRECTION_HELP)


class BatchRequestSerializer(serializers.Serializer):
    quarter_end = serializers.DateField(help_text="Last day of a quarter.")
    source = serializers.CharField(required=False, help_text=SOURCE_HELP)
    drafts = BatchDraftSerializer(many=True, max_length=MOST, help_text=f"One for each product, at most {MOST}.")


class PutSerializer(serializers.Serializer):
    results = PutRowSerializer(many=True, help_text="In the order of the request.")


BATCH = extend_schema(
    tags=TAG,
    parameters=[IDEMPOTENCY_KEY],
    request=BatchRequestSerializer,
    responses={
        200: PutSerializer,
        409: OpenApiResponse(description="A quarter is attested already, or the request is still at work."),
        412: OpenApiResponse(description="Drafts were changed since they were read; `errors` names them."),
    },
    examples=[
        examples.answer({"results": [examples.PUT_ROW]}),
        OpenApiExample("Two figures of a product", request_only=True, value=examples.BATCH_REQUEST),
    ],
)


class DraftList(Endpoint):
    query = DraftQuery

    @extend_schema(
        operation_id="kpi_draft_list",
        tags=TAG,
        parameters=[DraftQuery],
        responses=page_of(DraftRowSerializer),
        examples=[examples.page(examples.DRAFT_ROW)],
    )
    def get(self, request: Request) -> Response:
        """Your firm's enrolled products, by NDC, and how far the figures of a quarter are with each."""
        query = self.read_query(request)
        quarter_end = query.get("quarter_end") or last_quarter(timezone.localdate()).ends_on
        own = enrolled_by(request.user.membership.organisation_id)

        def shaped(products: Any) -> list[dict[str, Any]]:
            found = firm_quarters(request.user, list(products), quarter_end)
            return [row_of(row) for row in found.values()]

        return Response(NDC_KEY.page(request, query, own, shaped))

    def reach_kept(self, request: Request) -> None:
        if lost := lost_products(request):
            raise ValidationError({"drafts": lost})

    @extend_schema(operation_id="kpi_draft_put_many")
    @BATCH
    @once
    def put(self, request: Request) -> Response:
        """Put the answers of up to 500 products at once, each whole: what is not given becomes blank.

        All are stored or none is. Everything that is wrong is said at once, with a pointer to the product and field.
        Ten products begun count as one request. Nothing is attested: a person does that on the page.
        """
        return self._write(request, whole=True)

    @extend_schema(operation_id="kpi_draft_patch_many")
    @BATCH
    @once
    def patch(self, request: Request) -> Response:
        """Put some answers of up to 500 products at once; what is not given stays. Otherwise as PUT."""
        return self._write(request, whole=False)

    def _write(self, request: Request, *, whole: bool) -> Response:
        given = request.data.get("drafts") if isinstance(request.data, dict) else None
        self.count_as(request, ceil(min(len(given), MOST) / COUNTED) if isinstance(given, list) else 1)
        today = timezone.localdate()
        batch = read_batch(request, today, whole=whole)
        if batch.wrong:
            raise ValidationError(batch.errors(stale=CHANGED, settled=SETTLED))
        if batch.stale:
            raise PreconditionFailedError(CHANGED, errors=batch.pointers(batch.stale, CHANGED))
        if batch.settled:
            raise SettledError(SETTLED, errors=batch.pointers(batch.settled, SETTLED))
        try:
            drafts_put(list(batch.parts.values()), user=request.user, source=source(request, batch.source))
        except StaleDraftsError as error:
            places = [place for place, part in batch.parts.items() if part.figures.product.pk in error.products]
            raise PreconditionFailedError(CHANGED, errors=batch.pointers(places, CHANGED)) from None
        products = [part.figures.product for part in batch.parts.values()]
        found = firm_quarters(request.user, products, batch.quarter_end)
        note_each(request, "viewed", [found[product.pk].figures.draft for product in products])
        return Response({"results": [put_row(found[product.pk], today) for product in products]})


class DraftDetail(Endpoint):
    found: FirmQuarter

    def reach(self, request: Request, ndc: str, quarter_end: date) -> None:
        own = Product.objects.for_user(request.user, "enter_kpis")
        product = own.filter(ndc=key_named(own, ndc)).first()
        found = firm_quarters(request.user, [product], quarter_end) if product else {}
        if not found:
            raise Http404
        (self.found,) = found.values()

    @extend_schema(
        operation_id="kpi_draft_detail",
        tags=TAG,
        parameters=[NDC, QUARTER_END],
        responses={200: DraftSerializer, 409: AMBIGUOUS},
        examples=[examples.answer(examples.DRAFT)],
    )
    def get(self, request: Request, ndc: str, quarter_end: date) -> Response:
        """The figures of one product and quarter as they stand: the draft, or what was attested, or nothing yet.

        Rates that are asked as counts come with their Wilson 95% interval, and what looks unlikely as warnings.
        """
        self.read_query(request)
        self.reach(request, ndc, quarter_end)
        return not_modified(request, version_tag(self.found.figures)) or self._told(request)

    @extend_schema(
        operation_id="kpi_draft_put",
        tags=TAG,
        parameters=[NDC, QUARTER_END, IF_MATCH, IDEMPOTENCY_KEY],
        request=DraftRequestSerializer,
        responses={
            200: DraftSerializer,
            409: OpenApiResponse(description="The quarter is attested already, or the NDC is ambiguous."),
            412: OpenApiResponse(description="It has changed since you read it."),
            428: OpenApiResponse(description="If-Match is missing."),
        },
        examples=[
            examples.answer(examples.DRAFT),
            OpenApiExample("Some figures", request_only=True, value=examples.DRAFT_REQUEST),
        ],
    )
    @once
    def put(self, request: Request, ndc: str, quarter_end: date) -> Response:
        """Put the whole draft: answers and notes that are not given become blank.

        Only valid answers are stored, and everything that is wrong is said at once; a draft may be incomplete. The page
        shows who put a figure and that it came by API. It counts nothing until a person attests it there: there is no
        endpoint for that.
        """
        return self._write(request, whole=True)

    @extend_schema(
        operation_id="kpi_draft_patch",
        tags=TAG,
        parameters=[NDC, QUARTER_END, IF_MATCH, IDEMPOTENCY_KEY],
        request=DraftRequestSerializer,
        responses={
            200: DraftSerializer,
            409: OpenApiResponse(description="The quarter is attested already, or the NDC is ambiguous."),
            412: OpenApiResponse(description="It has changed since you read it."),
            428: OpenApiResponse(description="If-Match is missing."),
        },
        examples=[
            examples.answer(examples.DRAFT),
            OpenApiExample("A count and a note", request_only=True, value=examples.DRAFT_PATCH),
        ],
    )
    @once
    def patch(self, request: Request, ndc: str, quarter_end: date) -> Response:
        """Put some answers of a draft; what is not given stays. A figure takes back that its question is withheld."""
        return self._write(request, whole=False)

    def _write(self, request: Request, *, whole: bool) -> Response:
        figures, today = self.found.figures, timezone.localdate()
        require_match(request, version_tag(figures))
        body = read_body(request.data)
        changes = changes_of(figures, body, today, whole=whole)
        if changes.problems or body.problems:
            raise ValidationError(nested(body.problems, changes.problems))
        if figures.attested and not figures.draft and not body.is_correction:
            raise SettledError(SETTLED)
        part = DraftPut(figures, changes.answers, changes.notes)
        try:
            drafts_put([part], user=request.user, source=source(request, body.source))
        except StaleDraftsError:
            raise PreconditionFailedError(CHANGED) from None
        (self.found,) = firm_quarters(request.user, [figures.product], figures.quarter.ends_on).values()
        return self._told(request)

    def _told(self, request: Request) -> Response:
        figures = self.found.figures
        note_each(request, "viewed", [row for row in (figures.draft or figures.attested,) if row])
        body = draft_of(request, self.found, timezone.localdate())
        return Response(body, headers={"ETag": body["etag"]})


def source(request: Request, said: str) -> dict[str, Any]:
    token = request.auth.name if isinstance(request.auth, ApiToken) else ""
    return source_of(timezone.now().isoformat(timespec="seconds"), token=token, said=said)
