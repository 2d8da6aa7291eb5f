"""One product's rating, its history and its explanation, as deep as the reader sees."""

from datetime import date
from typing import Any

import orjson
from django.db.models import F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, JSONObject
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.access.scoping import may
from dscr.api.concurrency import unless_known
from dscr.api.endpoint import Endpoint
from dscr.api.statements import TEXT, statement
from dscr.audit.notes import note, note_each
from products.api.examples import answer
from products.api.named import AMBIGUOUS, NDC, key_named
from products.models import Enrolment, Product
from products.queries.granted import with_grants
from qmm.queries.sight import grant_subjects
from ratings.api import examples, shapes
from ratings.api.rows import COLUMNS, LATER, as_rating
from ratings.api.serializers import ExplanationSerializer, HistorySerializer, RatingSerializer
from ratings.models import RatingSnapshot
from ratings.queries.explained import establishment_ids
from ratings.queries.preview import preview_of
from ratings.queries.published import PublishedView, published_view
from ratings.queries.rating_detail import rating_figures, rating_granted, rating_history
from ratings.queries.sight import sight_of
from ratings.queries.under_review import with_reviews

# What `published_view` reads of a snapshot beyond the columns of a row.
MORE = ("id", "explanation", "inputs")
COMPUTED = "rating__computed_snapshot_id"  # never told: it says only that there may be a preview
SNAPSHOT = "rating__published_snapshot__"
OF_SNAPSHOT = {
    place: column.removeprefix(SNAPSHOT)
    for place, column in enumerate(COLUMNS)
    if column.startswith(SNAPSHOT) and column != LATER
}
WIDTH = len(COLUMNS)


class RatingDetail(Endpoint):
    @extend_schema(
        operation_id="rating_detail",
        tags=["ratings"],
        parameters=[NDC],
        responses={200: RatingSerializer, 409: AMBIGUOUS},
        examples=[answer(examples.DETAIL)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """What was published of one product's rating, with its domains in words and whole points.

        `preview` is for the enrolling manufacturer, the operator and auditors: the result that will be published, and
        when. A rating is about steady supply. It says nothing about safety, effectiveness or quality.
        """
        products = Product.objects.for_user(request.user, "read_published")
        key = key_named(products, ndc)
        today = timezone.localdate()
        rows = statement(
            request.user,
            "read_published",
            ("rating", today),
            lambda: detail_rows(products, today),
            prepares=True,
        )
        found = next(iter(rows.run(key)), None)
        if found is None:
            raise Http404
        *row, computed = found
        preview = previewed(request, tuple(row), computed)
        return unless_known(request, told(tuple(row), preview), lambda: _detail(tuple(row)) | {"preview": preview})


def detail_rows(products: QuerySet[Product], today: date) -> QuerySet[Any]:
    """One row, of the product whose key is given."""
    begun = Enrolment.objects.filter(product=OuterRef("pk"), enrolled_on__lte=today).order_by("-enrolled_on")
    told = JSONObject(
        organisation=F("organisation__name"),
        enrolled_on=F("enrolled_on"),
        withdrawn_on=F("withdrawn_on"),
        suspended_on=F("suspended_on"),
    )
    latest = Cast(Subquery(begun.values(told=told)[:1]), TextField())
    columns = *COLUMNS, *(SNAPSHOT + name for name in MORE), latest, COMPUTED
    return with_reviews(products).filter(ndc=TEXT).values_list(*columns)


def previewed(request: Request, found: tuple[Any, ...], computed: int | None) -> dict[str, Any] | None:
    """What waits to be published; None for readers who see published results only, and where nothing waits."""
    user = request.user
    if computed in (None, found[WIDTH]) or not may(user, "read_figures"):
        return None
    readable = Product.objects.for_user(user, "read_figures").select_related("rating__published_snapshot")
    product = readable.filter(ndc=found[0]).first()
    if product is None:
        return None
    head = getattr(product, "rating", None)
    sight = sight_of(user, product)
    view = preview_of(user, head, sight, head and head.published_snapshot)
    if view is None:
        return None
    note(request, "viewed", product, detail="preview")
    note_each(request, "viewed", grant_subjects(sight.grants_used(establishment_ids([view.snapshot]))))
    return shapes.preview(view)


def told(found: tuple[Any, ...], preview: dict[str, Any] | None) -> tuple[Any, ...]:
    """What decides the answer, times as they are told: an ETag by the exact ones would change with every batch, and so
    tell which products share a supplier."""
    return as_rating(found[:WIDTH]), *found[WIDTH:], *([preview] if preview else ())


def _detail(found: tuple[Any, ...]) -> dict[str, Any]:
    more, enrolment = dict(zip(MORE, found[WIDTH:-1], strict=True)), found[-1]
    rating = as_rating(found[:WIDTH])
    if more["id"] is None:
        view = shapes.without_snapshot(rating["status"])
    else:
        view = published_view(RatingSnapshot(**more, **{name: found[place] for place, name in OF_SNAPSHOT.items()}))
    return rating | shapes.published(view) | {"enrolment": orjson.loads(enrolment) if enrolment else None}


class RatingHistory(Endpoint):
    @extend_schema(
        operation_id="rating_history",
        tags=["ratings"],
        parameters=[NDC],
        responses={200: HistorySerializer, 409: AMBIGUOUS},
        examples=[answer(examples.HISTORY)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """What was published of one product and when, each result with what changed since the one before.

        Causes name the domain; to the enrolling manufacturer, the operator and auditors they tell the figures too.
        """
        product = product_named(request, ndc)
        found = rating_history(request.user, product)
        if found.shows_figures:
            note(request, "viewed", product, detail="history")
        note_each(request, "viewed", grant_subjects(found.site_grants))
        points = [shapes.history_point(point) for point in reversed(found.points)]
        return Response({"ndc": product.ndc, "results": points})


class RatingExplanation(Endpoint):
    @extend_schema(
        operation_id="rating_explanation",
        tags=["ratings"],
        parameters=[NDC],
        responses={200: ExplanationSerializer, 409: AMBIGUOUS},
        examples=[answer(examples.EXPLANATION)],
    )
    def get(self, request: Request, ndc: str) -> Response:
        """Where the points of one rating went.

        Everyone sees domains in words and whole points. The enrolling manufacturer, the operator and auditors get
        `figures` too: every indicator with what was reported, every supply stage and establishment. A purchaser or
        coordinator gets in `disclosed` what the manufacturer has disclosed to their organization, while it does.
        """
        product = product_named(request, ndc)
        head = getattr(product, "rating", None)
        snapshot = head.published_snapshot if head else None
        figures = rating_figures(request.user, product, snapshot)
        granted = None if figures else rating_granted(request.user, product, snapshot)
        if figures:
            note(request, "viewed", product, detail="explanation")
            note_each(request, "viewed", grant_subjects(figures.site_grants))
        if granted:
            note_each(request, "viewed", granted.source.grants, detail=f"NDC {product.display_ndc}")
        return Response(
            {
                "ndc": product.ndc,
                **shapes.result(snapshot, shapes.standing_of(product)),
                **explained(published_view(snapshot) if snapshot else None),
                "figures": shapes.figures(figures) if figures else None,
                "disclosed": shapes.disclosed(granted) if granted else None,
            }
        )


def explained(view: PublishedView | None) -> dict[str, Any]:
    told = shapes.published(view or shapes.without_snapshot(""))
    return {name: told[name] for name in ("points_lost", "domains", "gate_reasons")}


def product_named(request: Request, ndc: str) -> Product:
    """With its head and published snapshot."""
    products = Product.objects.for_user(request.user, "read_published")
    rated = with_grants(products.select_related("rating__published_snapshot"), request.user)
    found = rated.filter(ndc=key_named(products, ndc)).first()
    if found is None:
        raise Http404
    return found
