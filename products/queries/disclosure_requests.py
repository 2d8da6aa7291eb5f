"""Requests to disclose: what a firm was asked, and what an organization asked."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import DisclosureRequest, Enrolment, Product

MOST, MOST_ANSWERED = 200, 20


@dataclass(slots=True)
class Asked:
    """The newest first."""

    open: list[DisclosureRequest] = field(default_factory=list)
    answered: list[DisclosureRequest] = field(default_factory=list)


def requests_to(user: Reader, action: str) -> QuerySet[DisclosureRequest]:
    """What the reader's firm was asked (oversight: every firm) of products that it still has enrolled."""
    today: date = timezone.localdate()
    enrolled = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today),
        product=OuterRef("product"),
        organisation=OuterRef("organisation"),
        enrolled_on__lte=today,
    )
    rows = DisclosureRequest.objects.for_user(user, action).filter(Exists(enrolled))
    return rows.select_related("organisation", "product", "asking", "asked_by", "answered_by", "grant__grantee")


def asked_of_firm(user: Reader, product: str = "") -> Asked:
    """Of one product (its canonical NDC), or of all. One query."""
    rows = requests_to(user, "read_grants")
    found = Asked()
    for request in rows.filter(product__ndc=product)[:MOST] if product else rows[:MOST]:
        (found.open if request.state == DisclosureRequest.State.OPEN else found.answered).append(request)
    found.answered = found.answered[:MOST_ANSWERED]
    return found


def asked_by_reader(user: Reader, product: Product | None = None) -> QuerySet[DisclosureRequest]:
    """What the reader's organization asked, of one product or of all."""
    rows = DisclosureRequest.objects.for_user(user, "ask_disclosure")
    rows = rows.filter(product=product) if product else rows
    return rows.select_related("organisation", "product", "asked_by", "grant__grantee")
