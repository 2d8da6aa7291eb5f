"""Whether a site has a part in a product that is sold in the United States: asked before an assessment of it."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from products.models import Enrolment, Listing, SupplyNode


def on_us_market(establishment_id: int, today: date) -> bool:
    """A node of today of a product that is enrolled, or listed in the directory and marketed. One query."""
    enrolled = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), product=OuterRef("product"), enrolled_on__lte=today
    )
    marketed = Listing.objects.filter(
        Q(marketing_ends_on=None) | Q(marketing_ends_on__gt=today),
        product=OuterRef("product"),
        marketing_starts_on__lte=today,
        is_excluded=False,
    )
    nodes = SupplyNode.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=today),
        establishment=establishment_id,
        voided_at=None,
        valid_from__lte=today,
    )
    return nodes.filter(Exists(enrolled) | Exists(marketed)).exists()
