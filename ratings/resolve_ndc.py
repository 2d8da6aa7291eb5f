"""From an NDC as people type it to the product it names, for commands."""

from collections.abc import Iterable

from django.core.management.base import CommandError

from products.models import Product
from products.ndc import NdcError, readings


def product_named(text: str) -> Product:
    """The product of an NDC in any form; CommandError saying which readings were tried where it is not exactly one."""
    try:
        keys = sorted({reading.product for reading in readings(text)})
    except NdcError as error:
        raise CommandError(str(error)) from None
    found = list(Product.objects.filter(ndc__in=keys))
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"No product has the NDC {text!r} (looked for {', '.join(keys)}).")
    candidates = ", ".join(f"{product.ndc} ({product.nonproprietary_name})" for product in found)
    raise CommandError(f"{text!r} can be read as several NDCs; give one with dashes: {candidates}.")


def products_named(texts: Iterable[str]) -> list[Product]:
    return [product_named(text) for text in texts]
