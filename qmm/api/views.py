"""Establishments: those that the reader may read, with levels only where those are for the reader too."""

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Max, Q, QuerySet, Value
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.pagination import ID_KEY, PageQuery, page_of
from dscr.audit.notes import note
from qmm.api import examples
from qmm.api.serializers import EstablishmentRowSerializer, EstablishmentSerializer
from qmm.models import AREAS, Assessment, Establishment, Inspection, SiteEvidence
from qmm.queries.finding import named_by

ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="As in the list.")


class EstablishmentQuery(PageQuery):
    country = serializers.RegexField(
        r"^[A-Za-z]{3}$", required=False, help_text="Three letters of ISO 3166, such as USA or IND."
    )
    fei = serializers.RegexField(r"^(\d{7}|\d{10})$", required=False, help_text="The one with this FEI.")


class EstablishmentList(Endpoint):
    query = EstablishmentQuery

    @extend_schema(
        operation_id="establishment_list",
        tags=["establishments"],
        parameters=[EstablishmentQuery],
        responses=page_of(EstablishmentRowSerializer),
        examples=[examples.answer({"next": None, "results": [examples.ROW]})],
    )
    def get(self, request: Request) -> Response:
        """The establishments that are yours to read: your own, those of your cases, or all."""
        query = self.read_query(request)
        rows = Establishment.objects.for_user(request.user, "read_establishments").standing()
        if "country" in query:
            rows = rows.filter(country=query["country"].upper())
        if "fei" in query:
            rows = rows.filter(named_by("fei", query["fei"]))
        return Response(ID_KEY.page(request, query, with_numbers(rows)))


class EstablishmentDetail(Endpoint):
    @extend_schema(
        operation_id="establishment_detail",
        tags=["establishments"],
        parameters=[ID],
        responses=EstablishmentSerializer,
        examples=[examples.answer(examples.DETAIL)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One establishment with its assessments, inspections and evidence of other programs.

        The id of a record that was merged is answered with the establishment that stands for it: see `id`.
        """
        standing = Q(pk=pk, merged_into=None) | Q(former=pk)
        rows = Establishment.objects.for_user(request.user, "read_establishments").filter(standing)
        found = with_numbers(rows, "address", "is_synthetic").first()
        if found is None:
            raise Http404
        pk = found["id"]
        found["assessments"] = assessments(request.user, pk)
        found["inspections"] = list(
            Inspection.objects.for_user(request.user, "read_establishments")
            .filter(establishment=pk, voided_at=None)
            .order_by("-ended_on", "-id")
            .values("classification", "ended_on", "resolved_on")
        )
        found["evidence"] = list(
            SiteEvidence.objects.for_user(request.user, "read_site_evidence")
            .filter(establishment=pk, voided_at=None)
            .order_by("-dated_on", "-id")
            .values("kind", "result", "issuer", "dated_on", "valid_until")
        )
        note(request, "viewed", ("establishment", pk, found["name"]))
        return unless_known(request, found)


def with_numbers(rows: QuerySet[Establishment], *more: str) -> QuerySet[Any]:
    """Rows as the API tells them; the numbers of registers come in the same query."""
    fei = Max("identifiers__value", filter=Q(identifiers__scheme="fei"))
    duns = ArrayAgg(
        "identifiers__value", filter=Q(identifiers__scheme="duns"), default=Value([]), order_by="identifiers__value"
    )
    # A second join, so that asking for one FEI hides no other number.
    own = Establishment.objects.filter(pk__in=rows.values("pk"))
    return own.values("id", "name", "country", "operations", "registration_expires_on", *more).annotate(
        fei=fei, duns=duns, owner=F("owner__name")
    )


def assessments(user: Any, establishment_id: int) -> list[dict[str, Any]]:
    """When it was assessed; the levels where the reader may read those."""
    counting = Q(establishment=establishment_id, voided_at=None)
    order = ("-completed_on", "-id")
    rows = Assessment.objects.for_user(user, "read_establishments").filter(counting).order_by(*order)
    readable = Assessment.objects.for_user(user, "read_maturity").filter(counting)
    own = {row["id"]: row for row in readable.values("id", "assessed_by", "imported__source", *AREAS)}
    return [
        {
            "completed_on": on,
            "levels": {area: float(own[pk][area]) for area in AREAS} if pk in own else None,
            "imported_from": own[pk]["imported__source"] if pk in own else None,
            "assessed_by": own[pk]["assessed_by"] or None if pk in own else None,
        }
        for pk, on in rows.values_list("id", "completed_on")
    ]
