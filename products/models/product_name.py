"""Every name that products go by: what a search looks through before it reads products."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class ProductName(models.Model):
    """A proprietary, nonproprietary or labeler name, once, in lower case: a quarter as many as there are products.

    A trigger on products fills it (migration 0014). A name that no product bears any more stays: it finds nothing.
    """

    name = models.TextField(primary_key=True)

    class Meta:
        indexes = [GinIndex(name="product_name_trigram", fields=["name"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.name
