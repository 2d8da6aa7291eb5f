"""Finding the establishments that a maker may name in a supply chain, as its page finds them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from qmm.api import examples
from qmm.models import Establishment
from qmm.queries.finding import LONGEST, establishment_search, establishments_findable, named_by

MOST_FOUND = 50


class SearchQuery(serializers.Serializer):
    q = serializers.CharField(
        required=False, max_length=LONGEST, help_text="Words of the name or place, or the beginning of a number."
    )
    fei = serializers.RegexField(r"^(\d{7}|\d{10})$", required=False, help_text="The one with this FEI.")
    duns = serializers.RegexField(r"^\d{9}$", required=False, help_text="The one with this DUNS number.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(given) != 1:
            raise serializers.ValidationError({"q": "Give one of q, fei and duns."})
        return given


class FoundSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="By which a supply node names it.")
    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 alpha-3; empty where unknown.")
    fei = serializers.CharField(allow_null=True)
    duns = serializers.ListField(child=serializers.CharField())


class FoundListSerializer(serializers.Serializer):
    results = FoundSerializer(many=True, help_text=f"At most {MOST_FOUND}, by name.")
    has_more = serializers.BooleanField(help_text="There are others too: ask for something narrower.")


class EstablishmentSearch(Endpoint):
    query = SearchQuery

    @extend_schema(
        operation_id="establishment_search",
        tags=["establishments"],
        parameters=[SearchQuery],
        responses=FoundListSerializer,
        examples=[examples.answer({"results": [examples.FOUND], "has_more": False})],
    )
    def get(self, request: Request) -> Response:
        """Establishments that may be named in a supply chain: those on public registers, your own, and those that your
        firm gave in confidence."""
        query = self.read_query(request)
        if "q" in query:
            rows = establishment_search(request.user, query["q"])
        else:
            [(scheme, value)] = query.items()
            rows = establishments_findable(request.user).filter(named_by(scheme, value))
            rows = rows.prefetch_related("identifiers")
        found = list(rows[: MOST_FOUND + 1])
        return Response(
            {"results": [site_of(site) for site in found[:MOST_FOUND]], "has_more": len(found) > MOST_FOUND}
        )


def site_of(site: Establishment) -> dict[str, Any]:
    """As FoundSerializer describes it; the numbers must have been read along (prefetch)."""
    numbers = [(row.scheme, row.value) for row in site.identifiers.all()]
    return {
        "id": site.pk,
        "name": site.name,
        "address": site.address,
        "country": site.country,
        "fei": next((value for scheme, value in numbers if scheme == "fei"), None),
        "duns": sorted(value for scheme, value in numbers if scheme == "duns"),
    }
