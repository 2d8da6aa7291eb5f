"""The list of ratings, by the page's own filters."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint, read_query, refuse_unknown
from dscr.api.errors import QueryError
from dscr.api.pagination import PageQuery, page_of
from dscr.api.statements import NUMBER, TEXT, Statement, statement
from products.api.examples import page
from products.api.views import NDC_KEY
from products.models import Product
from ratings.api import examples
from ratings.api.changes import Horizon, horizon, published_since, since_of
from ratings.api.rows import as_ratings, rating_rows
from ratings.api.serializers import RatingRowSerializer
from ratings.filters import ASKED_STATUSES, RatingFilter, band_choices
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


# Not `mine`: statements are kept for all readers who may read all, so no filter may depend on who reads.
FILTERS = tuple(name for name in RatingFilter.base_filters if name not in ("sort", "mine"))
KNOWN = (*FILTERS, *RatingQuery().fields)
READ_THE_DATABASE = ("q", "list", "labeler", "route", "status")  # to be understood, so what they mean may change
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
        enum=list(ASKED_STATUSES),
        description="In one of these states; `under_review` is beside any of the others.",
    ),
    OpenApiParameter("in_shortage", OpenApiTypes.STR, enum=["yes", "no"], description="On the FDA list now."),
    OpenApiParameter(
        "enrolled",
        OpenApiTypes.STR,
        enum=["yes", "no"],
        description="Taking part; `no` also lists withdrawn products. Without this, `status` and `q`, those that take "
        "part or have withdrawn are listed.",
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
        examples=[page(examples.ROW, next_since="184467")],
    )
    def get(self, request: Request) -> Response:
        """Products with their published ratings, by NDC.

        A rating is about steady supply. It says nothing about safety, effectiveness or quality.
        """
        refuse_unknown(request.query_params, KNOWN)
        query = read_query(request, RatingQuery())
        now = horizon()
        next_since = query.get("next_since") or str(now.lowest_open)
        page = NDC_KEY.cut(request, query, as_ratings(read(request, query, now)), next_since=next_since)
        return Response({"next": page["next"], "next_since": next_since, "results": page["results"]})


def read(request: Request, query: dict[str, Any], now: Horizon) -> list[tuple[Any, ...]]:
    """Tuples of COLUMNS, one more than the page has if there are more."""
    given = request.query_params
    since = since_of(query["updated_since"], now) if "updated_since" in query else None
    after = NDC_KEY.key_of(query["cursor"]) if "cursor" in query else None

    def build() -> QuerySet[Any]:
        rows = filtered(rating_list(request.user), given)
        if after is not None:
            rows = rows.filter(ndc__gt=TEXT)
        if since is not None:
            rows = published_since(rows, NUMBER if isinstance(since, int) else since)
        return rating_rows(rows).order_by("ndc")[: query["page_size"] + 1]

    asked = frozenset((name, tuple(given.getlist(name))) for name in given if name in FILTERS)
    if isinstance(since, datetime) or any(name in given for name in READ_THE_DATABASE):
        found = Statement(build())
    else:
        key = ("ratings", asked, after is None, since is None, query["page_size"], timezone.localdate())
        found = statement(request.user, "read_published", key, build)
    return found.run(after, since if isinstance(since, int) else None)


def filtered(products: QuerySet[Product], given: Any) -> QuerySet[Product]:
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
