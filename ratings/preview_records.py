"""What the firm sees before everybody else: which products have a result in preview, and when each was published.

A snapshot that was published as soon as it was computed is in neither table: the ordinary course writes nothing here.
"""

from django.db import models

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from products.models import Product


class Preview(models.Model):
    """A product whose computed result is not published yet: its head's two snapshots differ as long as this stands."""

    product = models.OneToOneField(
        Product, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="preview"
    )
    since = models.DateTimeField(
        db_index=True, help_text="The first change that was not published; later ones do not move it."
    )

    objects = ScopedManager()

    def __str__(self) -> str:
        return f"Preview of product {self.product_id} since {self.since:%Y-%m-%d %H:%M}"

    @staticmethod
    def own_rows(membership: Membership) -> models.Q:
        return models.Q(product__in=Product.objects.filter(Product.own_rows(membership)))


class Publication(models.Model):
    """A snapshot that was in preview when it was computed (`held`) and was published later. One that is held and not
    in here was seen by its firm and the operator only, and stays so."""

    snapshot = models.OneToOneField(
        "ratings.RatingSnapshot",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="publication",
    )
    published_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Snapshot {self.snapshot_id}, published {self.published_at:%Y-%m-%d %H:%M}"
