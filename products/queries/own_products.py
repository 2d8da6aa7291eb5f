"""The products that a firm takes part with today."""

from django.db.models import Q
from django.utils import timezone

from dscr.access.scoping import ScopedQuerySet
from products.models import Enrolment, Product
from products.orders.product_names import OwnProduct


def enrolled_by(organisation_id: int) -> ScopedQuerySet:
    """Products, by NDC."""
    today = timezone.localdate()
    held = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), organisation=organisation_id, enrolled_on__lte=today
    )
    return Product.objects.filter(pk__in=held.values("product")).order_by("ndc")


def own_products(organisation_id: int) -> list[OwnProduct]:
    """The same with the names that an order line may call them by. One query."""
    found = enrolled_by(organisation_id).values_list("pk", "ndc", "nonproprietary_name", "proprietary_name")
    return [OwnProduct(pk, ndc, tuple(names)) for pk, ndc, *names in found]
