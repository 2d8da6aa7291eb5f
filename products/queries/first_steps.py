"""What a maker has still to give of an enrolled product before it can be rated."""

from django.db.models import Q
from django.utils import timezone

from products.models import KpiSubmission, Product, SupplyNode


def lacks_supply(product: Product) -> bool:
    """No establishment is named at any stage today. One query."""
    today = timezone.localdate()
    nodes = SupplyNode.objects.filter(product=product, voided_at=None, valid_from__lte=today)
    return not nodes.filter(Q(valid_to=None) | Q(valid_to__gt=today)).exists()


def lacks_figures(product: Product) -> bool:
    """No attested figures count. One query."""
    attested = KpiSubmission.objects.filter(product=product, attested_at__isnull=False)
    return not attested.filter(superseded_at=None, voided_at=None).exists()
