"""That a rating is contested, and since when: all that everybody may know of a request for review.

Read beside the head and never written to it: workers hold heads, and who asks for a review waits for nobody. An index
of the open requests, which are few, answers for each product shown.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from products.models import Enrolment, Product
from ratings.models import Preview, ReviewRequest

UNDER_REVIEW, LABEL = "under_review", "Under review"


def open_reviews() -> QuerySet[ReviewRequest]:
    """Those of firms that still have the product: what an earlier one contested is not told of the next one's.

    What contests a result in preview is told once the preview is over: before, others would learn that there is one.
    """
    today = timezone.localdate()
    held = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today),
        product=OuterRef("product"),
        organisation=OuterRef("organisation"),
        enrolled_on__lte=today,
    )
    previewed = Exists(Preview.objects.filter(product=OuterRef("product")))
    unseen = previewed & Q(snapshot__held=True, snapshot__publication=None)
    return ReviewRequest.objects.filter(~unseen, Exists(held), closed_at=None)


def with_reviews(rows: QuerySet[Product]) -> QuerySet[Any]:
    """Each with `reviewed_since`: when the oldest open request was made; None where none is open. No query more."""
    oldest = open_reviews().filter(product=OuterRef("pk")).order_by("opened_at")
    return rows.annotate(reviewed_since=Subquery(oldest.values("opened_at")[:1]))


def is_under_review() -> Q:
    """Of products, by their heads, beside whose other conditions it is then looked up; asks for the open requests,
    which are few."""
    return Q(rating__in=[*open_reviews().order_by().values_list("product", flat=True)])
