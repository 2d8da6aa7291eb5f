"""The one product that a page of its maker is about."""

from django.http import Http404

from dscr.access.scoping import Reader
from products.models import Product


def own_product(user: Reader, ndc: str, action: str) -> Product:
    """By its canonical key; Http404 where it is not the reader's. One query."""
    product = Product.objects.for_user(user, action).filter(ndc=ndc).first()
    if product is None:
        raise Http404
    return product
