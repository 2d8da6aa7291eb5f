"""From an NDC in an address to the product it names."""

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from dscr.api.errors import ProblemError
from products.models import Product
from products.ndc import PRODUCT_KEY, NdcError, readings

NDC = OpenApiParameter(
    "ndc",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="An NDC in any form: 0002-0800-01, 00002-0800-01, 000002-0800, or bare digits. A package is read as "
    "its product.",
    examples=[],
)
AMBIGUOUS = OpenApiResponse(
    description="The bare digits fit several products. `candidates` names them; give the NDC with dashes."
)


class AmbiguousNdcError(ProblemError):
    status_code, code = 409, "ambiguous-ndc"


def keys_of(text: str) -> list[str]:
    """The canonical product keys that the text can be read as; Http404 where it is no NDC."""
    if PRODUCT_KEY.fullmatch(text):
        return [text]
    try:
        return sorted({reading.product for reading in readings(text)})
    except NdcError:
        raise Http404 from None


def key_named(products: QuerySet[Product], text: str) -> str:
    """The key of the one product of `products` that the NDC names, without a query where it has one reading.

    Raises Http404, or AmbiguousNdcError with the candidates.
    """
    keys = keys_of(text)
    if len(keys) == 1:
        return keys[0]
    found = list(products.filter(ndc__in=keys).order_by("ndc").values("ndc", "display_ndc", "nonproprietary_name"))
    if not found:
        raise Http404
    if len(found) > 1:
        raise AmbiguousNdcError(
            f"{text} can be read as several NDCs: {', '.join(row['display_ndc'] for row in found)}. "
            "Give one of them with dashes.",
            candidates=[candidate(row) for row in found],
        )
    return found[0]["ndc"]


def candidate(row: dict[str, str]) -> dict[str, str]:
    return {"ndc": row["ndc"], "display_ndc": row["display_ndc"], "name": row["nonproprietary_name"]}
