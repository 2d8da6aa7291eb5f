"""Which products are on the FDA shortage list today, by the rule of the rating itself (ratings/loaders.py)."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from products.models import Shortage


def latest_shortages(on: date | None = None) -> QuerySet[Shortage]:
    """The deciding entry of every package: its latest change up to that day; on one day "current" goes first."""
    begun = Shortage.objects.filter(changed_on__lte=on or timezone.localdate())
    return begun.order_by("package_ndc", "-changed_on", "status").distinct("package_ndc")


def current_shortages(on: date | None = None) -> QuerySet[Shortage]:
    """Deciding entries that say "current". `.values("product_ndc")` are the products in shortage."""
    return Shortage.objects.filter(pk__in=latest_shortages(on).values("pk"), status=Shortage.Status.CURRENT)
