"""Molecules: how many products, manufacturers and ratings each has. Counted over every firm, so that nothing is told of
one firm that its products' published ratings do not tell."""

from typing import Any

from django.db.models import Count, FilteredRelation, Max, Min, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.pagination import Keyset, PageQuery, page_of
from products.api.examples import answer, page
from products.models import Product
from ratings.api import examples
from ratings.filters import band_choices
from ratings.models import Status
from ratings.queries.current_shortages import current_shortages

BANDS = [(int(number), label) for number, label in band_choices()]
# No control characters: the database refuses NUL, and no molecule has one.
MOLECULE_KEY = Keyset("molecule", r"[^\x00-\x1f\x7f]{1,2000}")
MOLECULE = OpenApiParameter(
    "molecule", OpenApiTypes.STR, OpenApiParameter.PATH, description="As on its products, such as CISPLATIN."
)


class BandCountSerializer(serializers.Serializer):
    band = serializers.IntegerField()
    label = serializers.CharField()
    products = serializers.IntegerField()


class MoleculeSerializer(serializers.Serializer):
    """A molecule: the active ingredients of products that may replace each other, in alphabetical order."""

    molecule = serializers.CharField()
    products = serializers.IntegerField(help_text="In the directory; `ratings/?molecule=` lists them.")
    enrolled = serializers.IntegerField(help_text="Products that take part today.")
    manufacturers = serializers.IntegerField(help_text="Independent organizations that take part with it today.")
    rated = serializers.IntegerField()
    lowest_score = serializers.FloatField(allow_null=True)
    best_score = serializers.FloatField(allow_null=True)
    bands = BandCountSerializer(many=True, help_text="Rated products by band, the best first.")
    in_shortage = serializers.IntegerField(help_text="Products on the FDA's shortage list now.")


class MoleculeQuery(PageQuery):
    enrolled = serializers.ChoiceField(
        choices=["yes", "no"], required=False, help_text="With a product that takes part, or without any."
    )


class MoleculeList(Endpoint):
    query = MoleculeQuery

    @extend_schema(
        operation_id="molecule_list",
        tags=["molecules"],
        parameters=[MoleculeQuery],
        responses=page_of(MoleculeSerializer),
        examples=[page(examples.MOLECULE)],
    )
    def get(self, request: Request) -> Response:
        """Molecules by name, each with its numbers of products, manufacturers and ratings."""
        query = self.read_query(request)
        rows = molecules(request)
        if "enrolled" in query:
            rows = rows.filter(enrolled__gt=0) if query["enrolled"] == "yes" else rows.filter(enrolled=0)
        return Response(MOLECULE_KEY.page(request, query, rows, _shaped))


class MoleculeDetail(Endpoint):
    @extend_schema(
        operation_id="molecule_detail",
        tags=["molecules"],
        parameters=[MOLECULE],
        responses=MoleculeSerializer,
        examples=[answer(examples.MOLECULE)],
    )
    def get(self, request: Request, molecule: str) -> Response:
        """The numbers of one molecule."""
        found = _shaped(molecules(request).filter(molecule=molecule.upper()))
        if not found:
            raise Http404
        return unless_known(request, found[0])


def molecules(request: Request) -> QuerySet[Any]:
    """One row a molecule. A product has one enrolment at a time, so joining it counts no product twice."""
    today = timezone.localdate()
    holds = Q(enrolments__withdrawn_on=None) | Q(enrolments__withdrawn_on__gt=today)
    short = current_shortages(today).values("product_ndc")
    rated = Q(rating__published_snapshot__status=Status.RATED)
    return (
        Product.objects.for_user(request.user, "read_published")
        .exclude(molecule="")
        .annotate(taking_part=FilteredRelation("enrolments", condition=holds & Q(enrolments__enrolled_on__lte=today)))
        .values("molecule")
        .annotate(
            products=Count("pk"),
            enrolled=Count("taking_part"),
            manufacturers=Count("taking_part__organisation", distinct=True),
            rated=Count("pk", filter=rated),
            lowest_score=Min("rating__published_snapshot__score"),
            best_score=Max("rating__published_snapshot__score"),
            in_shortage=Count("pk", filter=Q(ndc__in=short)),
            **{f"band_{band}": Count("pk", filter=Q(rating__published_snapshot__band=band)) for band, _ in BANDS},
        )
    )


def _shaped(rows: Any) -> list[dict[str, Any]]:
    return [
        {
            "molecule": row["molecule"],
            "products": row["products"],
            "enrolled": row["enrolled"],
            "manufacturers": row["manufacturers"],
            "rated": row["rated"],
            "lowest_score": row["lowest_score"],
            "best_score": row["best_score"],
            "bands": [{"band": band, "label": label, "products": row[f"band_{band}"]} for band, label in BANDS],
            "in_shortage": row["in_shortage"],
        }
        for row in rows
    ]
