"""Thousands of NDCs in one call, as a hospital's purchasing list has them."""

from collections.abc import Iterable
from math import ceil
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint
from products.api.examples import answer
from products.api.named import candidate
from products.models import Product
from products.ndc import Ndc, NdcError, readings
from ratings.api import examples
from ratings.api.rows import as_rating, rating_rows
from ratings.api.serializers import RatingRowSerializer

MOST = 10_000
COUNTED = 100  # NDCs that count as one request
LONGEST = 100  # characters of one NDC as given
FOUND, UNKNOWN, AMBIGUOUS, INVALID = "found", "unknown", "ambiguous", "invalid"
LOOKUP_STATUSES = [
    (FOUND, "Names one product"),
    (UNKNOWN, "An NDC, but of no product here"),
    (AMBIGUOUS, "Can be read as several products"),
    (INVALID, "No NDC"),
]


class LookupRequestSerializer(serializers.Serializer):
    """For the schema; ten thousand texts are checked faster by hand."""

    ndcs = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST, allow_blank=True, trim_whitespace=False),
        max_length=MOST,
        help_text="NDCs in any form, each as a text.",
    )


class CandidateSerializer(serializers.Serializer):
    ndc = serializers.CharField()
    display_ndc = serializers.CharField()
    name = serializers.CharField()


class LookupRowSerializer(serializers.Serializer):
    given = serializers.CharField()
    status = serializers.ChoiceField(
        choices=LOOKUP_STATUSES,
        help_text="`ambiguous` comes with `candidates`, `invalid` with a `reason`; `unknown` is an NDC of no product "
        "here.",
    )
    read_as = serializers.CharField(
        allow_null=True, help_text="The canonical key it was read as: 6-4-2 of a package, 6-4 of a product."
    )
    rating = RatingRowSerializer(allow_null=True)
    candidates = CandidateSerializer(many=True)
    reason = serializers.CharField(allow_null=True)


class LookupSerializer(serializers.Serializer):
    found = serializers.IntegerField()
    unknown = serializers.IntegerField()
    ambiguous = serializers.IntegerField()
    invalid = serializers.IntegerField()
    results = LookupRowSerializer(many=True, help_text="One for each NDC given, in their order.")


class RatingLookup(Endpoint):
    @extend_schema(
        operation_id="rating_lookup",
        tags=["ratings"],
        request=LookupRequestSerializer,
        responses=LookupSerializer,
        examples=[
            answer(examples.LOOKUP),
            OpenApiExample("Three forms", request_only=True, value={"ndcs": ["0002-0800-01", "00002080001", "x"]}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Look up the ratings of up to 10,000 NDCs at once, in any form; the answer keeps their order.

        Nothing is changed, and nothing is guessed: what is unknown, ambiguous or no NDC at all is named as such.

        A rating is about steady supply. It says nothing about safety, effectiveness or quality.
        """
        given = ndcs_of(request.data)
        self.count_as(request, ceil(len(given) / COUNTED))
        products = Product.objects.for_user(request.user, "read_published")
        results = look_up(products, given)
        counts = dict.fromkeys((FOUND, UNKNOWN, AMBIGUOUS, INVALID), 0)
        for row in results:
            counts[row["status"]] += 1
        return Response({**counts, "results": results})


def ndcs_of(body: Any) -> list[str]:
    """The NDCs of a body; ValidationError names the first twenty that are no text or too long."""
    given = body.get("ndcs") if isinstance(body, dict) else None
    if not isinstance(given, list):
        raise ValidationError({"ndcs": 'Give a list of texts, such as {"ndcs": ["0002-0800-01"]}.'})
    if len(given) > MOST:
        raise ValidationError({"ndcs": f"At most {MOST:,} NDCs in one call; these are {len(given):,}."})
    wrong = [place for place, text in enumerate(given) if not isinstance(text, str) or len(text) > LONGEST]
    if wrong:
        message = f"Give each NDC as a text of at most {LONGEST} characters; a number loses its zeros in front."
        raise ValidationError({"ndcs": {str(place): message for place in wrong[:20]}})
    return given


def look_up(products: QuerySet[Product], given: list[str]) -> list[dict[str, Any]]:
    """One query; a row for each text, in order."""
    read = {text: _read(text) for text in dict.fromkeys(given)}
    keys = {reading.product for found in read.values() if not isinstance(found, str) for reading in found}
    ratings = {rating["ndc"]: rating for rating in map(as_rating, rating_rows(_with_keys(products, keys)))}
    answers = {text: _answer(text, found, ratings) for text, found in read.items()}
    return [answers[text] for text in given]


def _read(text: str) -> list[Ndc] | str:
    """The readings, or why there are none."""
    try:
        return readings(text)
    except NdcError as error:
        return str(error)


def _with_keys(products: QuerySet[Product], keys: Iterable[str]) -> QuerySet[Product]:
    """One array instead of a parameter each."""
    return products.filter(ndc__in=RawSQL("SELECT unnest(%s::text[])", [list(keys)]))


def _answer(text: str, found: list[Ndc] | str, ratings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if isinstance(found, str):
        return _row(text, INVALID, reason=found)
    known = {reading.product: reading for reading in found if reading.product in ratings}
    if len(known) == 1:
        product, reading = known.popitem()
        return _row(text, FOUND, read_as=reading.package or product, rating=ratings[product])
    if known:
        return _row(text, AMBIGUOUS, candidates=[candidate(ratings[product]) for product in sorted(known)])
    if len(found) == 1:
        return _row(text, UNKNOWN, read_as=found[0].package or found[0].product)
    return _row(text, UNKNOWN)


def _row(
    given: str,
    status: str,
    read_as: str | None = None,
    rating: dict[str, Any] | None = None,
    candidates: list[dict[str, str]] | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    return {
        "given": given,
        "status": status,
        "read_as": read_as,
        "rating": rating,
        "candidates": candidates or [],
        "reason": reason,
    }
