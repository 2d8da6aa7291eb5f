"""Which of a firm's products the text of a line means."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from products.ndc import NdcError, readings

BLANK, NOT_ENROLLED, AMBIGUOUS, UNKNOWN_NAME = -1, -2, -3, -4
REASONS = {
    BLANK: "No product is given",
    NOT_ENROLLED: "The NDC is of no product that you have enrolled",
    AMBIGUOUS: "The NDC can be read as several of your products; write it with dashes",
    UNKNOWN_NAME: "The name is matched to none of your products",
}
LONGEST = 200
MOST_KEPT = 20_000  # texts whose reading is remembered at a time
MOST_NAMED = 2_000


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """pk, canonical product key, and the names by which it may be called."""

    pk: int
    ndc: str
    names: tuple[str, ...] = ()


class ProductFinder(dict[str, int]):
    """finder[text] is the product's pk, or one of the codes above.

    An NDC in any form; a name that the firm matched; or a name that just one of its products bears.
    """

    def __init__(self, products: Iterable[OwnProduct], names: Mapping[str, int]) -> None:
        super().__init__()
        products = list(products)
        self.by_ndc = {product.ndc: product.pk for product in products}
        own = set(self.by_ndc.values())
        self.by_name = {_plain(text): pk for text, pk in names.items() if pk in own}
        borne = Counter(name for product in products for name in set(map(_plain, product.names)) if name)
        for product in products:
            for name in map(_plain, product.names):
                if borne[name] == 1:
                    self.by_name.setdefault(name, product.pk)

    def __missing__(self, text: str) -> int:
        if len(self) >= MOST_KEPT:
            self.clear()
        found = self[text] = self._find(text[:LONGEST].strip())
        return found

    def _find(self, text: str) -> int:
        if not text:
            return BLANK
        if pk := self.by_name.get(_plain(text)):
            return pk
        try:
            read = readings(text)
        except NdcError:
            return UNKNOWN_NAME
        own = {self.by_ndc[ndc.product] for ndc in read if ndc.product in self.by_ndc}
        return own.pop() if len(own) == 1 else AMBIGUOUS if own else NOT_ENROLLED


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
