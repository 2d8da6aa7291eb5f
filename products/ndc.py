"""Reading National Drug Codes in every form people write them, into one canonical key.

Canonical: product 6-4 (`000002-0800`), package 6-4-2 (`000002-0800-01`), the uniform form of 7 March 2033. Bare digits
are ambiguous (10) or lose the padding (11), so a reader gets candidates, never a guess.
Source: design/domain.md, "NDC".
"""

import re
from functools import lru_cache
from typing import NamedTuple

PRODUCT_KEY = re.compile(r"^\d{6}-\d{4}$")
PACKAGE_KEY = re.compile(r"^\d{6}-\d{4}-\d{2}$")

# Labeler-product lengths that the FDA has issued, and the uniform forms they are padded to.
Lengths = tuple[int, ...]
PRODUCT_FORMS: dict[Lengths, str] = {(4, 4): "4-4", (5, 3): "5-3", (5, 4): "5-4", (6, 4): "6-4"}
PACKAGE_FORMS: dict[Lengths, str] = {
    (4, 4, 2): "4-4-2",
    (5, 3, 2): "5-3-2",
    (5, 4, 1): "5-4-1",
    (5, 4, 2): "5-4-2",
    (6, 4, 2): "6-4-2",
}

# Dashes that word processors and web pages put in place of the plain one.
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


class NdcError(ValueError):
    """The text is no NDC; the message says what is wrong and which forms are read."""


class Ndc(NamedTuple):
    """One reading of an NDC. `package` is None where only labeler and product are given; `written` has the dashes
    where this reading puts them, without padding."""

    product: str
    package: str | None
    form: str
    written: str

    @property
    def is_package(self) -> bool:
        return self.package is not None


def _key(labeler: str, product: str) -> str:
    return f"{labeler.zfill(6)}-{product.zfill(4)}"


@lru_cache(maxsize=100_000)
def product_key(text: str) -> str:
    """The canonical 6-4 key of a dashed product code such as 0002-0800; NdcError if it is not one."""
    ndc = read_dashed(text)
    if ndc.package is not None:
        raise NdcError(f"{text!r} names a package; a product code has two segments.")
    return ndc.product


def package_key(text: str) -> str:
    """The canonical 6-4-2 key of a dashed package code such as 0002-0800-01; NdcError if it is not one."""
    ndc = read_dashed(text)
    if ndc.package is None:
        raise NdcError(f"{text!r} names a product; a package code has three segments.")
    return ndc.package


def read_dashed(text: str) -> Ndc:
    """The one reading of a dashed code with two or three segments."""
    written = text.strip()
    segments = written.split("-")
    lengths = tuple(map(len, segments))
    digits = "".join(segments)
    if not (all(lengths) and digits.isascii() and digits.isdecimal()):
        raise NdcError(f"{written!r} is no NDC: segments are digits joined by dashes, such as 0002-0800-01.")
    if form := PRODUCT_FORMS.get(lengths):
        return Ndc(_key(*segments), None, form, written)
    if form := PACKAGE_FORMS.get(lengths):
        product = _key(segments[0], segments[1])
        return Ndc(product, f"{product}-{segments[2].zfill(2)}", form, written)
    form = "-".join(map(str, lengths))
    raise NdcError(
        f"{written!r} is no NDC: its segments have {form} digits. Read are labeler-product "
        "4-4, 5-3, 5-4, 6-4 and labeler-product-package 4-4-2, 5-3-2, 5-4-1, 5-4-2, 6-4-2."
    )


def readings(text: str) -> list[Ndc]:
    """Every reading of a code as people type it; more than one where bare digits are ambiguous.

    10 bare digits may be 4-4-2, 5-3-2 or 5-4-1; 11 are the billing form 5-4-2; 12 are 6-4-2. 8 or 9 digits are a
    product in the same three forms. Raises NdcError where nothing can be read.
    """
    text = re.sub(r"^\s*NDC[\s:#]*", "", text, flags=re.IGNORECASE).strip().translate(DASHES)
    if "-" in text:
        return [read_dashed(text)]
    if not re.fullmatch(r"[0-9]+", text):
        raise NdcError(f"{text!r} is no NDC: give digits with or without dashes, such as 0002-0800-01.")
    shapes = {
        8: ((4, 4), (5, 3)),
        9: ((5, 4),),
        10: ((4, 4, 2), (5, 3, 2), (5, 4, 1), (6, 4)),
        11: ((5, 4, 2),),
        12: ((6, 4, 2),),
    }.get(len(text))
    if shapes is None:
        raise NdcError(f"{text!r} is no NDC: it has {len(text)} digits; an NDC has 8 to 12.")
    return [read_dashed("-".join(_cut(text, shape))) for shape in shapes]


def _cut(text: str, lengths: tuple[int, ...]) -> list[str]:
    parts, start = [], 0
    for length in lengths:
        parts.append(text[start : start + length])
        start += length
    return parts
