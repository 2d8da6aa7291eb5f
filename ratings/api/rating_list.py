"""The list of ratings, by the page's own filters."""

from functools import lru_cache
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint, read_query, refuse_unknown
from dscr.api.errors import QueryError
from dscr.api.pagination import PageQuery, page_of
from products.api.views import NDC_KEY
from products.models import Product
from ratings.api.changes import horizon, published_since
from ratings.api.rows import COLUMNS, as_ratings
from ratings.api.serializers import STATUS_CHOICES, RatingRowSerializer
from ratings.filters import RatingFilter, band_choices
from ratings.queries.rating_list import rating_list


class RatingQuery(PageQuery):
    updated_since = serializers.CharField(
        required=False,
        max_length=40,
        help_text="Only ratings published since: the `next_since` of an earlier answer. To begin, a time with its "
        "zone will do; it is taken sixteen minutes earlier, longer than a result may take from computed to published.",
    )
    next_since = serializers.RegexField(
        r"^[0-9]{1,18}$", required=False, help_text="Part of `next`; keeps the value of the first page."
    )


FILTERS = tuple(name for name in RatingFilter.base_filters if name != "sort")
PLAIN = {
    "q": "A drug, a labeler or an NDC in any form, as typed into the search.",
    "molecule": "Exactly this molecule, such as CISPLATIN.",
    "dosage_form": "Exactly this form, such as INJECTION, SOLUTION.",
    "route": "This route, also of products with several, such as INTRAVENOUS.",
    "labeler": "Part of the labeler's name.",
}
PARAMETERS = [
    *(OpenApiParameter(name, OpenApiTypes.STR, description=text) for name, text in PLAIN.items()),
    OpenApiParameter("list", OpenApiTypes.INT, description="On the drug list with this number."),
    OpenApiParameter(
        "band",
        OpenApiTypes.INT,
        many=True,
        enum=[int(number) for number, _ in band_choices()],
        description="In one of these bands, 1 (very low) to 5 (very high).",
    ),
    OpenApiParameter(
        "status",
        OpenApiTypes.STR,
        many=True,
        enum=[code for code, _ in STATUS_CHOICES],
        description="In one of these states.",
    ),
    OpenApiParameter("in_shortage", OpenApiTypes.STR, enum=["yes", "no"], description="On the FDA list now."),
    OpenApiParameter(
        "enrolled",
        OpenApiTypes.STR,
        enum=["yes", "no"],
        description="Taking part. Without this, `status` and `q`, only products that take part are listed.",
    ),
    OpenApiParameter("min_score", OpenApiTypes.NUMBER, description="0 to 100."),
    OpenApiParameter("max_score", OpenApiTypes.NUMBER, description="0 to 100."),
    RatingQuery,
]


class RatingList(Endpoint):
    @extend_schema(
        operation_id="rating_list",
        tags=["ratings"],
        parameters=PARAMETERS,
        responses=page_of(
            RatingRowSerializer,
            next_since=serializers.CharField(help_text="For `updated_since` of the next run; see above."),
        ),
    )
    def get(self, request: Request) -> Response:
        """Products with their published ratings, by NDC."""
        given = request.query_params
        refuse_unknown(given, (*FILTERS, *RatingQuery().fields))
        query = read_query(request, RatingQuery())
        now = horizon()
        next_since = query.get("next_since") or str(now.lowest_open)
        rows = filtered(rating_list(request.user), given)
        if "updated_since" in query:
            rows = published_since(rows, query["updated_since"], now)
        page = NDC_KEY.page(request, query, rows.values_list(*COLUMNS), as_ratings, next_since=next_since)
        return Response({"next": page["next"], "next_since": next_since, "results": page["results"]})


def filtered(products: Any, given: Any) -> Any:
    """By the page's filters; QueryError with the page's own sentences."""
    names = frozenset(name for name in FILTERS if name in given)
    asked = narrowed(names)(given, queryset=products)
    if asked.errors:
        raise QueryError(asked.errors)
    rows: Any = asked.filtered if names else products
    return rows if names & {"q", "status", "enrolled"} else rows.filter(rating__isnull=False)


@lru_cache(maxsize=500)
def narrowed(names: frozenset[str]) -> type[RatingFilter]:
    """The page's filters without those that were not asked for: to build and to clean all of them takes longer than
    to read the rows."""
    chosen = {name: filter_ for name, filter_ in RatingFilter.base_filters.items() if name in names}
    return type("NarrowedFilter", (RatingFilter,), {"base_filters": chosen})


def readable(request: Request) -> Any:
    return Product.objects.for_user(request.user, "read_published")
